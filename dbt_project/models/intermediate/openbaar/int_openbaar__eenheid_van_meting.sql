-- Eén rij per niveau en meeteenheid: het gebied of de buurt die op openbare grond een label krijgt.
with

meeteenheid_gebied as (
    select * from {{ ref('int_openbaar__meeteenheid_gebied') }}
),

meeteenheid_buurt as (
    select * from {{ ref('int_openbaar__meeteenheid_buurt') }}
),

gebied as (
    select * from {{ ref('int_openbaar__gebied') }}
),

wijk as (
    select * from {{ ref('int_openbaar__wijk') }}
),

buurt as (
    select * from {{ ref('int_openbaar__buurt') }}
),

van_gebied as (
    select
        meeteenheid_gebied.niveau,
        meeteenheid_gebied.meeteenheid_id,
        {{ als_lijst(
            'cast(meeteenheid_gebied.wijknr as ' ~ dbt.type_string() ~ ')',
            "'|'",
            'meeteenheid_gebied.wijknr'
        ) }} as wijknrs,
        count(*) as aantal_gebieden,
        {{ als_lijst('gebied.naam', "' / '", 'meeteenheid_gebied.wijknr') }} as naam,
        min(gebied.gebied_wijknr) as gebied_wijknr
    from meeteenheid_gebied
    inner join gebied
        on meeteenheid_gebied.wijknr = gebied.wijknr
    group by meeteenheid_gebied.niveau, meeteenheid_gebied.meeteenheid_id
),

van_buurt as (
    select
        niveau,
        meeteenheid_id,
        count(*) as aantal_buurten,
        max(case when is_gebied_gedeeld then 1 else 0 end) = 1 as is_gebied_gedeeld
    from meeteenheid_buurt
    group by niveau, meeteenheid_id
),

-- a unit that is one CBS buurt bears the buurt's own name; else the Wijkprofiel's
benoemd as (
    select
        van_gebied.niveau,
        van_gebied.meeteenheid_id,
        coalesce(buurt.naam, van_gebied.naam) as naam,
        case
            when van_gebied.niveau = 'wijk' then wijk.cbs_wijkcode
            else buurt.cbs_buurtcode
        end as cbs_code,
        van_gebied.wijknrs,
        van_gebied.aantal_gebieden,
        coalesce(van_buurt.aantal_buurten, 0) as aantal_buurten,
        coalesce(van_buurt.is_gebied_gedeeld, false) as is_gebied_gedeeld,
        wijk.meeteenheid_id as wijk_id,
        wijk.naam as wijk_naam
    from van_gebied
    left join van_buurt
        on
            van_gebied.niveau = van_buurt.niveau
            and van_gebied.meeteenheid_id = van_buurt.meeteenheid_id
    left join buurt
        on
            van_gebied.niveau = 'buurt'
            and van_gebied.meeteenheid_id = buurt.cbs_buurtcode
    left join wijk
        on van_gebied.gebied_wijknr = wijk.gebied_wijknr
)

select * from benoemd
