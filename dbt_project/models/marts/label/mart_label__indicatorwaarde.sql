-- Eén rij per niveau, beheerobject, grondslag, peildatum en indicator: de waarde, wat vergelijkbare
-- complexen en de hele portefeuille hebben, en wat hij bijdraagt aan zijn thema. Kleine cellen
-- (cel_minimum in de catalogus) gaan afgeschermd naar buiten; er wordt wel mee gerekend.
with

gepubliceerd as (
    select * from {{ source('buurtpeil', 'gepubliceerde_indicatorwaarde') }}
),

al_beslist as (
    select distinct
        niveau,
        grondslag,
        peildatum
    from gepubliceerd
),

parameter as (
    select * from {{ ref('int_methode__parameter') }}
),

indicator as (
    select * from {{ ref('int_methode__indicator') }}
),

beheerobject as (
    select beheerobject.*
    from {{ ref('int_beheerobject__per_peildatum') }} as beheerobject
    left join al_beslist
        on
            beheerobject.niveau = al_beslist.niveau
            and beheerobject.grondslag = al_beslist.grondslag
            and beheerobject.peildatum = al_beslist.peildatum
    where al_beslist.niveau is null and beheerobject.object_id is not null
),

gestandaardiseerd as (
    select * from {{ ref('int_label__gestandaardiseerd') }}
),

cel as (
    select
        'complex' as niveau,
        'eigen' as grondslag,
        beheereenheid_id as object_id,
        peildatum,
        indicator_code,
        teller,
        noemer,
        leeftijd_kwartalen,
        stratum_waarde
    from {{ ref('int_label__cel_verwacht') }}
    union all
    select
        niveau,
        'eigen' as grondslag,
        gebied_id as object_id,
        peildatum,
        indicator_code,
        teller,
        noemer,
        leeftijd_kwartalen,
        cast(null as double) as stratum_waarde
    from {{ ref('int_label__gebied') }}
),

openbaar as (
    select
        niveau,
        meeteenheid_id as object_id,
        peildatum,
        indicator_code,
        waarde
    from {{ ref('int_openbaar__indicator') }}
),

portefeuille_eigen as (
    select
        cel.peildatum,
        cel.indicator_code,
        {{ leesbare_waarde(
            'max(indicator.soort_meting)',
            'cast(sum(cel.teller) as double)',
            'cast(sum(cel.noemer) as double)'
        ) }} as waarde
    from cel
    inner join indicator
        on cel.indicator_code = indicator.indicator_code and indicator.grondslag = 'eigen'
    where cel.niveau = 'complex'
    group by 1, 2
),

portefeuille_openbaar as (
    select
        niveau,
        peildatum,
        indicator_code,
        avg(waarde) as waarde
    from openbaar
    group by 1, 2, 3
),

samen as (
    select
        beheerobject.niveau,
        beheerobject.beheerobject_id,
        beheerobject.grondslag,
        beheerobject.peildatum,
        indicator.indicator_code,
        indicator.thema_code,
        indicator.soort_meting,
        indicator.cel_minimum,
        indicator.gewicht,
        gestandaardiseerd.u,
        gestandaardiseerd.bijdrage,
        cel.teller,
        cel.noemer,
        cel.stratum_waarde,
        coalesce(cel.leeftijd_kwartalen, 0) as leeftijd_kwartalen,
        case
            when beheerobject.grondslag = 'openbaar' then openbaar.waarde
            else {{ leesbare_waarde(
                'indicator.soort_meting',
                'cast(cel.teller as double)',
                'cast(cel.noemer as double)'
            ) }}
        end as waarde,
        coalesce(portefeuille_eigen.waarde, portefeuille_openbaar.waarde) as portefeuille_waarde
    from beheerobject
    inner join indicator on beheerobject.grondslag = indicator.grondslag
    left join gestandaardiseerd
        on
            beheerobject.niveau = gestandaardiseerd.niveau
            and beheerobject.grondslag = gestandaardiseerd.grondslag
            and beheerobject.object_id = gestandaardiseerd.object_id
            and beheerobject.peildatum = gestandaardiseerd.peildatum
            and indicator.indicator_code = gestandaardiseerd.indicator_code
    left join cel
        on
            beheerobject.niveau = cel.niveau
            and beheerobject.grondslag = cel.grondslag
            and beheerobject.object_id = cel.object_id
            and beheerobject.peildatum = cel.peildatum
            and indicator.indicator_code = cel.indicator_code
    left join openbaar
        on
            beheerobject.grondslag = 'openbaar'
            and beheerobject.niveau = openbaar.niveau
            and beheerobject.object_id = openbaar.object_id
            and beheerobject.peildatum = openbaar.peildatum
            and indicator.indicator_code = openbaar.indicator_code
    left join portefeuille_eigen
        on
            beheerobject.grondslag = 'eigen'
            and beheerobject.peildatum = portefeuille_eigen.peildatum
            and indicator.indicator_code = portefeuille_eigen.indicator_code
    left join portefeuille_openbaar
        on
            beheerobject.grondslag = 'openbaar'
            and beheerobject.niveau = portefeuille_openbaar.niveau
            and beheerobject.peildatum = portefeuille_openbaar.peildatum
            and indicator.indicator_code = portefeuille_openbaar.indicator_code
),

afgeschermd as (
    select
        samen.*,
        coalesce(
            samen.cel_minimum > 0
            and samen.teller is not null
            and (
                samen.noemer < samen.cel_minimum
                or samen.teller < parameter.cel_minimum_teller
                or (
                    samen.soort_meting = 'aandeel'
                    and samen.noemer - samen.teller < parameter.cel_minimum_teller
                )
            ),
            false
        ) as is_gebandeerd
    from samen
    cross join parameter
),

nieuw as (
    select
        niveau,
        beheerobject_id,
        grondslag,
        peildatum,
        indicator_code,
        thema_code,
        case when not is_gebandeerd then {{ rond12('waarde') }} end as waarde,
        {{ rond12('stratum_waarde') }} as stratum_waarde,
        {{ rond12('portefeuille_waarde') }} as portefeuille_waarde,
        case when not is_gebandeerd then u end as gestandaardiseerd,
        gewicht,
        case when not is_gebandeerd then bijdrage end as bijdrage,
        case
            when u is null then 'geen_dekking'
            when leeftijd_kwartalen >= 2 then 'verouderd'
            else 'gedekt'
        end as dekking_code,
        is_gebandeerd,
        leeftijd_kwartalen
    from afgeschermd
)

select
    niveau,
    beheerobject_id,
    grondslag,
    peildatum,
    indicator_code,
    thema_code,
    waarde,
    stratum_waarde,
    portefeuille_waarde,
    gestandaardiseerd,
    gewicht,
    bijdrage,
    dekking_code,
    is_gebandeerd,
    leeftijd_kwartalen
from gepubliceerd
union all
select
    niveau,
    beheerobject_id,
    grondslag,
    peildatum,
    indicator_code,
    thema_code,
    waarde,
    stratum_waarde,
    portefeuille_waarde,
    gestandaardiseerd,
    gewicht,
    bijdrage,
    dekking_code,
    is_gebandeerd,
    leeftijd_kwartalen
from nieuw
