-- Eén rij per beheereenheid (complex of beheercluster) en peildatum, met haar stratum:
-- gebouwtype en omvangklasse, nooit de buurt (label.md stap 2).
with

complex as (
    select * from {{ ref('int_complex__beheereenheid') }}
    where beheereenheid_id is not null
),

omvangklasse as (
    select * from {{ ref('omvangklasse') }}
),

opgeteld as (
    select
        beheereenheid_id,
        peildatum,
        cast(sum(verhuureenheden_aantal) as bigint) as verhuureenheden_aantal,
        count(*) as aantal_complexen,
        min(gebouwtype_code) as gebouwtype_code,
        min(buurt_id) as buurt_id,
        min(eigen_wijk_id) as eigen_wijk_id,
        min(is_klein) as is_beheercluster
    from complex
    group by 1, 2
)

select
    opgeteld.*,
    concat(opgeteld.gebouwtype_code, '|', omvangklasse.omvangklasse_code) as stratum_code
from opgeteld
inner join omvangklasse
    on opgeteld.verhuureenheden_aantal between omvangklasse.ondergrens and omvangklasse.bovengrens
