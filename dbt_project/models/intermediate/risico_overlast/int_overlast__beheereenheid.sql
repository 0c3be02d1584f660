-- Eén rij per complex en maand: de beheereenheid waarvoor wordt voorspeld, volgens de regel van
-- int_complex__beheereenheid, op de eerste dag van de maand. Vanaf 10 woningen is dat het complex
-- zelf; kleinere van hetzelfde gebouwtype in dezelfde buurt samen; anders geen.
with

parameter as (
    select * from {{ ref('int_methode__parameter') }}
),

lidmaatschap as (
    select * from {{ ref('int_complex__lidmaatschap') }}
),

maand as (
    select distinct maand from {{ ref('int_overlast__dekking') }}
),

{{ woningen_per_maand() }},

basis as (
    select
        omvang.complex_id,
        omvang.maand,
        omvang.aantal_eenheden,
        kenmerk.gebouwtype_code,
        kenmerk.buurt_id,
        omvang.aantal_eenheden < parameter.minimum_verhuureenheden as is_klein,
        parameter.minimum_verhuureenheden
    from omvang
    inner join {{ ref('int_complex__kenmerk') }} as kenmerk
        on omvang.complex_id = kenmerk.complex_id
    cross join parameter
),

met_cluster as (
    select
        *,
        sum(case when is_klein then aantal_eenheden else 0 end) over (
            partition by maand, buurt_id, gebouwtype_code
        ) as cluster_omvang
    from basis
)

select
    complex_id,
    maand,
    aantal_eenheden,
    gebouwtype_code,
    buurt_id,
    case
        when not is_klein then complex_id
        when buurt_id is not null and cluster_omvang >= minimum_verhuureenheden
            then concat('BC-', buurt_id, '-', gebouwtype_code)
    end as beheereenheid_id
from met_cluster
