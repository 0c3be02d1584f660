-- Eén rij per eenheid in een cluster per periode, volgens de laatste levering.
with

bron as (
    select * from {{ source('vera', 'cluster_eenheid') }}
),

laatste as (
    {{ laatste_levering('bron') }}
)

select
    cluster_id,
    eenheid_id,
    begindatum,
    einddatum
from laatste
