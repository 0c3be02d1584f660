-- Eén rij per niveau, object, grondslag, peildatum en indicator: x (hoger = grotere opgave), hoe
-- zeker hij is, en het gewicht (verhuureenheden) waarmee het object in de referentie telt.
-- Complexen alleen op eigen gegevens; buurten en wijken op beide, nooit gemengd.
{{ config(materialized='view') }}
with

complex as (
    select
        'complex' as niveau,
        'eigen' as grondslag,
        beheereenheid_id as object_id,
        peildatum,
        indicator_code,
        x,
        var_x,
        lading,
        cast(verhuureenheden_aantal as bigint) as verhuureenheden_aantal,
        {{ leesbare_waarde(
            'soort_meting', 'cast(teller as double)', 'cast(noemer as double)'
        ) }} as waarde,
        teller,
        noemer,
        leeftijd_kwartalen,
        stratum_waarde
    from {{ ref('int_label__posterior') }}
),

gebied as (
    select
        gebied.niveau,
        'eigen' as grondslag,
        gebied.gebied_id as object_id,
        gebied.peildatum,
        gebied.indicator_code,
        gebied.x,
        gebied.var_x,
        gebied.lading,
        omvang.verhuureenheden_aantal,
        {{ leesbare_waarde(
            'gebied.soort_meting', 'cast(gebied.teller as double)', 'cast(gebied.noemer as double)'
        ) }} as waarde,
        gebied.teller,
        gebied.noemer,
        gebied.leeftijd_kwartalen,
        cast(null as double) as stratum_waarde
    from {{ ref('int_label__gebied') }} as gebied
    inner join {{ ref('int_gebied__omvang') }} as omvang
        on
            gebied.niveau = omvang.niveau
            and gebied.gebied_id = omvang.gebied_id
            and gebied.peildatum = omvang.peildatum
),

openbaar as (
    select
        meting.niveau,
        'openbaar' as grondslag,
        meting.meeteenheid_id as object_id,
        meting.peildatum,
        meting.indicator_code,
        meting.x,
        cast(null as double) as var_x,
        cast(null as double) as lading,
        cast(gewicht.referentie_gewicht as bigint) as verhuureenheden_aantal,
        meting.waarde,
        cast(null as decimal(18, 4)) as teller,
        cast(null as bigint) as noemer,
        0 as leeftijd_kwartalen,
        cast(null as double) as stratum_waarde
    from {{ ref('int_openbaar__indicator') }} as meting
    left join {{ ref('int_openbaar__gewicht') }} as gewicht
        on
            meting.niveau = gewicht.niveau
            and meting.meeteenheid_id = gewicht.meeteenheid_id
            and meting.peildatum = gewicht.peildatum
    where meting.x is not null
)

select * from complex
union all
select * from gebied
union all
select * from openbaar
