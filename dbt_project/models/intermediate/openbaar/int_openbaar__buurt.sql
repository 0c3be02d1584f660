-- Eén rij per CBS-buurt die een openbare bron noemt, met naam en wijk (kaart voor Kerncijfers).
with

geo as (
    select * from {{ ref('stg_geo__buurt') }}
),

kerncijfers as (
    select * from {{ ref('stg_cbs_kwb__kerncijfers') }}
    where soort_regio in ('Buurt', 'Wijk')
),

gebied_buurt as (
    select * from {{ ref('int_openbaar__gebied_buurt') }}
),

gerangschikt as (
    select
        regio_code,
        regio_naam,
        soort_regio,
        gemeente_naam,
        row_number() over (partition by regio_code order by jaar desc) as rang
    from kerncijfers
),

jongste as (
    select * from gerangschikt
    where rang = 1
),

genoemd as (
    select buurtcode as cbs_buurtcode from geo
    union
    select regio_code as cbs_buurtcode from jongste
    where soort_regio = 'Buurt'
    union
    select cbs_buurtcode from gebied_buurt
),

benoemd as (
    select
        genoemd.cbs_buurtcode,
        coalesce(geo.buurtnaam, buurt.regio_naam, genoemd.cbs_buurtcode) as naam,
        coalesce(
            geo.wijkcode, {{ wijkcode_van_buurtcode('genoemd.cbs_buurtcode') }}
        ) as cbs_wijkcode,
        wijk.regio_naam as wijk_naam,
        coalesce(geo.gemeentenaam, buurt.gemeente_naam) as gemeente_naam,
        geo.geometrie
    from genoemd
    left join geo
        on genoemd.cbs_buurtcode = geo.buurtcode
    left join jongste as buurt
        on genoemd.cbs_buurtcode = buurt.regio_code
    left join jongste as wijk
        on
            coalesce(
                geo.wijkcode, {{ wijkcode_van_buurtcode('genoemd.cbs_buurtcode') }}
            ) = wijk.regio_code
)

select * from benoemd
