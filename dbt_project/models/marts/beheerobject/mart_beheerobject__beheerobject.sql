-- Eén rij per niveau en beheerobject: complex (of beheercluster), buurt of wijk, met naam en
-- plaats.
with

complex as (
    select * from {{ ref('int_complex__kenmerk') }}
),

per_peildatum as (
    select * from {{ ref('int_complex__beheereenheid') }}
),

laatste as (
    select max(peildatum) as peildatum from per_peildatum
),

nu as (
    select per_peildatum.*
    from per_peildatum
    inner join laatste on per_peildatum.peildatum = laatste.peildatum
),

omvang as (
    select * from {{ ref('int_beheereenheid__omvang') }}
),

beheercluster as (
    select
        omvang.beheereenheid_id,
        min(omvang.gebouwtype_code) as gebouwtype_code,
        min(omvang.buurt_id) as buurt_id,
        min(omvang.eigen_wijk_id) as eigen_wijk_id,
        max(
            case when omvang.peildatum = laatste.peildatum then omvang.verhuureenheden_aantal end
        ) as verhuureenheden_aantal,
        max(
            case when omvang.peildatum = laatste.peildatum then omvang.aantal_complexen end
        ) as aantal_complexen
    from omvang
    cross join laatste
    where omvang.is_beheercluster
    group by 1
),

gebouwtype as (
    select distinct
        gebouwtype_code,
        gebouwtype_naam
    from {{ ref('gebouwtype') }}
),

gebied as (
    select * from {{ ref('int_beheerobject__gebied') }}
),

wijk as (
    select
        wijk_id as eigen_wijk_id,
        coalesce(id_gegevensbeheerder, wijk_id) as wijk_id,
        naam
    from {{ ref('stg_vera__wijk') }}
),

complexen as (
    select
        'complex' as niveau,
        complex.complex_id as beheerobject_id,
        complex.naam,
        complex.code,
        complex.buurt_id,
        complex.eigen_wijk_id,
        complex.gebouwtype_code,
        nu.verhuureenheden_aantal,
        cast(complex.lengtegraad as double) as lengtegraad,
        cast(complex.breedtegraad as double) as breedtegraad,
        complex.straatnamen,
        false as is_beheercluster,
        1 as aantal_complexen
    from complex
    left join nu on complex.complex_id = nu.complex_id
    -- een complex zonder één peildatum met woningen heeft niets om te tonen
    where complex.complex_id in (select per_peildatum.complex_id from per_peildatum)
),

clusters as (
    select
        'complex' as niveau,
        beheercluster.beheereenheid_id as beheerobject_id,
        concat(
            'Kleine complexen ', coalesce(buurt.naam, beheercluster.buurt_id), ', ',
            lower(gebouwtype.gebouwtype_naam)
        ) as naam,
        cast(null as {{ dbt.type_string() }}) as code,
        beheercluster.buurt_id,
        beheercluster.eigen_wijk_id,
        beheercluster.gebouwtype_code,
        beheercluster.verhuureenheden_aantal,
        cast(null as double) as lengtegraad,
        cast(null as double) as breedtegraad,
        cast(null as {{ dbt.type_string() }}) as straatnamen,
        true as is_beheercluster,
        beheercluster.aantal_complexen
    from beheercluster
    left join gebied as buurt
        on buurt.niveau = 'buurt' and beheercluster.buurt_id = buurt.beheerobject_id
    left join gebouwtype on beheercluster.gebouwtype_code = gebouwtype.gebouwtype_code
),

alle_complexen as (
    select * from complexen
    union all
    select * from clusters
),

huidig as (
    select
        alle_complexen.niveau,
        alle_complexen.beheerobject_id,
        alle_complexen.naam,
        alle_complexen.code,
        alle_complexen.buurt_id,
        buurt.naam as buurt_naam,
        wijk.wijk_id,
        wijk.naam as wijk_naam,
        gebouwtype.gebouwtype_naam,
        cast(coalesce(alle_complexen.verhuureenheden_aantal, 0) as integer)
            as verhuureenheden_aantal,
        alle_complexen.lengtegraad,
        alle_complexen.breedtegraad,
        alle_complexen.straatnamen,
        alle_complexen.is_beheercluster,
        false as is_gebied_gedeeld,
        cast(coalesce(alle_complexen.aantal_complexen, 0) as integer) as aantal_complexen
    from alle_complexen
    left join gebied as buurt
        on buurt.niveau = 'buurt' and alle_complexen.buurt_id = buurt.beheerobject_id
    left join wijk on alle_complexen.eigen_wijk_id = wijk.eigen_wijk_id
    left join gebouwtype on alle_complexen.gebouwtype_code = gebouwtype.gebouwtype_code
    union all
    select
        niveau,
        beheerobject_id,
        naam,
        code,
        cast(null as {{ dbt.type_string() }}) as buurt_id,
        cast(null as {{ dbt.type_string() }}) as buurt_naam,
        wijk_id,
        wijk_naam,
        cast(null as {{ dbt.type_string() }}) as gebouwtype_naam,
        cast(verhuureenheden_aantal as integer) as verhuureenheden_aantal,
        cast(null as double) as lengtegraad,
        cast(null as double) as breedtegraad,
        cast(null as {{ dbt.type_string() }}) as straatnamen,
        false as is_beheercluster,
        is_gebied_gedeeld,
        cast(aantal_complexen as integer) as aantal_complexen
    from gebied
),

vervallen as (
    select gepubliceerd.*
    from {{ source('buurtpeil', 'gepubliceerd_beheerobject') }} as gepubliceerd
    left join huidig
        on
            gepubliceerd.niveau = huidig.niveau
            and gepubliceerd.beheerobject_id = huidig.beheerobject_id
    where huidig.beheerobject_id is null
)

select * from huidig
union all
select
    niveau,
    beheerobject_id,
    naam,
    code,
    buurt_id,
    buurt_naam,
    wijk_id,
    wijk_naam,
    gebouwtype_naam,
    0 as verhuureenheden_aantal,
    lengtegraad,
    breedtegraad,
    straatnamen,
    is_beheercluster,
    is_gebied_gedeeld,
    0 as aantal_complexen
from vervallen
