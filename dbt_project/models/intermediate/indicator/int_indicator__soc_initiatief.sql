-- Eén rij per complex en peildatum: van de gedekte kwartalen in het venster het aantal waarin een
-- bewonersinitiatief liep, in het complex of voor zijn hele buurt. Zo hangt het niet af van hoe
-- groot het complex is: twee initiatieven tegelijk tellen als één.
with

initiatief as (
    select * from {{ ref('stg_wijkbeheer__bewonersinitiatief') }}
    where coalesce(status_code, 'toegekend') in ('toegekend', 'afgerond')
),

venster as (
    select * from {{ ref('int_tijd__venster') }}
),

parameter as (
    select * from {{ ref('int_methode__parameter') }}
),

dekking as (
    select dekking.*
    from {{ ref('int_dekking__complex_venster') }} as dekking
    cross join parameter
    where
        dekking.dekkingsbron = 'initiatieven'
        and dekking.kwartalen_gedekt >= parameter.minimum_kwartalen_gedekt
),

algemeen as (
    select * from {{ ref('int_dekking__bron_kwartaal') }}
    where dekkingsbron = 'initiatieven'
),

uitzondering as (
    select * from {{ ref('int_dekking__uitzondering') }}
    where dekkingsbron = 'initiatieven'
),

lopend as (
    select distinct
        initiatief.cluster_id,
        case when initiatief.cluster_id is null then initiatief.buurt_id end as buurt_id,
        venster.peildatum,
        venster.kwartaal
    from initiatief
    inner join venster
        on
            initiatief.begindatum < {{ tel_maanden('venster.kwartaal', 3) }}
            and coalesce(initiatief.einddatum, date '9999-12-31') >= venster.kwartaal
            and {{ is_bekend('initiatief', 'venster.peildatum') }}
),

per_complex as (
    select
        cluster_id as complex_id,
        peildatum,
        kwartaal
    from lopend
    where cluster_id is not null
    union
    select
        kenmerk.complex_id,
        lopend.peildatum,
        lopend.kwartaal
    from lopend
    inner join {{ ref('int_complex__kenmerk') }} as kenmerk
        on lopend.buurt_id = kenmerk.eigen_buurt_id
),

kwartalen as (
    select
        per_complex.complex_id,
        per_complex.peildatum,
        count(*) as aantal
    from per_complex
    inner join algemeen on per_complex.kwartaal = algemeen.kwartaal
    left join uitzondering
        on
            per_complex.kwartaal = uitzondering.kwartaal
            and per_complex.complex_id = uitzondering.complex_id
    where coalesce(uitzondering.is_gedekt, algemeen.is_gedekt)
    group by 1, 2
),

samen as (
    select
        dekking.complex_id,
        dekking.peildatum,
        dekking.kwartalen_gedekt,
        coalesce(kwartalen.aantal, 0) as aantal
    from dekking
    left join kwartalen
        on dekking.complex_id = kwartalen.complex_id and dekking.peildatum = kwartalen.peildatum
)

select
    {{ indicator_kolommen('SOC_INITIATIEF', 'aantal', 'kwartalen_gedekt') }}
from samen
