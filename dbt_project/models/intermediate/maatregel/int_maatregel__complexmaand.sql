-- Eén rij per beheereenheid (hier complex_id), maand en soort waarin maatregelen bekend werden. Zij
-- tellen in dezelfde maand en bij dezelfde beheereenheid als in int_overlast__complexmaand; daar
-- staat van welke maanden dat werd vastgelegd. Hoe lang zij liepen, komt uit de nieuwste versie.
-- Preventie tegen woonfraude staat erbij met eigen soorten; die zijn nergens een kenmerk van.
with

eerste as (
    {{ eerste_versie(ref('stg_wijkbeheer__maatregel'), 'maatregel_id') }}
),

nieuwste as (
    select
        maatregel_id,
        {{ maandnummer('einddatum') }} - {{ maandnummer('begindatum') }} + 1 as looptijd_maanden
    from {{ ref('stg_wijkbeheer__maatregel') }}
    where bekend_tot is null and einddatum >= begindatum
),

geleverd as (
    select
        eerste.maatregel_id,
        eerste.cluster_id,
        eerste.soort_code,
        {{ begin_maand('eerste.bekend_vanaf') }} as maand,
        nieuwste.looptijd_maanden
    from eerste
    left join nieuwste on eerste.maatregel_id = nieuwste.maatregel_id
),

maatregel as (
    select
        maatregel_id,
        cluster_id,
        soort_code,
        maand,
        looptijd_maanden
    from geleverd
    union all
    select
        concat('preventie-', cast(maatregel_id as {{ dbt.type_string() }})) as maatregel_id,
        complex_id as cluster_id,
        soort_code,
        {{ begin_maand('bekend_op') }} as maand,
        {{ maandnummer('einddatum') }} - {{ maandnummer('begindatum') }} + 1 as looptijd_maanden
    from {{ source('buurtpeil', 'preventiemaatregel') }}
)

select
    complex.beheereenheid_id as complex_id,
    maatregel.maand,
    coalesce(maatregel.soort_code, 'overig') as soort_code,
    count(*) as aantal_maatregelen,
    count(maatregel.looptijd_maanden) as aantal_met_einde,
    cast(coalesce(sum(maatregel.looptijd_maanden), 0) as bigint) as looptijd_maanden
from maatregel
inner join {{ ref('int_overlast__beheereenheid') }} as complex
    on maatregel.cluster_id = complex.complex_id and maatregel.maand = complex.maand
where complex.beheereenheid_id is not null
group by complex.beheereenheid_id, maatregel.maand, coalesce(maatregel.soort_code, 'overig')
