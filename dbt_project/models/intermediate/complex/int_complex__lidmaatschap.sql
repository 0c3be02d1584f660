-- Eén rij per woning in een complex per periode: alleen soort WOO, alleen de clustersoort die
-- hier complex heet, alleen de tijd dat de woning in exploitatie is.
with

parameter as (
    select * from {{ ref('int_methode__parameter') }}
),

eenheid as (
    select * from {{ ref('stg_vera__eenheid') }}
),

cluster_eenheid as (
    select * from {{ ref('stg_vera__cluster_eenheid') }}
),

complex as (
    select c.cluster_id
    from {{ ref('stg_vera__cluster') }} as c
    inner join parameter on c.soort_code = parameter.clustersoort_code
),

begrensd as (
    select
        cluster_eenheid.eenheid_id,
        cluster_eenheid.cluster_id as complex_id,
        greatest(
            cluster_eenheid.begindatum,
            coalesce(eenheid.in_exploitatiedatum, cluster_eenheid.begindatum)
        ) as begindatum,
        least(
            coalesce(cluster_eenheid.einddatum, date '9999-12-31'),
            coalesce(eenheid.uit_exploitatiedatum, date '9999-12-31')
        ) as einddatum
    from cluster_eenheid
    inner join complex on cluster_eenheid.cluster_id = complex.cluster_id
    inner join eenheid on cluster_eenheid.eenheid_id = eenheid.eenheid_id
    where eenheid.soort_code = 'WOO'
)

select * from begrensd
where begindatum < einddatum
