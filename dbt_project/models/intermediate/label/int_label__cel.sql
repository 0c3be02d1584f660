-- Eén rij per beheereenheid, peildatum en indicator op eigen gegevens: de sommen waaruit label.md
-- stap 2 rekent, en waarom er geen zijn. Een telling zonder gebeurtenis is nul waar dekking is en
-- onbekend waar die ontbreekt; aandelen en gemiddelden zonder waarneming zijn onbekend.
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

complex_beheereenheid as (
    select
        complex_id,
        peildatum,
        beheereenheid_id
    from {{ ref('int_complex__beheereenheid') }}
    where beheereenheid_id is not null
),

gemeten as (
    select
        complex_beheereenheid.beheereenheid_id,
        meting.peildatum,
        meting.indicator_code,
        sum(meting.teller) as teller,
        cast(sum(meting.noemer) as bigint) as noemer,
        sum(meting.som_kwadraat) as som_kwadraat,
        max(meting.leeftijd_kwartalen) as leeftijd_kwartalen
    from {{ ref('int_indicator__complex') }} as meting
    inner join complex_beheereenheid
        on
            meting.complex_id = complex_beheereenheid.complex_id
            and meting.peildatum = complex_beheereenheid.peildatum
    group by 1, 2, 3
),

dekking as (
    select
        dekking.beheereenheid_id,
        dekking.peildatum,
        dekking.dekkingsbron,
        cast(sum(case
            when dekking.kwartalen_gedekt >= parameter.minimum_kwartalen_gedekt
                then dekking.verhuureenheden_aantal * dekking.kwartalen_gedekt
        end) as bigint) as woningkwartalen
    from {{ ref('int_dekking__complex_venster') }} as dekking
    cross join parameter
    where dekking.beheereenheid_id is not null
    group by 1, 2, 3
),

rooster as (
    select
        beheereenheid.beheereenheid_id,
        beheereenheid.peildatum,
        beheereenheid.stratum_code,
        beheereenheid.gebouwtype_code,
        beheereenheid.verhuureenheden_aantal,
        beheereenheid.buurt_id,
        beheereenheid.eigen_wijk_id,
        indicator.indicator_code,
        indicator.thema_code,
        indicator.soort_meting,
        indicator.richting,
        indicator.gewicht,
        indicator.cel_minimum,
        indicator.dekkingsbron
    from beheereenheid
    cross join indicator
)

select
    rooster.beheereenheid_id,
    rooster.peildatum,
    rooster.stratum_code,
    rooster.gebouwtype_code,
    rooster.verhuureenheden_aantal,
    rooster.buurt_id,
    rooster.eigen_wijk_id,
    rooster.indicator_code,
    rooster.thema_code,
    rooster.soort_meting,
    rooster.richting,
    rooster.gewicht,
    rooster.cel_minimum,
    case
        when rooster.soort_meting = 'telling' and dekking.woningkwartalen is not null
            then coalesce(gemeten.teller, 0)
        when rooster.soort_meting != 'telling' then gemeten.teller
    end as teller,
    case
        when rooster.soort_meting = 'telling' then dekking.woningkwartalen
        when gemeten.noemer >= greatest(rooster.cel_minimum, 1) then gemeten.noemer
    end as noemer,
    gemeten.som_kwadraat,
    coalesce(gemeten.leeftijd_kwartalen, 0) as leeftijd_kwartalen
from rooster
left join gemeten
    on
        rooster.beheereenheid_id = gemeten.beheereenheid_id
        and rooster.peildatum = gemeten.peildatum
        and rooster.indicator_code = gemeten.indicator_code
left join dekking
    on
        rooster.beheereenheid_id = dekking.beheereenheid_id
        and rooster.peildatum = dekking.peildatum
        and rooster.dekkingsbron = dekking.dekkingsbron
