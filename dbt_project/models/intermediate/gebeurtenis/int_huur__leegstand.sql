-- Eén rij per nieuwe verhuring van een woning die eerder verhuurd was: dagen leeg ertussen.
with

overeenkomst as (
    select
        eenheid_id,
        begindatum,
        lag(einddatum) over (partition by eenheid_id order by begindatum) as vorige_einddatum
    from {{ ref('stg_vera__huurovereenkomst') }}
    where status_code not in ('GEA', 'VER')
),

parameter as (
    select * from {{ ref('int_methode__parameter') }}
)

select
    overeenkomst.eenheid_id,
    cast(null as {{ dbt.type_string() }}) as cluster_id,
    overeenkomst.begindatum as datum,
    cast(least(
        {{ dagen_tussen('overeenkomst.vorige_einddatum', 'overeenkomst.begindatum') }},
        parameter.maximum_dagen_leegstand
    ) as decimal(6, 1)) as dagen,
    overeenkomst.begindatum as bekend_vanaf,
    cast(null as date) as bekend_tot
from overeenkomst
cross join parameter
where overeenkomst.vorige_einddatum <= overeenkomst.begindatum
