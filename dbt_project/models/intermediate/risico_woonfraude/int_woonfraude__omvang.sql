-- Eén rij per complex van ten minste 10 woningen en maand: woningen op de eerste dag. Kleinere
-- complexen doen niet mee: samenvoegen kan alleen per buurt, en die leest dit model niet.
with

parameter as (
    select * from {{ ref('int_methode__parameter') }}
),

lidmaatschap as (
    select * from {{ ref('int_complex__lidmaatschap') }}
),

maand as (
    select distinct maand from {{ ref('int_woonfraude__dekking') }}
),

{{ woningen_per_maand() }}

select
    omvang.complex_id,
    omvang.maand,
    omvang.aantal_eenheden
from omvang
cross join parameter
where omvang.aantal_eenheden >= parameter.minimum_verhuureenheden
