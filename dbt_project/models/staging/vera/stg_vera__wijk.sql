-- Eén rij per wijk, volgens de laatste levering.
with

bron as (
    select * from {{ source('vera', 'wijk') }}
),

laatste as (
    {{ laatste_levering('bron') }}
)

select
    wijk_id,
    id_gegevensbeheerder,
    naam
from laatste
