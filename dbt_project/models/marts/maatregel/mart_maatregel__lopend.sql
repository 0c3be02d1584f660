-- Eén rij per complex (of beheercluster) en maatregel die loopt, of het laatste jaar liep: soort en
-- dagen. Geen kosten en geen personen; van een klein complex staat hij bij het beheercluster.
with

parameter as (
    select * from {{ ref('int_methode__parameter') }}
),

beheereenheid as (
    select * from {{ ref('int_complex__beheereenheid') }}
),

laatste as (
    select max(peildatum) as peildatum from beheereenheid
),

maatregel as (
    select
        cluster_id,
        coalesce(soort_code, 'overig') as soort_code,
        begindatum,
        einddatum
    from {{ ref('stg_wijkbeheer__maatregel') }}
    where bekend_tot is null and (einddatum is null or einddatum >= begindatum)
),

geplaatst as (
    select distinct
        beheereenheid.beheereenheid_id as beheerobject_id,
        maatregel.soort_code,
        maatregel.begindatum,
        maatregel.einddatum
    from maatregel
    inner join beheereenheid on maatregel.cluster_id = beheereenheid.complex_id
    inner join laatste on beheereenheid.peildatum = laatste.peildatum
    cross join parameter
    where
        beheereenheid.beheereenheid_id is not null
        and maatregel.begindatum <= parameter.klok
        and coalesce(maatregel.einddatum, parameter.klok)
        >= {{ tel_maanden('parameter.klok', -12) }}
)

select
    beheerobject_id,
    cast(row_number() over (
        partition by beheerobject_id
        order by begindatum desc, soort_code asc, coalesce(einddatum, date '9999-12-31') desc
    ) as integer) as volgorde,
    soort_code,
    begindatum,
    einddatum
from geplaatst
