-- Eén rij per wijknr en CBS-buurt waarin dat gebied ligt, volgens de jongste crosswalk.
with

gebied as (
    select * from {{ ref('int_openbaar__gebied') }}
    where niveau = 'buurt'
),

crosswalk as (
    select * from {{ ref('stg_wijkprofiel__crosswalk') }}
    where cbs_buurtcodes is not null
),

getallen as (
    {{ getallenreeks(100) }}
),

-- a code has ten characters and `|` between: the reader has refused anything else
gesplitst as (
    select distinct
        crosswalk.wijknr,
        substring(
            crosswalk.cbs_buurtcodes, cast(11 * getallen.nummer + 1 as integer), 10
        ) as cbs_buurtcode
    from crosswalk
    inner join getallen
        on length(crosswalk.cbs_buurtcodes) > 11 * getallen.nummer
),

bekend as (
    select
        gesplitst.wijknr,
        gesplitst.cbs_buurtcode,
        gebied.gebied_wijknr,
        crosswalk.inwoners_aantal
    from gesplitst
    inner join gebied
        on gesplitst.wijknr = gebied.wijknr
    inner join crosswalk
        on gesplitst.wijknr = crosswalk.wijknr
)

select * from bekend
