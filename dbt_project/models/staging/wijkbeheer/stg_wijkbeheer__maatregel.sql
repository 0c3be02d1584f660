-- Eén rij per maatregel in een complex, per versie die bekend was.
with

bron as (
    select * from {{ source('wijkbeheer', 'maatregel') }}
),

versies as (
    {{ kennisversies('bron', ['maatregel_id'], 'begindatum') }}
)

select
    maatregel_id,
    cluster_id,
    soort_code,
    begindatum,
    einddatum,
    bekend_vanaf,
    bekend_tot
from versies
