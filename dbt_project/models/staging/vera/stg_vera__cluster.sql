-- Eén rij per cluster (VERA Cluster), volgens de laatste levering.
with

bron as (
    select * from {{ source('vera', 'cluster') }}
),

laatste as (
    {{ laatste_levering('bron') }}
)

select
    cluster_id,
    soort_code,
    code,
    naam,
    begindatum,
    einddatum,
    lengtegraad,
    breedtegraad
from laatste
