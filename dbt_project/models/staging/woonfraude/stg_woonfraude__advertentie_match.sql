-- Eén rij per complex per maand met herkende advertenties; alleen aantallen, per versie die bekend
-- was.
with

bron as (
    select * from {{ source('woonfraude', 'advertentie_match') }}
),

versies as (
    {{ kennisversies('bron', ['cluster_id', 'maand'], 'maand') }}
)

select
    cluster_id,
    maand,
    aantal,
    bekend_vanaf,
    bekend_tot
from versies
