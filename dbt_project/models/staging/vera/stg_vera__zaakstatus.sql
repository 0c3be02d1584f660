-- Eén rij per statusovergang van een zaak (VERA Zaakstatus), per versie die bekend was.
with

bron as (
    select * from {{ source('vera', 'zaakstatus') }}
),

versies as (
    {{ kennisversies('bron', ['zaak_id', 'soort_code', 'begindatum'], 'begindatum') }}
)

select
    zaak_id,
    soort_code,
    begindatum,
    bekend_vanaf,
    bekend_tot
from versies
