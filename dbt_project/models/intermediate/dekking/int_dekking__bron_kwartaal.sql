-- Eén rij per dekkingsbron en kwartaal: wordt er in de hele corporatie vastgelegd?
-- Zonder rij in wijkbeheer.dekking geldt: van het kwartaal van het eerste gegeven tot de
-- jongste levering. Een bron die ophoudt met leveren, heeft daarna geen dekking.
with

kwartaal as (
    select distinct kwartaal from {{ ref('int_tijd__venster') }}
),

levering as (
    select
        dekkingsbron.dekkingsbron,
        max(coalesce(
            levering.leveringsdatum,
            {{ tel_maanden(begin_maand('levering.jongste_datum'), 1) }}
        )) as tot
    from {{ source('buurtpeil', 'levering') }} as levering
    inner join {{ ref('dekkingsbron') }} as dekkingsbron on levering.tabel = dekkingsbron.tabel
    group by 1
),

eerste as (
    select 'overlast' as dekkingsbron, min(begindatum) as datum from {{ ref('stg_vera__zaak') }}
    union all
    select 'onderhoud' as dekkingsbron, min(melddatum) as datum
    from {{ ref('stg_vera__onderhoudsverzoek') }}
    union all
    select 'huur' as dekkingsbron, min(peildatum) as datum
    from {{ ref('stg_vera__huurachterstand') }}
    union all
    select 'huur' as dekkingsbron, min(einddatum) as datum
    from {{ ref('stg_vera__huurovereenkomst') }}
    union all
    select 'schouw' as dekkingsbron, min(schouwdatum) as datum
    from {{ ref('stg_wijkbeheer__schouw') }}
    union all
    select 'huurdersonderzoek' as dekkingsbron, min(meetdatum) as datum
    from {{ ref('stg_huurdersonderzoek__antwoord') }}
    union all
    select 'initiatieven' as dekkingsbron, min(begindatum) as datum
    from {{ ref('stg_wijkbeheer__bewonersinitiatief') }}
),

bereik as (
    select
        eerste.dekkingsbron,
        {{ begin_kwartaal('min(eerste.datum)') }} as vanaf,
        max(levering.tot) as tot
    from eerste
    inner join levering on eerste.dekkingsbron = levering.dekkingsbron
    group by 1
),

algemeen as (
    select * from {{ ref('stg_wijkbeheer__dekking') }}
    where cluster_id is null
),

geoordeeld as (
    select
        bereik.dekkingsbron,
        kwartaal.kwartaal,
        kwartaal.kwartaal >= bereik.vanaf
        and {{ tel_maanden('kwartaal.kwartaal', 3) }} <= bereik.tot as is_gedekt_uit_gegevens,
        {{ dekkingsoordeel('algemeen', 'kwartaal.kwartaal') }} as oordeel
    from bereik
    cross join kwartaal
    left join algemeen
        on
            bereik.dekkingsbron = algemeen.bron
            and algemeen.begindatum < {{ tel_maanden('kwartaal.kwartaal', 3) }}
            and coalesce(algemeen.einddatum, date '9999-12-31') > kwartaal.kwartaal
    group by 1, 2, 3
)

select
    dekkingsbron,
    kwartaal,
    coalesce(oordeel = 1, is_gedekt_uit_gegevens) as is_gedekt
from geoordeeld
