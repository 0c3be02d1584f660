-- Eén rij per complex per maand met geweigerde toegang; alleen aantallen, per versie die bekend
-- was.
with

bron as (
    select * from {{ source('woonfraude', 'toegang_geweigerd') }}
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
