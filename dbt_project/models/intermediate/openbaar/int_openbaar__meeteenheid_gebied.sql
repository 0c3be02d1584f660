-- Eén rij per niveau, meeteenheid en wijknr waaruit de waarden van die meeteenheid komen.
-- A gebied (4000-4013) is the wijk itself; the city (5000) is never a unit (label.md step 11b).
with

gebied as (
    select * from {{ ref('int_openbaar__gebied') }}
),

gebied_buurt as (
    select * from {{ ref('int_openbaar__gebied_buurt') }}
),

meeteenheid_buurt as (
    select * from {{ ref('int_openbaar__meeteenheid_buurt') }}
    where niveau = 'buurt'
),

wijk as (
    select * from {{ ref('int_openbaar__wijk') }}
),

via_crosswalk as (
    select distinct
        'buurt' as niveau,
        meeteenheid_buurt.meeteenheid_id,
        gebied_buurt.wijknr,
        gebied_buurt.inwoners_aantal
    from gebied_buurt
    inner join meeteenheid_buurt
        on gebied_buurt.cbs_buurtcode = meeteenheid_buurt.cbs_buurtcode
),

-- without a crosswalk an area goes by its own number
zonder_crosswalk as (
    select
        'buurt' as niveau,
        concat('WP', gebied.wijknr) as meeteenheid_id,
        gebied.wijknr,
        cast(null as integer) as inwoners_aantal
    from gebied
    left join via_crosswalk
        on gebied.wijknr = via_crosswalk.wijknr
    where
        gebied.niveau = 'buurt'
        and via_crosswalk.wijknr is null
),

als_wijk as (
    select
        'wijk' as niveau,
        meeteenheid_id,
        gebied_wijknr as wijknr,
        cast(null as integer) as inwoners_aantal
    from wijk
),

samen as (
    select * from via_crosswalk
    union all
    select * from zonder_crosswalk
    union all
    select * from als_wijk
)

select * from samen
