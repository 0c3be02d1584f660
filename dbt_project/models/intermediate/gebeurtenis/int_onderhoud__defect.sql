-- Eén rij per defect per versie die bekend was, met waar het zat en wanneer het gereed was.
-- Defecten van een geannuleerd verzoek tellen niet. is_uitvoering_bekend: er is een order, of het
-- verzoek loopt nog; een verzoek dat klaar is zonder gereeddatum zegt niet hoe lang het openstond.
with

defect as (
    select * from {{ ref('stg_vera__defect') }}
),

verzoek as (
    select *
    from {{ ref('stg_vera__onderhoudsverzoek') }}
    where bekend_tot is null and coalesce(status_code, 'REG') != 'GEA'
),

gereed as (
    select
        onderhoudsverzoek_id,
        max(technisch_gereeddatum) as technisch_gereeddatum,
        max(case when technisch_gereeddatum is not null then bekend_vanaf end) as bekend_vanaf
    from {{ ref('stg_vera__onderhoudsorder') }}
    where bekend_tot is null
    group by onderhoudsverzoek_id
),

lidmaatschap as (
    select * from {{ ref('int_complex__lidmaatschap') }}
)

select
    defect.defect_id,
    verzoek.eenheid_id,
    {{ speelt_elders('verzoek.cluster_id', 'lidmaatschap.complex_id') }} as cluster_id,
    defect.soort_code,
    defect.oorzaak_code,
    defect.melddatum as datum,
    gereed.technisch_gereeddatum,
    gereed.bekend_vanaf as gereed_bekend_vanaf,
    gereed.technisch_gereeddatum is not null
    or coalesce(verzoek.status_code, 'REG') not in ('TEC', 'FIN', 'AFG') as is_uitvoering_bekend,
    defect.bekend_vanaf,
    defect.bekend_tot
from defect
inner join verzoek on defect.onderhoudsverzoek_id = verzoek.onderhoudsverzoek_id
left join gereed on defect.onderhoudsverzoek_id = gereed.onderhoudsverzoek_id
left join lidmaatschap
    on
        verzoek.eenheid_id = lidmaatschap.eenheid_id
        and verzoek.melddatum >= lidmaatschap.begindatum
        and verzoek.melddatum < lidmaatschap.einddatum
