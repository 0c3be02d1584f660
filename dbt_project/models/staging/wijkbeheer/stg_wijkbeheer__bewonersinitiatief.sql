-- Eén rij per bewonersinitiatief, in een complex of een buurt, per versie die bekend was.
with

bron as (
    select * from {{ source('wijkbeheer', 'bewonersinitiatief') }}
),

versies as (
    {{ kennisversies('bron', ['bewonersinitiatief_id'], 'begindatum') }}
)

select
    bewonersinitiatief_id,
    cluster_id,
    buurt_id,
    naam,
    bedrag_eur,
    status_code,
    begindatum,
    einddatum,
    bekend_vanaf,
    bekend_tot
from versies
