-- Eén rij per niveau en CBS-buurt: de meeteenheid van het Wijkprofiel waarin de buurt meedoet.
-- Buurten met precies dezelfde gebieden vormen één meeteenheid (label.md step 11b; issue 2):
--   one area over several buurten  -> the unit is the area, and each buurt gets its label;
--   several areas in one buurt     -> the unit is the buurt.
with

gebied_buurt as (
    select * from {{ ref('int_openbaar__gebied_buurt') }}
),

wijk as (
    select * from {{ ref('int_openbaar__wijk') }}
),

met_omvang as (
    select
        *,
        count(*) over (partition by wijknr) as aantal_buurten
    from gebied_buurt
),

per_buurt as (
    select
        cbs_buurtcode,
        {{ als_lijst('cast(wijknr as ' ~ dbt.type_string() ~ ')', "'|'", 'wijknr') }} as wijknrs,
        max(aantal_buurten) > 1 as is_gebied_gedeeld,
        min(gebied_wijknr) as gebied_wijknr
    from met_omvang
    group by cbs_buurtcode
),

op_buurt as (
    select
        'buurt' as niveau,
        cbs_buurtcode,
        case
            when count(*) over (partition by wijknrs) = 1 then cbs_buurtcode
            else concat('WP', replace(wijknrs, '|', '_'))
        end as meeteenheid_id,
        wijknrs,
        is_gebied_gedeeld
    from per_buurt
),

op_wijk as (
    select
        'wijk' as niveau,
        per_buurt.cbs_buurtcode,
        wijk.meeteenheid_id,
        cast(wijk.gebied_wijknr as {{ dbt.type_string() }}) as wijknrs,
        false as is_gebied_gedeeld
    from per_buurt
    inner join wijk
        on per_buurt.gebied_wijknr = wijk.gebied_wijknr
),

samen as (
    select * from op_buurt
    union all
    select * from op_wijk
)

select * from samen
