-- Eén rij per bron, kenmerk en buurtnaam of buurt: cijfers om naast een buurt te tonen, nooit in
-- een label. cbs_buurtcode is empty where the publisher's name fits no buurt, or more than one.
with

advertentie as (
    select * from {{ ref('stg_airbnb__advertentie') }}
),

misdrijf as (
    select * from {{ ref('stg_politie__misdrijf') }}
),

kerncijfers as (
    select * from {{ ref('stg_cbs_kwb__kerncijfers') }}
    where soort_regio = 'Buurt'
),

buurt as (
    select * from {{ ref('int_openbaar__buurt') }}
),

-- every spelling that map or Kerncijfers ever gave
schrijfwijze as (
    select
        cbs_buurtcode,
        {{ kale_naam('naam') }} as kale_naam
    from buurt
    union
    select
        regio_code as cbs_buurtcode,
        {{ kale_naam('regio_naam') }} as kale_naam
    from kerncijfers
),

eenduidig as (
    select
        kale_naam,
        min(cbs_buurtcode) as cbs_buurtcode
    from schrijfwijze
    group by kale_naam
    having min(cbs_buurtcode) = max(cbs_buurtcode)
),

advertenties as (
    select
        'airbnb' as bron,
        'advertenties_aantal' as kenmerk,
        eenduidig.cbs_buurtcode,
        advertentie.buurtnaam,
        advertentie.jaar,
        cast(advertentie.advertenties_aantal as double) as waarde
    from advertentie
    left join eenduidig
        on {{ kale_naam('advertentie.buurtnaam') }} = eenduidig.kale_naam
),

jongste_kerncijfers as (
    select * from kerncijfers
    where jaar in (select max(alle.jaar) as jongste from kerncijfers as alle)
),

-- the published sum counts crimes about twice, so only the ratio to the gemeente means something;
-- a rate per inhabitant says nothing where hardly anyone lives (harbour, industry)
per_inwoner as (
    select
        misdrijf.jaar,
        misdrijf.buurtcode,
        jongste_kerncijfers.regio_naam,
        substring(misdrijf.buurtcode, 3, 4) as gemeente,
        misdrijf.misdrijven_som,
        jongste_kerncijfers.inwoners_aantal
    from misdrijf
    inner join jongste_kerncijfers
        on misdrijf.buurtcode = jongste_kerncijfers.regio_code
    where jongste_kerncijfers.inwoners_aantal >= 250
),

per_gemeente as (
    select
        jaar,
        gemeente,
        {{ deel('1.0 * sum(misdrijven_som)', 'sum(inwoners_aantal)') }} as misdrijven_per_inwoner
    from per_inwoner
    group by jaar, gemeente
),

misdrijven as (
    select
        'politie' as bron,
        'misdrijven_index' as kenmerk,
        per_inwoner.buurtcode as cbs_buurtcode,
        per_inwoner.regio_naam as buurtnaam,
        per_inwoner.jaar,
        100.0 * per_inwoner.misdrijven_som / per_inwoner.inwoners_aantal
        / nullif(per_gemeente.misdrijven_per_inwoner, 0) as waarde
    from per_inwoner
    inner join per_gemeente
        on
            per_inwoner.jaar = per_gemeente.jaar
            and per_inwoner.gemeente = per_gemeente.gemeente
),

samen as (
    select * from advertenties
    union all
    select * from misdrijven
),

afgerond as (
    select
        bron,
        kenmerk,
        cbs_buurtcode,
        buurtnaam,
        jaar,
        {{ rond12('waarde') }} as waarde
    from samen
)

select * from afgerond
