-- Eén rij per niveau, beheerobject, grondslag, peildatum en thema (en TOT) waarover deze run
-- beslist: het ruwe label met hoe zeker het is (label.md stap 7), of waarom het onbekend is. Wat al
-- gepubliceerd is, wordt niet opnieuw beslist (architecture, "Time").
with

parameter as (
    select * from {{ ref('int_methode__parameter') }}
),

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

thema as (
    select thema_code from {{ ref('thema') }}
    union all
    select 'TOT' as thema_code
),

label as (
    select * from {{ ref('int_label__label') }}
),

onzekerheid as (
    select
        *,
        greatest(kans_1, kans_2, kans_3, kans_4, kans_5) as hoogste_kans
    from {{ source('buurtpeil', 'onzekerheid') }}
),

gesloten as (
    select * from {{ ref('int_label__onzekerheid_gesloten') }}
),

beheerobject as (
    select * from {{ ref('int_beheerobject__per_peildatum') }}
)

select
    beheerobject.niveau,
    beheerobject.beheerobject_id,
    beheerobject.grondslag,
    beheerobject.peildatum,
    thema.thema_code,
    label.score,
    label.sociaal_beheer_label as ruw_sociaal_beheer_label,
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
    or beheerobject.peildatum < {{ tel_maanden('parameter.klok', -3) }} as is_achteraf_berekend,
    onzekerheid.standaardfout,
    gesloten.standaardfout as standaardfout_gesloten,
    onzekerheid.kans_1,
    onzekerheid.kans_2,
    onzekerheid.kans_3,
    onzekerheid.kans_4,
    onzekerheid.kans_5,
    onzekerheid.label_laag,
    onzekerheid.label_hoog,
    case
        when onzekerheid.hoogste_kans >= parameter.kans_hoog then 'hoog'
        when onzekerheid.hoogste_kans >= parameter.kans_midden then 'midden'
        when onzekerheid.hoogste_kans is not null then 'laag'
        else label.betrouwbaarheid
    end as betrouwbaarheid,
    beheerobject.verhuureenheden_aantal,
    parameter.methodeversie
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
left join onzekerheid
    on
        beheerobject.niveau = onzekerheid.niveau
        and beheerobject.grondslag = onzekerheid.grondslag
        and beheerobject.object_id = onzekerheid.object_id
        and beheerobject.peildatum = onzekerheid.peildatum
        and thema.thema_code = onzekerheid.thema_code
left join gesloten
    on
        beheerobject.grondslag = 'eigen'
        and beheerobject.niveau = gesloten.niveau
        and beheerobject.object_id = gesloten.object_id
        and beheerobject.peildatum = gesloten.peildatum
        and thema.thema_code = gesloten.thema_code
where al_beslist.niveau is null
