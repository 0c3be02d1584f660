-- Eén rij per beheereenheid, peildatum en indicator met gegevens: de sommen waaruit label.md stap 2
-- rekent. Een telling zonder gebeurtenis is nul waar dekking is; zonder dekking, en voor aandelen
-- en gemiddelden zonder (genoeg) waarneming, is er geen rij: onbekend, nooit nul.
with

parameter as (
    select * from {{ ref('int_methode__parameter') }}
),

indicator as (
    select * from {{ ref('indicator_eigen') }}
),

beheereenheid as (
    select * from {{ ref('int_beheereenheid__omvang') }}
),

complex as (
    select
        complex_id,
        peildatum,
        beheereenheid_id
    from {{ ref('int_complex__beheereenheid') }}
    where beheereenheid_id is not null
),

meting as (
    select * from {{ ref('int_indicator__complex') }}
),

dekking as (
    select dekking.*
    from {{ ref('int_dekking__complex_venster') }} as dekking
    cross join parameter
    where
        dekking.beheereenheid_id is not null
        and dekking.kwartalen_gedekt >= parameter.minimum_kwartalen_gedekt
),

-- noemer van een telling: woningen maal gedekte kwartalen
telling as (
    select
        dekking.beheereenheid_id,
        dekking.peildatum,
        indicator.indicator_code,
        cast(sum(coalesce(meting.teller, 0)) as decimal(18, 4)) as teller,
        cast(sum(dekking.verhuureenheden_aantal * dekking.kwartalen_gedekt) as bigint) as noemer,
        cast(null as decimal(18, 4)) as som_kwadraat,
        0 as leeftijd_kwartalen
    from dekking
    inner join indicator
        on dekking.dekkingsbron = indicator.dekkingsbron and indicator.soort_meting = 'telling'
    left join meting
        on
            dekking.complex_id = meting.complex_id
            and dekking.peildatum = meting.peildatum
            and indicator.indicator_code = meting.indicator_code
    group by 1, 2, 3
),

overig as (
    select
        complex.beheereenheid_id,
        meting.peildatum,
        meting.indicator_code,
        cast(sum(meting.teller) as decimal(18, 4)) as teller,
        cast(sum(meting.noemer) as bigint) as noemer,
        cast(sum(meting.som_kwadraat) as decimal(18, 4)) as som_kwadraat,
        max(meting.leeftijd_kwartalen) as leeftijd_kwartalen
    from meting
    inner join complex
        on meting.complex_id = complex.complex_id and meting.peildatum = complex.peildatum
    inner join indicator
        on meting.indicator_code = indicator.indicator_code and indicator.soort_meting != 'telling'
    group by 1, 2, 3
    having sum(meting.noemer) >= max(greatest(indicator.cel_minimum, 1))
),

samen as (
    select * from telling
    union all
    select * from overig
)

select
    samen.beheereenheid_id,
    samen.peildatum,
    samen.indicator_code,
    indicator.soort_meting,
    indicator.richting,
    beheereenheid.stratum_code,
    beheereenheid.gebouwtype_code,
    beheereenheid.verhuureenheden_aantal,
    samen.teller,
    samen.noemer,
    samen.som_kwadraat,
    samen.leeftijd_kwartalen
from samen
inner join indicator on samen.indicator_code = indicator.indicator_code
inner join beheereenheid
    on
        samen.beheereenheid_id = beheereenheid.beheereenheid_id
        and samen.peildatum = beheereenheid.peildatum
