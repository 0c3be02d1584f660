-- Eén rij per overlastzaak met statussen: de eerste keer in behandeling, de eerste keer afgerond en
-- de eerste keer daarna weer in behandeling, elk met de dag waarop de corporatie dat wist.
with

melding as (
    select * from {{ ref('int_overlast__melding') }}
    where bekend_tot is null
),

status as (
    select
        zaak_id,
        soort_code,
        begindatum,
        bekend_vanaf
    from {{ ref('stg_vera__zaakstatus') }}
    where soort_code in ('INB', 'AFG')
),

-- een status heeft geen inhoud die wijzigt: opnieuw geleverd blijft hij bekend van de eerste keer
per_dag as (
    select
        zaak_id,
        soort_code,
        begindatum,
        min(bekend_vanaf) as bekend_vanaf,
        row_number() over (partition by zaak_id, soort_code order by begindatum) as rang
    from status
    group by zaak_id, soort_code, begindatum
),

eerste as (
    select
        zaak_id,
        max(case when soort_code = 'INB' then begindatum end) as eerste_contactdatum,
        max(case when soort_code = 'INB' then bekend_vanaf end) as contact_bekend_vanaf,
        max(case when soort_code = 'AFG' then begindatum end) as afgerond_datum,
        max(case when soort_code = 'AFG' then bekend_vanaf end) as afgerond_bekend_vanaf
    from per_dag
    where rang = 1
    group by zaak_id
),

na_afronding as (
    select
        per_dag.zaak_id,
        per_dag.begindatum,
        per_dag.bekend_vanaf,
        row_number() over (partition by per_dag.zaak_id order by per_dag.begindatum) as rang
    from per_dag
    inner join eerste on per_dag.zaak_id = eerste.zaak_id
    where per_dag.soort_code = 'INB' and per_dag.begindatum > eerste.afgerond_datum
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
    na_afronding.begindatum as heropend_datum,
    na_afronding.bekend_vanaf as heropend_bekend_vanaf
from melding
inner join eerste on melding.zaak_id = eerste.zaak_id
left join na_afronding on melding.zaak_id = na_afronding.zaak_id and na_afronding.rang = 1
