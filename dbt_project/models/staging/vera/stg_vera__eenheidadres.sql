-- Eén rij per eenheid: het adres, volgens de laatste levering.
with

bron as (
    select * from {{ source('vera', 'eenheidadres') }}
),

laatste as (
    {{ laatste_levering('bron') }}
)

select
    eenheid_id,
    straatnaam,
    buurt_id,
    adres_sleutel,
    nummer_sleutel,
    eenheid_sleutel,
    index_vingerafdruk
from laatste
