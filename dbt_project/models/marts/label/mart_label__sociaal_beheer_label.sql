-- Eén rij per niveau, beheerobject, grondslag, peildatum en thema (en TOT): het gepubliceerde
-- Sociaal Beheer Label. Wat al gepubliceerd is, blijft zoals het gepubliceerd is; deze run beslist
-- alleen peildata die nog niet gepubliceerd waren (architecture, "Time").
with

gepubliceerd as (
    select * from {{ source('buurtpeil', 'gepubliceerd_label') }}
),

al_beslist as (
    select distinct
        niveau,
        grondslag,
        peildatum
    from gepubliceerd
),

eerder as (
    select distinct grondslag from gepubliceerd
),

parameter as (
    select * from {{ ref('int_methode__parameter') }}
),

thema as (
    select thema_code from {{ ref('thema') }}
    union all
    select 'TOT' as thema_code
),

label as (
    select * from {{ ref('int_label__label') }}
),

beheerobject as (
    select * from {{ ref('int_beheerobject__per_peildatum') }}
),

berekend as (
    select
        beheerobject.niveau,
        beheerobject.beheerobject_id,
        beheerobject.grondslag,
        beheerobject.peildatum,
        thema.thema_code,
        label.score,
        label.sociaal_beheer_label,
        case
            when label.sociaal_beheer_label is null
                then coalesce(
                    beheerobject.reden_zonder_label,
                    label.reden_onbekend,
                    'Geen gegevens'
                )
        end as reden_onbekend,
        label.aandeel_van_totaal,
        coalesce(label.gewicht_dekking, 0) as gewicht_dekking,
        coalesce(label.is_referentieperiode, false) as is_referentieperiode,
        eerder.grondslag is null
        or beheerobject.peildatum < {{ tel_maanden('parameter.klok', -3) }}
            as is_achteraf_berekend,
        label.betrouwbaarheid,
        beheerobject.verhuureenheden_aantal,
        parameter.methodeversie,
        parameter.referentie_id,
        parameter.minimum_verhuureenheden_buurt
    from beheerobject
    cross join thema
    cross join parameter
    left join al_beslist
        on
            beheerobject.niveau = al_beslist.niveau
            and beheerobject.grondslag = al_beslist.grondslag
            and beheerobject.peildatum = al_beslist.peildatum
    left join eerder on beheerobject.grondslag = eerder.grondslag
    left join label
        on
            beheerobject.niveau = label.niveau
            and beheerobject.grondslag = label.grondslag
            and beheerobject.object_id = label.object_id
            and beheerobject.peildatum = label.peildatum
            and thema.thema_code = label.thema_code
    where al_beslist.niveau is null
),

-- Complexen alleen eigen; buurten en wijken eigen vanaf 50 woningen met een eigen totaal.
met_eigen as (
    select distinct
        niveau,
        beheerobject_id,
        peildatum
    from berekend
    where
        grondslag = 'eigen' and thema_code = 'TOT' and sociaal_beheer_label is not null
        and verhuureenheden_aantal >= minimum_verhuureenheden_buurt
),

ooit_eigen as (
    select
        niveau,
        beheerobject_id,
        min(peildatum) as vanaf
    from (
        select
            niveau,
            beheerobject_id,
            peildatum
        from met_eigen
        union all
        select
            niveau,
            beheerobject_id,
            peildatum
        from gepubliceerd
        where grondslag = 'eigen' and is_gepubliceerde_grondslag
    ) as eigen
    group by 1, 2
),

nieuw as (
    select
        berekend.niveau,
        berekend.beheerobject_id,
        berekend.grondslag,
        berekend.peildatum,
        berekend.thema_code,
        berekend.score,
        berekend.sociaal_beheer_label,
        berekend.reden_onbekend,
        berekend.aandeel_van_totaal,
        berekend.gewicht_dekking,
        case
            when berekend.niveau = 'complex' then true
            when berekend.grondslag = 'eigen' then met_eigen.beheerobject_id is not null
            else coalesce(berekend.peildatum < ooit_eigen.vanaf, true)
        end as is_gepubliceerde_grondslag,
        berekend.is_referentieperiode,
        berekend.is_achteraf_berekend,
        berekend.betrouwbaarheid,
        berekend.verhuureenheden_aantal,
        berekend.methodeversie,
        berekend.referentie_id
    from berekend
    left join met_eigen
        on
            berekend.niveau = met_eigen.niveau
            and berekend.beheerobject_id = met_eigen.beheerobject_id
            and berekend.peildatum = met_eigen.peildatum
    left join ooit_eigen
        on
            berekend.niveau = ooit_eigen.niveau
            and berekend.beheerobject_id = ooit_eigen.beheerobject_id
)

select
    niveau,
    beheerobject_id,
    grondslag,
    peildatum,
    thema_code,
    score,
    sociaal_beheer_label,
    reden_onbekend,
    aandeel_van_totaal,
    gewicht_dekking,
    is_gepubliceerde_grondslag,
    is_referentieperiode,
    is_achteraf_berekend,
    betrouwbaarheid,
    verhuureenheden_aantal,
    methodeversie,
    referentie_id
from gepubliceerd
union all
select
    niveau,
    beheerobject_id,
    grondslag,
    peildatum,
    thema_code,
    score,
    cast(sociaal_beheer_label as integer) as sociaal_beheer_label,
    reden_onbekend,
    aandeel_van_totaal,
    gewicht_dekking,
    is_gepubliceerde_grondslag,
    is_referentieperiode,
    is_achteraf_berekend,
    betrouwbaarheid,
    cast(verhuureenheden_aantal as integer) as verhuureenheden_aantal,
    methodeversie,
    referentie_id
from nieuw
