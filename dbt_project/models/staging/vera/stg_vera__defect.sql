-- Eén rij per defect bij een onderhoudsverzoek, per versie die bekend was.
with

bron as (
    select * from {{ source('vera', 'defect') }}
),

versies as (
    {{ kennisversies('bron', ['defect_id'], 'melddatum') }}
)

select
    defect_id,
    onderhoudsverzoek_id,
    soort_code,
    oorzaak_code,
    melddatum,
    bekend_vanaf,
    bekend_tot
from versies
