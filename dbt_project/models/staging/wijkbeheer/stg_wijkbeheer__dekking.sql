-- Eén rij per bron, complex en periode zonder of met dekking, volgens de laatste levering.
with

bron as (
    select * from {{ source('wijkbeheer', 'dekking') }}
),

laatste as (
    {{ laatste_levering('bron') }}
)

select
    bron,
    cluster_id,
    begindatum,
    einddatum,
    is_gedekt
from laatste
