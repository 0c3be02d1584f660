-- Eén rij per buurt of wijk die de corporatie of een openbare bron kent, met naam en omvang nu.
with

eigen_buurt as (
    select
        coalesce(buurt.id_gegevensbeheerder, buurt.buurt_id) as beheerobject_id,
        min(buurt.naam) as naam,
        min(coalesce(wijk.id_gegevensbeheerder, wijk.wijk_id)) as wijk_id,
        min(wijk.naam) as wijk_naam
    from {{ ref('stg_vera__buurt') }} as buurt
    left join {{ ref('stg_vera__wijk') }} as wijk on buurt.wijk_id = wijk.wijk_id
    group by 1
),

eigen_wijk as (
    select
        coalesce(id_gegevensbeheerder, wijk_id) as beheerobject_id,
        min(naam) as naam
    from {{ ref('stg_vera__wijk') }}
    group by 1
),

omvang as (
    select
        niveau,
        gebied_id,
        verhuureenheden_aantal,
        aantal_complexen,
        row_number() over (partition by niveau, gebied_id order by peildatum desc) as rang
    from {{ ref('int_gebied__omvang') }}
),

openbaar as (
    select
        niveau,
        beheerobject_id,
        min(meeteenheid_id) as meeteenheid_id,
        max(is_gebied_gedeeld) as is_gebied_gedeeld
    from {{ ref('int_openbaar__gebied_per_peildatum') }}
    group by 1, 2
),

eenheid as (
    select * from {{ ref('int_openbaar__eenheid_van_meting') }}
),

cbs_buurt as (
    select * from {{ ref('int_openbaar__buurt') }}
),

openbaar_benoemd as (
    select
        openbaar.niveau,
        openbaar.beheerobject_id,
        coalesce(cbs_buurt.naam, eenheid.naam) as naam,
        case
            when openbaar.niveau = 'buurt' then coalesce(eenheid.wijk_id, cbs_buurt.cbs_wijkcode)
        end as wijk_id,
        case
            when openbaar.niveau = 'buurt' then coalesce(eenheid.wijk_naam, cbs_buurt.wijk_naam)
        end as wijk_naam,
        openbaar.is_gebied_gedeeld
    from openbaar
    left join eenheid
        on openbaar.niveau = eenheid.niveau and openbaar.meeteenheid_id = eenheid.meeteenheid_id
    left join cbs_buurt
        on openbaar.niveau = 'buurt' and openbaar.beheerobject_id = cbs_buurt.cbs_buurtcode
),

alle as (
    select
        'buurt' as niveau,
        beheerobject_id
    from eigen_buurt
    union
    select
        'wijk' as niveau,
        beheerobject_id
    from eigen_wijk
    union
    select
        niveau,
        beheerobject_id
    from openbaar_benoemd
)

select
    alle.niveau,
    alle.beheerobject_id,
    coalesce(eigen_buurt.naam, eigen_wijk.naam, openbaar_benoemd.naam, alle.beheerobject_id)
        as naam,
    alle.beheerobject_id as code,
    coalesce(eigen_buurt.wijk_id, openbaar_benoemd.wijk_id) as wijk_id,
    coalesce(eigen_buurt.wijk_naam, openbaar_benoemd.wijk_naam) as wijk_naam,
    coalesce(omvang.verhuureenheden_aantal, 0) as verhuureenheden_aantal,
    coalesce(omvang.aantal_complexen, 0) as aantal_complexen,
    coalesce(openbaar_benoemd.is_gebied_gedeeld, false) as is_gebied_gedeeld
from alle
left join eigen_buurt
    on alle.niveau = 'buurt' and alle.beheerobject_id = eigen_buurt.beheerobject_id
left join eigen_wijk
    on alle.niveau = 'wijk' and alle.beheerobject_id = eigen_wijk.beheerobject_id
left join openbaar_benoemd
    on
        alle.niveau = openbaar_benoemd.niveau
        and alle.beheerobject_id = openbaar_benoemd.beheerobject_id
left join omvang
    on
        alle.niveau = omvang.niveau
        and alle.beheerobject_id = omvang.gebied_id
        and omvang.rang = 1
