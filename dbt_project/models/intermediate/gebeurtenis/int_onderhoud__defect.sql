-- Eén rij per defect per versie die bekend was, met waar het zat en wanneer het gereed was.
with

defect as (
    select * from {{ ref('stg_vera__defect') }}
),

verzoek as (
    select *
    from {{ ref('stg_vera__onderhoudsverzoek') }}
    where bekend_tot is null
),

gereed as (
    select
        onderhoudsverzoek_id,
        max(technisch_gereeddatum) as technisch_gereeddatum
    from {{ ref('stg_vera__onderhoudsorder') }}
    where bekend_tot is null
    group by 1
)

select
    defect.defect_id,
    verzoek.eenheid_id,
    verzoek.cluster_id,
    defect.soort_code,
    defect.oorzaak_code,
    defect.melddatum as datum,
    gereed.technisch_gereeddatum,
    defect.bekend_vanaf,
    defect.bekend_tot
from defect
inner join verzoek on defect.onderhoudsverzoek_id = verzoek.onderhoudsverzoek_id
left join gereed on defect.onderhoudsverzoek_id = gereed.onderhoudsverzoek_id
