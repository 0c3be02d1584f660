-- Eén rij per gebied van het Wijkprofiel (onze wijk), met de CBS-wijkcode als die eenduidig is.
with

gebied as (
    select * from {{ ref('int_openbaar__gebied') }}
    where niveau = 'wijk'
),

gebied_buurt as (
    select * from {{ ref('int_openbaar__gebied_buurt') }}
),

buurt as (
    select * from {{ ref('int_openbaar__buurt') }}
),

wijkcode as (
    select distinct
        gebied_buurt.gebied_wijknr,
        buurt.cbs_wijkcode
    from gebied_buurt
    inner join buurt
        on gebied_buurt.cbs_buurtcode = buurt.cbs_buurtcode
    where gebied_buurt.gebied_wijknr is not null
),

-- one code for the gebied, and that code for no other gebied
eenduidig as (
    select
        gebied_wijknr,
        cbs_wijkcode,
        count(*) over (partition by gebied_wijknr) as aantal_codes,
        count(*) over (partition by cbs_wijkcode) as aantal_gebieden
    from wijkcode
),

benoemd as (
    select
        gebied.wijknr as gebied_wijknr,
        gebied.naam,
        eenduidig.cbs_wijkcode,
        coalesce(eenduidig.cbs_wijkcode, concat('WP', gebied.wijknr)) as meeteenheid_id
    from gebied
    left join eenduidig
        on
            gebied.wijknr = eenduidig.gebied_wijknr
            and eenduidig.aantal_codes = 1
            and eenduidig.aantal_gebieden = 1
)

select * from benoemd
