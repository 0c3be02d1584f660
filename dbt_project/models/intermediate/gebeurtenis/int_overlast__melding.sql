-- Eén rij per overlastmelding (zaak in de telset overlast) per versie die bekend was.
with

zaak as (
    select * from {{ ref('stg_vera__zaak') }}
),

telset as (
    select * from {{ ref('telset') }}
    where telset_code = 'overlast'
)

select
    zaak.zaak_id,
    zaak.eenheid_id,
    zaak.cluster_id,
    zaak.zaaktype_detail_soort_code as categorie_code,
    zaak.begindatum as datum,
    zaak.bekend_vanaf,
    zaak.bekend_tot
from zaak
inner join telset
    on
        zaak.zaaktype_soort_code = telset.zaaktype_soort_code
        and zaak.zaaktype_detail_soort_code = telset.zaaktype_detail_soort_code
