-- Eén rij per dekkingsbron, complex en kwartaal waarvoor wijkbeheer.dekking iets anders zegt dan
-- voor de hele corporatie geldt.
with

kwartaal as (
    select distinct kwartaal from {{ ref('int_tijd__venster') }}
),

dekkingsbron as (
    select distinct
        dekkingsbron,
        gemeld_als
    from {{ ref('dekkingsbron') }}
),

per_complex as (
    select
        dekkingsbron.dekkingsbron,
        dekkingsbron.gemeld_als,
        dekking.cluster_id,
        dekking.begindatum,
        dekking.einddatum,
        dekking.is_gedekt
    from {{ ref('stg_wijkbeheer__dekking') }} as dekking
    inner join dekkingsbron on dekking.bron = dekkingsbron.gemeld_als
    where dekking.cluster_id is not null
),

algemeen as (
    select * from {{ ref('int_dekking__bron_kwartaal') }}
),

geoordeeld as (
    select
        per_complex.dekkingsbron,
        per_complex.gemeld_als,
        per_complex.cluster_id as complex_id,
        kwartaal.kwartaal,
        {{ dekkingsoordeel('per_complex', 'kwartaal.kwartaal') }} as oordeel
    from per_complex
    inner join kwartaal
        on
            per_complex.begindatum < {{ tel_maanden('kwartaal.kwartaal', 3) }}
            and coalesce(per_complex.einddatum, date '9999-12-31') > kwartaal.kwartaal
    group by 1, 2, 3, 4
)

-- wat niet geleverd is, is ook voor één complex niet gedekt
select
    geoordeeld.dekkingsbron,
    geoordeeld.complex_id,
    geoordeeld.kwartaal,
    geoordeeld.oordeel = 1 as is_gedekt
from geoordeeld
inner join algemeen
    on
        geoordeeld.dekkingsbron = algemeen.dekkingsbron
        and geoordeeld.kwartaal = algemeen.kwartaal
where
    (geoordeeld.oordeel = 0 and algemeen.is_gedekt)
    or (
        geoordeeld.oordeel = 1
        and algemeen.is_geleverd
        and not algemeen.is_gedekt
        and geoordeeld.dekkingsbron = geoordeeld.gemeld_als
    )
