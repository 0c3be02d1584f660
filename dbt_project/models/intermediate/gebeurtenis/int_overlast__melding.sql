-- Eén rij per overlastmelding (zaak in de telset overlast) per versie die bekend was.
select
    zaak_id,
    eenheid_id,
    cluster_id,
    categorie_code,
    datum,
    bekend_vanaf,
    bekend_tot
from {{ ref('int_zaak__gebeurtenis') }}
where telset_code = 'overlast'
