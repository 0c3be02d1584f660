-- Eén rij per woning in een complex per periode: alleen soort WOO, alleen de clustersoort die
-- hier complex heet, alleen de tijd dat de woning in exploitatie is. Een woning ligt op elke dag
-- in hooguit één complex: levert de bron er twee, dan geldt het laatst begonnen lidmaatschap.
with

parameter as (
    select * from {{ ref('int_methode__parameter') }}
),

eenheid as (
    select * from {{ ref('stg_vera__eenheid') }}
    where soort_code = 'WOO'
),

cluster_eenheid as (
    select * from {{ ref('stg_vera__cluster_eenheid') }}
),

complex as (
    select vera_cluster.cluster_id
    from {{ ref('stg_vera__cluster') }} as vera_cluster
    inner join parameter on vera_cluster.soort_code = parameter.clustersoort_code
),

opgevolgd as (
    select
        cluster_eenheid.eenheid_id,
        cluster_eenheid.cluster_id as complex_id,
        cluster_eenheid.begindatum,
        cluster_eenheid.einddatum,
        lead(cluster_eenheid.begindatum) over (
            partition by cluster_eenheid.eenheid_id
            order by cluster_eenheid.begindatum, cluster_eenheid.cluster_id
        ) as volgende_begindatum
    from cluster_eenheid
    inner join complex on cluster_eenheid.cluster_id = complex.cluster_id
),

begrensd as (
    select
        opgevolgd.eenheid_id,
        opgevolgd.complex_id,
        greatest(
            opgevolgd.begindatum,
            coalesce(eenheid.in_exploitatiedatum, opgevolgd.begindatum)
        ) as begindatum,
        least(
            coalesce(opgevolgd.einddatum, date '9999-12-31'),
            coalesce(opgevolgd.volgende_begindatum, date '9999-12-31'),
            coalesce(eenheid.uit_exploitatiedatum, date '9999-12-31')
        ) as einddatum
    from opgevolgd
    inner join eenheid on opgevolgd.eenheid_id = eenheid.eenheid_id
)

select * from begrensd
where begindatum < einddatum
