-- Eén rij per beoordeling ernstig van een overlastzaak per versie die bekend was. datum is die van
-- de eerste keer ernstig, zodat een zaak niet in twee vensters na elkaar telt.
with

melding as (
    select * from {{ ref('int_overlast__melding') }}
    where bekend_tot is null
),

ernst as (
    select
        *,
        min(begindatum) over (partition by zaak_id) as eerste_begindatum
    from {{ ref('stg_zaakverloop__zaak_ernst') }}
    where ernst_code = 'ernstig'
)

select
    melding.zaak_id,
    melding.eenheid_id,
    melding.cluster_id,
    ernst.eerste_begindatum as datum,
    ernst.bekend_vanaf,
    ernst.bekend_tot
from melding
inner join ernst on melding.zaak_id = ernst.zaak_id
