-- Eén rij per niveau, meeteenheid en peildatum: corporatiewoningen, het gewicht in de referentie.
with

eenheid as (
    select * from {{ ref('int_openbaar__eenheid_van_meting') }}
),

peildatum as (
    select * from {{ ref('int_openbaar__peildatum') }}
),

meeteenheid_buurt as (
    select * from {{ ref('int_openbaar__meeteenheid_buurt') }}
),

kerncijfers as (
    select * from {{ ref('stg_cbs_kwb__kerncijfers') }}
    where soort_regio = 'Buurt'
),

-- label.md step 11b: woningvoorraad x pct_corporatie
per_buurt as (
    select
        jaar,
        regio_code,
        cast(
            round(woningvoorraad_aantal * corporatiewoning_pct / 100.0, 0) as integer
        ) as corporatiewoningen_aantal
    from kerncijfers
),

per_eenheid as (
    select
        meeteenheid_buurt.niveau,
        meeteenheid_buurt.meeteenheid_id,
        per_buurt.jaar,
        cast(sum(per_buurt.corporatiewoningen_aantal) as integer) as corporatiewoningen_aantal
    from per_buurt
    inner join meeteenheid_buurt
        on per_buurt.regio_code = meeteenheid_buurt.cbs_buurtcode
    group by meeteenheid_buurt.niveau, meeteenheid_buurt.meeteenheid_id, per_buurt.jaar
),

alle as (
    select
        eenheid.niveau,
        eenheid.meeteenheid_id,
        peildatum.peildatum,
        peildatum.jaar,
        per_eenheid.corporatiewoningen_aantal
    from eenheid
    cross join peildatum
    left join per_eenheid
        on
            eenheid.niveau = per_eenheid.niveau
            and eenheid.meeteenheid_id = per_eenheid.meeteenheid_id
            and peildatum.jaar = per_eenheid.jaar
),

-- blank = scored but not in the reference; where an edition has no dwelling figures at all
-- (no crosswalk, no Kerncijfers of that year) every unit counts once, else there is no reference
gewogen as (
    select
        *,
        case
            when coalesce(
                max(corporatiewoningen_aantal) over (partition by niveau, peildatum), 0
            ) = 0 then 1
            else corporatiewoningen_aantal
        end as referentie_gewicht
    from alle
)

select * from gewogen
