-- Eén rij per afgeronde of heropende overlastzaak per versie: de eerste keren dat een status
-- inging, met de dag waarop de corporatie dat wist.
with

melding as (
    select * from {{ ref('int_overlast__melding') }}
    where bekend_tot is null
),

status as (
    select * from {{ ref('stg_vera__zaakstatus') }}
    where bekend_tot is null
),

eerste as (
    select
        zaak_id,
        min(case when soort_code = 'INB' then begindatum end) as eerste_contactdatum,
        min(case when soort_code = 'INB' then bekend_vanaf end) as contact_bekend_vanaf,
        min(case when soort_code = 'AFG' then begindatum end) as afgerond_datum,
        min(case when soort_code = 'AFG' then bekend_vanaf end) as afgerond_bekend_vanaf
    from status
    group by 1
),

heropend as (
    select
        status.zaak_id,
        min(status.begindatum) as heropend_datum,
        min(status.bekend_vanaf) as heropend_bekend_vanaf
    from status
    inner join eerste on status.zaak_id = eerste.zaak_id
    where status.soort_code = 'INB' and status.begindatum > eerste.afgerond_datum
    group by 1
)

select
    melding.zaak_id,
    melding.eenheid_id,
    melding.cluster_id,
    melding.datum as melddatum,
    eerste.eerste_contactdatum,
    eerste.contact_bekend_vanaf,
    eerste.afgerond_datum,
    eerste.afgerond_bekend_vanaf,
    heropend.heropend_datum,
    heropend.heropend_bekend_vanaf
from melding
inner join eerste on melding.zaak_id = eerste.zaak_id
left join heropend on melding.zaak_id = heropend.zaak_id
