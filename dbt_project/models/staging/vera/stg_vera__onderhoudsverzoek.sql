-- Eén rij per onderhoudsverzoek, per versie die bekend was.
with

bron as (
    select * from {{ source('vera', 'onderhoudsverzoek') }}
),

versies as (
    {{ kennisversies('bron', ['onderhoudsverzoek_id'], 'melddatum') }}
)

select
    onderhoudsverzoek_id,
    onderhoud_soort_code,
    status_code,
    eenheid_id,
    cluster_id,
    melddatum,
    bekend_vanaf,
    bekend_tot
from versies
