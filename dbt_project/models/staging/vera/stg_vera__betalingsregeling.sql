-- Eén rij per betalingsregeling, per versie die bekend was.
with

bron as (
    select * from {{ source('vera', 'betalingsregeling') }}
),

versies as (
    {{ kennisversies('bron', ['betalingsregeling_id'], 'begindatum') }}
)

select
    betalingsregeling_id,
    overeenkomst_id,
    status_code,
    begindatum,
    einddatum,
    bekend_vanaf,
    bekend_tot
from versies
