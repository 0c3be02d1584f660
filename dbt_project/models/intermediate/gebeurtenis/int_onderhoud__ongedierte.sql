-- Eén rij per melding van of defect door ongedierte, per versie die bekend was.
with

melding as (
    select * from {{ ref('int_zaak__gebeurtenis') }}
    where telset_code = 'ongedierte'
),

defect as (
    select * from {{ ref('int_onderhoud__defect') }}
    where soort_code in ('RAT', 'MUI', 'KKL', 'WAN')
)

select
    zaak_id as gebeurtenis_id,
    eenheid_id,
    cluster_id,
    datum,
    bekend_vanaf,
    bekend_tot
from melding
union all
select
    defect_id as gebeurtenis_id,
    eenheid_id,
    cluster_id,
    datum,
    bekend_vanaf,
    bekend_tot
from defect
