-- Eén rij per beëindigde huurovereenkomst.
select
    overeenkomst_id,
    eenheid_id,
    cast(null as {{ dbt.type_string() }}) as cluster_id,
    einddatum as datum,
    einde_detail_reden_code,
    einddatum as bekend_vanaf,
    cast(null as date) as bekend_tot
from {{ ref('stg_vera__huurovereenkomst') }}
where einddatum is not null and status_code not in ('GEA', 'VER')
