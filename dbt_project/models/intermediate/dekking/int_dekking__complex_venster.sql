-- Eén rij per dekkingsbron, complex en peildatum: hoeveel van de vier kwartalen in het venster
-- gedekt zijn. Geen melding in een gedekt kwartaal is nul; zonder dekking is het onbekend.
with

complex as (
    select * from {{ ref('int_complex__beheereenheid') }}
),

venster as (
    select * from {{ ref('int_tijd__venster') }}
),

algemeen as (
    select
        bron.dekkingsbron,
        venster.peildatum,
        cast(sum(case when bron.is_gedekt then 1 else 0 end) as integer) as kwartalen_gedekt
    from venster
    inner join {{ ref('int_dekking__bron_kwartaal') }} as bron on venster.kwartaal = bron.kwartaal
    group by 1, 2
),

afwijking as (
    select
        uitzondering.dekkingsbron,
        uitzondering.complex_id,
        venster.peildatum,
        cast(sum(case when uitzondering.is_gedekt then 1 else -1 end) as integer) as kwartalen
    from venster
    inner join {{ ref('int_dekking__uitzondering') }} as uitzondering
        on venster.kwartaal = uitzondering.kwartaal
    group by 1, 2, 3
)

select
    algemeen.dekkingsbron,
    complex.complex_id,
    complex.peildatum,
    complex.beheereenheid_id,
    complex.verhuureenheden_aantal,
    algemeen.kwartalen_gedekt + coalesce(afwijking.kwartalen, 0) as kwartalen_gedekt
from complex
inner join algemeen on complex.peildatum = algemeen.peildatum
left join afwijking
    on
        algemeen.dekkingsbron = afwijking.dekkingsbron
        and complex.complex_id = afwijking.complex_id
        and complex.peildatum = afwijking.peildatum
