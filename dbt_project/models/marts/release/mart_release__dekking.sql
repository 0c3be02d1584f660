-- Eén rij per dekkingsbron en kwartaal: het deel van de woningen waarvoor wordt vastgelegd.
with

algemeen as (
    select * from {{ ref('int_dekking__bron_kwartaal') }}
),

uitzondering as (
    select * from {{ ref('int_dekking__uitzondering') }}
),

omvang as (
    select
        complex_id,
        max(verhuureenheden_aantal) as verhuureenheden_aantal
    from {{ ref('int_complex__omvang') }}
    group by 1
),

totaal as (
    select sum(verhuureenheden_aantal) as verhuureenheden_aantal from omvang
),

afwijking as (
    select
        uitzondering.dekkingsbron,
        uitzondering.kwartaal,
        sum(
            case when uitzondering.is_gedekt then 1 else -1 end * omvang.verhuureenheden_aantal
        ) as verhuureenheden_aantal
    from uitzondering
    inner join omvang on uitzondering.complex_id = omvang.complex_id
    group by 1, 2
)

select
    algemeen.dekkingsbron as bron,
    algemeen.kwartaal,
    {{ rond12(
        '(case when algemeen.is_gedekt then 1.0 else 0.0 end '
        ~ '+ coalesce('
        ~ deel('1.0 * afwijking.verhuureenheden_aantal', 'totaal.verhuureenheden_aantal')
        ~ ', 0))'
    ) }} as aandeel_gedekt
from algemeen
cross join totaal
left join afwijking
    on
        algemeen.dekkingsbron = afwijking.dekkingsbron
        and algemeen.kwartaal = afwijking.kwartaal
