-- Eén rij per antwoord in het huurdersonderzoek per versie die bekend was.
select
    cast(null as {{ dbt.type_string() }}) as eenheid_id,
    cluster_id,
    meetdatum as datum,
    vraag_code,
    score,
    bekend_vanaf,
    bekend_tot
from {{ ref('stg_huurdersonderzoek__antwoord') }}
