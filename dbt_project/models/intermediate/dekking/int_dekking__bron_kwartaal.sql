-- Eén rij per dekkingsbron en kwartaal: wordt er in de hele corporatie vastgelegd?
-- Een dekkingsbron is gedekt als al haar tabellen dat zijn: van het kwartaal waarin het vastleggen
-- begon tot de jongste levering. Een bron die ophoudt met leveren, heeft daarna geen dekking.
-- Wat voorbij zijn bewaartermijn is, is weg: een kwartaal dat daarvoor begint, is niet gedekt.
-- Een rij in wijkbeheer.dekking gaat voor binnen wat geleverd is, ook voor wat daarvan afhangt
-- (`gemeld_als`: wie geen overlast vastlegt, legt ook geen ernst vast).
with

kwartaal as (
    select distinct kwartaal from {{ ref('int_tijd__venster') }}
),

dekkingsbron as (
    select * from {{ ref('dekkingsbron') }}
),

geleverd_tot as (
    select
        tabel,
        max(coalesce(
            leveringsdatum, {{ tel_maanden(begin_maand('jongste_datum'), 1) }}
        )) as tot,
        max(bewaargrens) as bewaard_vanaf
    from {{ source('buurtpeil', 'levering') }}
    group by 1
),

begin_van_bron as (
    select * from {{ ref('int_dekking__begin') }}
),

bereik as (
    select
        dekkingsbron.dekkingsbron,
        dekkingsbron.gemeld_als,
        {{ begin_kwartaal('max(begin_van_bron.eerste_datum)') }} as vanaf,
        min(geleverd_tot.tot) as tot,
        max(geleverd_tot.bewaard_vanaf) as bewaard_vanaf
    from dekkingsbron
    left join geleverd_tot on dekkingsbron.tabel = geleverd_tot.tabel
    left join begin_van_bron on dekkingsbron.tabel = begin_van_bron.tabel
    group by 1, 2
    -- ontbreekt een van de tabellen, dan is er niets te dekken
    having count(*) = count(geleverd_tot.tot) and count(*) = count(begin_van_bron.eerste_datum)
),

algemeen as (
    select * from {{ ref('stg_wijkbeheer__dekking') }}
    where cluster_id is null
),

geoordeeld as (
    select
        bereik.dekkingsbron,
        bereik.gemeld_als,
        kwartaal.kwartaal,
        kwartaal.kwartaal >= bereik.vanaf as is_begonnen,
        {{ tel_maanden('kwartaal.kwartaal', 3) }} <= bereik.tot
        and (bereik.bewaard_vanaf is null or kwartaal.kwartaal >= bereik.bewaard_vanaf)
            as is_geleverd,
        {{ dekkingsoordeel('algemeen', 'kwartaal.kwartaal') }} as oordeel
    from bereik
    cross join kwartaal
    left join algemeen
        on
            bereik.gemeld_als = algemeen.bron
            and algemeen.begindatum < {{ tel_maanden('kwartaal.kwartaal', 3) }}
            and coalesce(algemeen.einddatum, date '9999-12-31') > kwartaal.kwartaal
    group by 1, 2, 3, 4, 5
)

select
    dekkingsbron,
    kwartaal,
    is_geleverd,
    case
        when not is_geleverd or oordeel = 0 then false
        -- "er werd al vastgelegd" geldt voor de bron zelf, niet voor wat er later bij kwam
        when oordeel = 1 and dekkingsbron = gemeld_als then true
        else is_begonnen
    end as is_gedekt
from geoordeeld
