-- Eén rij per schouwronde van een complex per versie die bekend was.
select
    schouw_id,
    cast(null as {{ dbt.type_string() }}) as eenheid_id,
    cluster_id,
    schouwdatum as datum,
    schoon_cijfer,
    heel_cijfer,
    veilig_cijfer,
    bekend_vanaf,
    bekend_tot
from {{ ref('stg_wijkbeheer__schouw') }}
