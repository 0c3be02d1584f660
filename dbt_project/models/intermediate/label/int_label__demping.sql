-- Eén rij per niveau, beheerobject, grondslag, peildatum en thema (en TOT) waarover deze run
-- beslist: het label na demping en waarom het wel of niet verschoof (label.md stap 8).
-- Per grens tussen twee labels onthouden we aan welke kant het label ligt. Het gaat naar de andere
-- kant bij een kans van ten minste 0,80, of van 0,65 in twee kwartalen op rij; anders blijft het.
-- De grenzen samen zijn het label. Het eerste label, en het eerste na onbekend of met een nieuwe
-- referentie, is het ruwe. Wat al gepubliceerd is, is het vertrekpunt.
with

parameter as (
    select * from {{ ref('int_methode__parameter') }}
),

bekend as (
    select
        niveau,
        beheerobject_id,
        grondslag,
        peildatum,
        thema_code,
        true as is_gepubliceerd,
        model_sociaal_beheer_label as vast_label,
        model_sociaal_beheer_label as ruw_label,
        {{ kans_boven(1) }} as boven_1,
        {{ kans_boven(2) }} as boven_2,
        {{ kans_boven(3) }} as boven_3,
        {{ kans_boven(4) }} as boven_4,
        referentie_id
    from {{ source('buurtpeil', 'gepubliceerd_label') }}
    union all
    select
        beslissing.niveau,
        beslissing.beheerobject_id,
        beslissing.grondslag,
        beslissing.peildatum,
        beslissing.thema_code,
        false as is_gepubliceerd,
        cast(null as integer) as vast_label,
        beslissing.ruw_sociaal_beheer_label as ruw_label,
        {{ kans_boven(1) }} as boven_1,
        {{ kans_boven(2) }} as boven_2,
        {{ kans_boven(3) }} as boven_3,
        {{ kans_boven(4) }} as boven_4,
        nullif(parameter.referentie_id, '') as referentie_id
    from {{ ref('int_label__beslissing') }} as beslissing
    cross join parameter
),

met_vorige as (
    select
        *,
        {{ kwartaalnummer('peildatum') }} as kwartaal,
        lag({{ kwartaalnummer('peildatum') }}) over reeks as vorig_kwartaal,
        lag(ruw_label) over reeks as vorig_ruw_label,
        lag(referentie_id) over reeks as vorige_referentie_id,
        lag(boven_1) over reeks as vorige_boven_1,
        lag(boven_2) over reeks as vorige_boven_2,
        lag(boven_3) over reeks as vorige_boven_3,
        lag(boven_4) over reeks as vorige_boven_4,
        count(ruw_label) over reeks as aantal_bekend
    from bekend
    window
        reeks as (
            partition by niveau, beheerobject_id, grondslag, thema_code
            order by peildatum
        )
),

met_begin as (
    select
        met_vorige.*,
        met_vorige.vorig_kwartaal = met_vorige.kwartaal - 1 as is_volgend_kwartaal,
        coalesce(met_vorige.vorige_referentie_id != met_vorige.referentie_id, false)
            as is_nieuwe_referentie,
        -- hier begint het label opnieuw: het is het ruwe
        met_vorige.vorig_ruw_label is null
        or met_vorige.boven_1 is null
        or coalesce(met_vorige.vorige_referentie_id != met_vorige.referentie_id, false)
            as is_begin,
        parameter.kans_direct,
        parameter.kans_twee_kwartalen
    from met_vorige
    cross join parameter
),

-- 1: nu boven de grens, 0: nu eronder, leeg: blijft waar hij was
kant as (
    select
        *,
        {{ kant_van_grens(1) }} as kant_1,
        {{ kant_van_grens(2) }} as kant_2,
        {{ kant_van_grens(3) }} as kant_3,
        {{ kant_van_grens(4) }} as kant_4
    from met_begin
),

-- de laatste kant die bekend is: het kwartaal staat voorop, dus de grootste is de jongste
gedempt as (
    select
        *,
        case
            when ruw_label is not null
                then
                    1
                    + max(2 * kwartaal + kant_1) over reeks % 2
                    + max(2 * kwartaal + kant_2) over reeks % 2
                    + max(2 * kwartaal + kant_3) over reeks % 2
                    + max(2 * kwartaal + kant_4) over reeks % 2
        end as gedempt_label
    from kant
    window
        reeks as (
            partition by niveau, beheerobject_id, grondslag, thema_code
            order by peildatum
        )
),

beoordeeld as (
    select
        *,
        lag(gedempt_label) over (
            partition by niveau, beheerobject_id, grondslag, thema_code
            order by peildatum
        ) as vorig_label
    from gedempt
)

select
    niveau,
    beheerobject_id,
    grondslag,
    peildatum,
    thema_code,
    cast(gedempt_label as integer) as model_sociaal_beheer_label,
    case
        when ruw_label is null then 'onbekend'
        when grondslag = 'openbaar' then 'geen_demping'
        when aantal_bekend = 1 then 'eerste_publicatie'
        when vorig_ruw_label is null then 'opnieuw_bekend'
        when is_nieuwe_referentie then 'nieuwe_methode'
        when gedempt_label = vorig_label and gedempt_label = ruw_label then 'ongewijzigd'
        when gedempt_label = vorig_label then 'nog_niet_zeker'
        -- de verste grens waar het over ging, zegt waarom
        when
            gedempt_label > vorig_label
            and case gedempt_label
                when 2 then boven_1 when 3 then boven_2 when 4 then boven_3 else boven_4
            end >= kans_direct
            then 'nu_zeker_genoeg'
        when
            gedempt_label < vorig_label
            and 1 - case gedempt_label
                when 1 then boven_1 when 2 then boven_2 when 3 then boven_3 else boven_4
            end >= kans_direct
            then 'nu_zeker_genoeg'
        else 'twee_kwartalen'
    end as reden_label_code
from beoordeeld
where not is_gepubliceerd
