-- Eén rij per model: wat er op de laatste peildatum kiest (model, vaste regel of niets), en waarom.
with

stand as (
    select * from {{ source('buurtpeil', 'risicomodel') }}
)

select
    model,
    peildatum,
    stand,
    scoreversie,
    soort,
    k,
    getraind_op,
    aantal_complexen,
    zin,
    gezakt,
    kaart
from stand
