-- Eén rij per dekkingsbron, complex en kwartaal waarvoor wijkbeheer.dekking iets anders zegt dan
-- voor de hele corporatie geldt.
with

kwartaal as (
    select distinct kwartaal from {{ ref('int_tijd__venster') }}
),

per_complex as (
    select * from {{ ref('stg_wijkbeheer__dekking') }}
    where cluster_id is not null
),

algemeen as (
    select * from {{ ref('int_dekking__bron_kwartaal') }}
),

geoordeeld as (
    select
        per_complex.bron as dekkingsbron,
        per_complex.cluster_id as complex_id,
        kwartaal.kwartaal,
        {{ dekkingsoordeel('per_complex', 'kwartaal.kwartaal') }} as oordeel
    from per_complex
    inner join kwartaal
        on
            per_complex.begindatum < {{ tel_maanden('kwartaal.kwartaal', 3) }}
            and coalesce(per_complex.einddatum, date '9999-12-31') > kwartaal.kwartaal
    group by 1, 2, 3
)

select
    geoordeeld.dekkingsbron,
    geoordeeld.complex_id,
    geoordeeld.kwartaal,
    geoordeeld.oordeel = 1 as is_gedekt
from geoordeeld
left join algemeen
    on
        geoordeeld.dekkingsbron = algemeen.dekkingsbron
        and geoordeeld.kwartaal = algemeen.kwartaal
where
    geoordeeld.oordeel is not null
    and (geoordeeld.oordeel = 1) != coalesce(algemeen.is_gedekt, false)
