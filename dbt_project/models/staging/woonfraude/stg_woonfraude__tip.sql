-- Eén rij per tip over een complex, per versie die bekend was.
with

bron as (
    select * from {{ source('woonfraude', 'tip') }}
),

versies as (
    {{ kennisversies('bron', ['tip_id'], 'datum') }}
)

select
    tip_id,
    cluster_id,
    datum,
    bekend_vanaf,
    bekend_tot
from versies
