-- Eén rij per overeenkomst met achterstand per maandstand, per versie die bekend was.
with

bron as (
    select * from {{ source('vera', 'huurachterstand') }}
),

versies as (
    {{ kennisversies('bron', ['overeenkomst_id', 'peildatum'], 'peildatum') }}
)

select
    overeenkomst_id,
    peildatum,
    achterstand_eur,
    maanden_achterstand,
    bekend_vanaf,
    bekend_tot
from versies
