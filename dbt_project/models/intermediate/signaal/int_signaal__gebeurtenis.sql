-- Eén rij per gebeurtenis die voor een themasignaal telt, per versie die bekend was: meldingen van
-- overlast (OVL) en vernieling en ongedierte (SHV). Thema's met kleine cellen (FIN, SOC) doen niet
-- mee: een signaal op een handvol huurders zou over die huurders gaan.
{{ config(materialized='view') }}
select
    'OVL' as thema_code,
    'overlast' as dekkingsbron,
    categorie_code as soort,
    eenheid_id,
    cluster_id,
    datum,
    bekend_vanaf,
    bekend_tot
from {{ ref('int_overlast__melding') }}
union all
select
    'SHV' as thema_code,
    'onderhoud' as dekkingsbron,
    'vandalisme' as soort,
    eenheid_id,
    cluster_id,
    datum,
    bekend_vanaf,
    bekend_tot
from {{ ref('int_onderhoud__defect') }}
where oorzaak_code = 'VAN'
union all
select
    'SHV' as thema_code,
    'onderhoud' as dekkingsbron,
    'ongedierte' as soort,
    eenheid_id,
    cluster_id,
    datum,
    bekend_vanaf,
    bekend_tot
from {{ ref('int_onderhoud__ongedierte') }}
