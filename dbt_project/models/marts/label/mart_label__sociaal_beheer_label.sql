-- Eén rij per niveau, beheerobject, grondslag, peildatum en thema (en TOT): het gepubliceerde
-- Sociaal Beheer Label. Wat al gepubliceerd is, blijft zoals het gepubliceerd is; deze run beslist
-- alleen peildata die nog niet gepubliceerd waren (architecture, "Time").
with

gepubliceerd as (
    select * from {{ source('buurtpeil', 'gepubliceerd_label') }}
),

parameter as (
    select * from {{ ref('int_methode__parameter') }}
),

beslissing as (
    select * from {{ ref('int_label__beslissing') }}
),

demping as (
    select * from {{ ref('int_label__demping') }}
),

duiding as (
    select * from {{ ref('int_duiding__geldig') }}
),

-- het modellabel blijft zichtbaar; een duiding verschuift alleen wat naar buiten gaat (stap 10)
berekend as (
    select
        beslissing.*,
        demping.model_sociaal_beheer_label,
        demping.reden_label_code,
        -- greatest en least slaan leeg over: onbekend moet onbekend blijven
        case
            when demping.model_sociaal_beheer_label is not null
                then greatest(1, least(
                    5, demping.model_sociaal_beheer_label + coalesce(duiding.duiding_delta, 0)
                ))
        end as sociaal_beheer_label,
        case
            when demping.model_sociaal_beheer_label is not null
                then coalesce(duiding.duiding_delta, 0)
        end as duiding_delta,
        case
            when demping.model_sociaal_beheer_label is not null then duiding.duiding_reden_code
        end as duiding_reden_code,
        parameter.minimum_verhuureenheden_buurt
    from beslissing
    cross join parameter
    inner join demping
        on
            beslissing.niveau = demping.niveau
            and beslissing.beheerobject_id = demping.beheerobject_id
            and beslissing.grondslag = demping.grondslag
            and beslissing.peildatum = demping.peildatum
            and beslissing.thema_code = demping.thema_code
    left join duiding
        on
            beslissing.niveau = duiding.niveau
            and beslissing.beheerobject_id = duiding.beheerobject_id
            and beslissing.grondslag = 'eigen'
            and beslissing.peildatum = duiding.peildatum
            and beslissing.thema_code = 'TOT'
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
        berekend.ruw_sociaal_beheer_label,
        berekend.model_sociaal_beheer_label,
        berekend.reden_label_code,
        berekend.duiding_delta,
        berekend.duiding_reden_code,
        berekend.standaardfout,
        berekend.standaardfout_gesloten,
        berekend.kans_1,
        berekend.kans_2,
        berekend.kans_3,
        berekend.kans_4,
        berekend.kans_5,
        berekend.label_laag,
        berekend.label_hoog,
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
        -- de id wordt van de inhoud gemaakt en komt er bij het publiceren in
        '' as referentie_id
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
    ruw_sociaal_beheer_label,
    model_sociaal_beheer_label,
    reden_label_code,
    duiding_delta,
    duiding_reden_code,
    standaardfout,
    standaardfout_gesloten,
    kans_1,
    kans_2,
    kans_3,
    kans_4,
    kans_5,
    label_laag,
    label_hoog,
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
    cast(ruw_sociaal_beheer_label as integer) as ruw_sociaal_beheer_label,
    cast(model_sociaal_beheer_label as integer) as model_sociaal_beheer_label,
    reden_label_code,
    cast(duiding_delta as integer) as duiding_delta,
    duiding_reden_code,
    standaardfout,
    standaardfout_gesloten,
    kans_1,
    kans_2,
    kans_3,
    kans_4,
    kans_5,
    cast(label_laag as integer) as label_laag,
    cast(label_hoog as integer) as label_hoog,
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
