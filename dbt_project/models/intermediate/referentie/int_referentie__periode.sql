-- Eén rij per grondslag: de peildata van de referentie R. Eigen: de eerste 8 volledige kwartalen,
-- dat is met een vol venster van elke bron die SHV en OVL nodig hebben en die al een vol venster
-- heeft; openbaar: de eerste editie. Bij herijken begint R later (`referentie_vanaf`). Is R al
-- bevroren, dan geldt die en niets anders.
with

parameter as (
    select * from {{ ref('int_methode__parameter') }}
),

bevroren as (
    select * from {{ source('buurtpeil', 'referentie_periode') }}
),

peildatum as (
    select * from {{ ref('int_tijd__peildatum') }}
),

laatste as (
    select max(peildatum) as peildatum from peildatum
),

vol_venster as (
    select {{ tel_maanden(
        begin_kwartaal('begin_van_bron.eerste_datum'),
        'cast(parameter.venster_maanden as integer)'
    ) }} as vanaf
    from {{ ref('int_dekking__begin') }} as begin_van_bron
    cross join parameter
    where begin_van_bron.tabel in ('vera.zaak', 'vera.onderhoudsverzoek', 'wijkbeheer.schouw')
),

vanaf as (
    select max(vol_venster.vanaf) as vanaf
    from vol_venster
    cross join laatste
    where vol_venster.vanaf <= laatste.peildatum
),

volledig as (
    select
        peildatum.peildatum,
        row_number() over (order by peildatum.peildatum) as volgnummer
    from peildatum
    cross join vanaf
    cross join parameter
    where
        peildatum.peildatum >= coalesce(vanaf.vanaf, peildatum.peildatum)
        and peildatum.peildatum >= coalesce(parameter.referentie_vanaf, peildatum.peildatum)
),

eigen as (
    select
        'eigen' as grondslag,
        min(volledig.peildatum) as eerste_peildatum,
        max(volledig.peildatum) as laatste_peildatum,
        count(*) as aantal_peildata,
        count(*) < max(parameter.referentie_kwartalen) as is_voorlopig
    from volledig
    cross join parameter
    where volledig.volgnummer <= parameter.referentie_kwartalen
),

openbaar as (
    select
        'openbaar' as grondslag,
        min(indicator.peildatum) as eerste_peildatum,
        min(indicator.peildatum) as laatste_peildatum,
        cast(1 as bigint) as aantal_peildata,
        false as is_voorlopig
    from {{ ref('int_openbaar__indicator') }} as indicator
    cross join parameter
    where indicator.peildatum >= coalesce(parameter.referentie_vanaf, indicator.peildatum)
),

geschat as (
    select * from eigen
    union all
    select * from openbaar
)

select
    grondslag,
    eerste_peildatum,
    laatste_peildatum,
    aantal_peildata,
    is_voorlopig
from bevroren
union all
select
    grondslag,
    eerste_peildatum,
    laatste_peildatum,
    aantal_peildata,
    is_voorlopig
from geschat
where
    eerste_peildatum is not null
    and grondslag not in (select bevroren.grondslag from bevroren)
