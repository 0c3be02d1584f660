-- Eén rij per niveau, beheerobject, grondslag, peildatum en indicator: de waarde, wat vergelijkbare
-- complexen en de hele portefeuille hebben, en wat hij bijdraagt aan zijn thema. Kleine cellen
-- gaan afgeschermd naar buiten (int_label__afscherming); er wordt wel mee gerekend. Van een buurt
-- of wijk met kleine cellen erin kan de waarde zelf wel mee, wat ervan is afgeleid niet.
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

indicator as (
    select * from {{ ref('int_methode__indicator') }}
),

beheerobject as (
    select
        beheerobject.niveau,
        beheerobject.beheerobject_id,
        beheerobject.grondslag,
        beheerobject.peildatum,
        beheerobject.object_id
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

afscherming as (
    select * from {{ ref('int_label__afscherming') }}
),

-- wat de hele portefeuille heeft: eigen over alle complexen samen, openbaar het gemiddelde gebied
portefeuille as (
    select
        'eigen' as grondslag,
        cast(null as {{ dbt.type_string() }}) as niveau,
        gestandaardiseerd.peildatum,
        gestandaardiseerd.indicator_code,
        {{ leesbare_waarde(
            'max(indicator.soort_meting)',
            'cast(sum(gestandaardiseerd.teller) as double)',
            'cast(sum(gestandaardiseerd.noemer) as double)'
        ) }} as waarde
    from gestandaardiseerd
    inner join indicator
        on
            gestandaardiseerd.grondslag = indicator.grondslag
            and gestandaardiseerd.indicator_code = indicator.indicator_code
    where gestandaardiseerd.niveau = 'complex'
    group by gestandaardiseerd.peildatum, gestandaardiseerd.indicator_code
    union all
    select
        'openbaar' as grondslag,
        niveau,
        peildatum,
        indicator_code,
        cast(avg({{ vast12('waarde') }}) as double) as waarde
    from gestandaardiseerd
    where grondslag = 'openbaar'
    group by niveau, peildatum, indicator_code
),

samen as (
    select
        beheerobject.niveau,
        beheerobject.beheerobject_id,
        beheerobject.grondslag,
        beheerobject.peildatum,
        indicator.indicator_code,
        indicator.thema_code,
        indicator.gewicht,
        gestandaardiseerd.u,
        cast(gestandaardiseerd.bijdrage as double) as bijdrage,
        case
            when afscherming.is_verborgen then null
            when afscherming.is_op_vijftal
                then {{ leesbare_waarde(
                    "'telling'",
                    'cast(' ~ rond_op_5('gestandaardiseerd.teller') ~ ' as double)',
                    'cast(gestandaardiseerd.noemer as double)'
                ) }}
            else gestandaardiseerd.waarde
        end as waarde,
        gestandaardiseerd.stratum_waarde,
        case when hele_portefeuille.indicator_code is null then portefeuille.waarde end
            as portefeuille_waarde,
        coalesce(gestandaardiseerd.leeftijd_kwartalen, 0) as leeftijd_kwartalen,
        afscherming.indicator_code is not null as is_gebandeerd
    from beheerobject
    inner join indicator on beheerobject.grondslag = indicator.grondslag
    left join gestandaardiseerd
        on
            beheerobject.niveau = gestandaardiseerd.niveau
            and beheerobject.grondslag = gestandaardiseerd.grondslag
            and beheerobject.object_id = gestandaardiseerd.object_id
            and beheerobject.peildatum = gestandaardiseerd.peildatum
            and indicator.indicator_code = gestandaardiseerd.indicator_code
    left join portefeuille
        on
            beheerobject.grondslag = portefeuille.grondslag
            and beheerobject.niveau = coalesce(portefeuille.niveau, beheerobject.niveau)
            and beheerobject.peildatum = portefeuille.peildatum
            and indicator.indicator_code = portefeuille.indicator_code
    left join afscherming
        on
            beheerobject.grondslag = 'eigen'
            and beheerobject.niveau = afscherming.niveau
            and beheerobject.object_id = afscherming.object_id
            and beheerobject.peildatum = afscherming.peildatum
            and indicator.indicator_code = afscherming.indicator_code
    left join afscherming as hele_portefeuille
        on
            beheerobject.grondslag = 'eigen'
            and hele_portefeuille.niveau = 'portefeuille'
            and beheerobject.peildatum = hele_portefeuille.peildatum
            and indicator.indicator_code = hele_portefeuille.indicator_code
),

nieuw as (
    select
        niveau,
        beheerobject_id,
        grondslag,
        peildatum,
        indicator_code,
        thema_code,
        {{ rond12('waarde') }} as waarde,
        {{ rond12('stratum_waarde') }} as stratum_waarde,
        {{ rond12('portefeuille_waarde') }} as portefeuille_waarde,
        case when not is_gebandeerd then u end as gestandaardiseerd,
        gewicht,
        case when not is_gebandeerd then bijdrage end as bijdrage,
        case
            when u is null then 'geen_dekking'
            when leeftijd_kwartalen >= 1 then 'verouderd'
            else 'gedekt'
        end as dekking_code,
        is_gebandeerd,
        cast(leeftijd_kwartalen as integer) as leeftijd_kwartalen
    from samen
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
