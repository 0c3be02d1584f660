-- Eén rij per complex: wat het is en waar het ligt. Gebouwtype en buurt zijn die van de meeste
-- woningen; bij gelijke stand de eerste in alfabetische volgorde.
with

lidmaatschap as (
    select * from {{ ref('int_complex__lidmaatschap') }}
),

complex as (
    select * from {{ ref('stg_vera__cluster') }}
),

eenheid as (
    select * from {{ ref('stg_vera__eenheid') }}
),

eenheidadres as (
    select * from {{ ref('stg_vera__eenheidadres') }}
),

buurt as (
    select * from {{ ref('stg_vera__buurt') }}
),

gebouwtype as (
    select * from {{ ref('gebouwtype') }}
),

type_telling as (
    select
        lidmaatschap.complex_id,
        coalesce(gebouwtype.gebouwtype_code, 'overig') as gebouwtype_code,
        count(*) as aantal
    from lidmaatschap
    inner join eenheid on lidmaatschap.eenheid_id = eenheid.eenheid_id
    left join gebouwtype on eenheid.detail_soort_code = gebouwtype.detail_soort_code
    group by 1, 2
),

type_gekozen as (
    select
        complex_id,
        gebouwtype_code,
        row_number() over (
            partition by complex_id order by aantal desc, gebouwtype_code asc
        ) as rang
    from type_telling
),

buurt_telling as (
    select
        lidmaatschap.complex_id,
        eenheidadres.buurt_id,
        count(*) as aantal
    from lidmaatschap
    inner join eenheidadres on lidmaatschap.eenheid_id = eenheidadres.eenheid_id
    where eenheidadres.buurt_id is not null
    group by 1, 2
),

buurt_gekozen as (
    select
        complex_id,
        buurt_id,
        row_number() over (partition by complex_id order by aantal desc, buurt_id asc) as rang
    from buurt_telling
),

straat as (
    select distinct
        lidmaatschap.complex_id,
        eenheidadres.straatnaam
    from lidmaatschap
    inner join eenheidadres on lidmaatschap.eenheid_id = eenheidadres.eenheid_id
    where eenheidadres.straatnaam is not null
),

straten as (
    select
        complex_id,
        {{ als_lijst('straatnaam', "', '", 'straatnaam') }} as straatnamen
    from straat
    group by 1
)

select
    complex.cluster_id as complex_id,
    complex.code,
    coalesce(complex.naam, complex.code, complex.cluster_id) as naam,
    type_gekozen.gebouwtype_code,
    buurt_gekozen.buurt_id as eigen_buurt_id,
    coalesce(buurt.id_gegevensbeheerder, buurt.buurt_id) as buurt_id,
    buurt.wijk_id as eigen_wijk_id,
    complex.lengtegraad,
    complex.breedtegraad,
    straten.straatnamen
from complex
inner join type_gekozen on complex.cluster_id = type_gekozen.complex_id and type_gekozen.rang = 1
left join buurt_gekozen on complex.cluster_id = buurt_gekozen.complex_id and buurt_gekozen.rang = 1
left join buurt on buurt_gekozen.buurt_id = buurt.buurt_id
left join straten on complex.cluster_id = straten.complex_id
