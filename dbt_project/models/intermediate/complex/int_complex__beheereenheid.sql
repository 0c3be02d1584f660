-- Eén rij per complex en peildatum: de eenheid waarvoor een label wordt bepaald (label.md stap 0).
-- Vanaf 10 woningen is dat het complex zelf; kleinere complexen van hetzelfde gebouwtype in
-- dezelfde buurt vormen samen een beheercluster; blijft dat te klein, dan is er geen.
with

parameter as (
    select * from {{ ref('int_methode__parameter') }}
),

omvang as (
    select * from {{ ref('int_complex__omvang') }}
),

kenmerk as (
    select * from {{ ref('int_complex__kenmerk') }}
),

basis as (
    select
        omvang.complex_id,
        omvang.peildatum,
        omvang.verhuureenheden_aantal,
        kenmerk.gebouwtype_code,
        kenmerk.buurt_id,
        kenmerk.eigen_wijk_id,
        omvang.verhuureenheden_aantal < parameter.minimum_verhuureenheden as is_klein,
        parameter.minimum_verhuureenheden
    from omvang
    inner join kenmerk on omvang.complex_id = kenmerk.complex_id
    cross join parameter
),

met_cluster as (
    select
        *,
        sum(case when is_klein then verhuureenheden_aantal else 0 end) over (
            partition by peildatum, buurt_id, gebouwtype_code
        ) as cluster_omvang
    from basis
)

select
    complex_id,
    peildatum,
    verhuureenheden_aantal,
    gebouwtype_code,
    buurt_id,
    eigen_wijk_id,
    is_klein,
    case
        when not is_klein then complex_id
        when buurt_id is not null and cluster_omvang >= minimum_verhuureenheden
            then concat('BC-', buurt_id, '-', gebouwtype_code)
    end as beheereenheid_id
from met_cluster
