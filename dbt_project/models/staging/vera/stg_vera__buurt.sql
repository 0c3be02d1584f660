-- Eén rij per buurt, volgens de laatste levering.
with

bron as (
    select * from {{ source('vera', 'buurt') }}
),

laatste as (
    {{ laatste_levering('bron') }}
)

select
    buurt_id,
    id_gegevensbeheerder,
    naam,
    wijk_id
from laatste
