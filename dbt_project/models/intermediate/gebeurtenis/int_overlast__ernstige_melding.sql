-- Eén rij per overlastzaak met een beoordeling ernstig; bekend vanaf die beoordeling.
with

melding as (
    select * from {{ ref('int_overlast__melding') }}
    where bekend_tot is null
),

ernst as (
    select * from {{ ref('stg_zaakverloop__zaak_ernst') }}
    where ernst_code = 'ernstig'
)

select
    melding.zaak_id,
    melding.eenheid_id,
    melding.cluster_id,
    min(ernst.begindatum) as datum,
    min(ernst.bekend_vanaf) as bekend_vanaf,
    cast(null as date) as bekend_tot
from melding
inner join ernst on melding.zaak_id = ernst.zaak_id
group by 1, 2, 3
