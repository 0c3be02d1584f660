-- Eén rij per dekkingsbron, peildatum (eerste van een maand) en maand in de 30 maanden ervoor: in
-- welk half jaar die maand valt (0 = de laatste zes maanden) en of er toen werd vastgelegd.
-- Peildata die al gepubliceerd zijn, worden niet opnieuw beslist.
with

parameter as (
    select * from {{ ref('int_methode__parameter') }}
),

begin_reeks as (
    select min(peildatum) as eerste from {{ ref('int_tijd__peildatum') }}
),

gepubliceerd as (
    select max(peildatum) as laatste from {{ source('buurtpeil', 'gepubliceerd_themasignaal') }}
),

teller as (
    {{ getallenreeks(1200) }}
),

peildatum as (
    select {{ tel_maanden('begin_reeks.eerste', 'cast(teller.nummer as integer)') }} as peildatum
    from begin_reeks
    cross join teller
    where begin_reeks.eerste is not null
),

te_beslissen as (
    select peildatum.peildatum
    from peildatum
    cross join parameter
    cross join gepubliceerd
    where
        peildatum.peildatum <= {{ begin_maand('parameter.klok') }}
        and (gepubliceerd.laatste is null or peildatum.peildatum > gepubliceerd.laatste)
),

maand as (
    select
        te_beslissen.peildatum,
        {{ tel_maanden('te_beslissen.peildatum', '-1 - cast(teller.nummer as integer)') }} as maand,
        cast(floor(teller.nummer / 6) as integer) as halfjaar
    from te_beslissen
    cross join teller
    where teller.nummer < 30
),

levering as (
    select
        tabel,
        max(coalesce(leveringsdatum, {{ tel_maanden(begin_maand('jongste_datum'), 1) }})) as tot
    from {{ source('buurtpeil', 'levering') }}
    group by 1
),

-- het lopende kwartaal is nog niet heel geleverd; zijn maanden zijn gedekt zover de levering reikt
geleverd as (
    select
        dekkingsbron.dekkingsbron,
        min(levering.tot) as tot
    from {{ ref('dekkingsbron') }} as dekkingsbron
    inner join levering on dekkingsbron.tabel = levering.tabel
    group by 1
),

kwartaal as (
    select * from {{ ref('int_dekking__bron_kwartaal') }}
)

select
    geleverd.dekkingsbron,
    maand.peildatum,
    maand.maand,
    maand.halfjaar,
    coalesce(
        case when kwartaal.is_geleverd then kwartaal.is_gedekt end,
        vorige.is_gedekt and {{ tel_maanden('maand.maand', 1) }} <= geleverd.tot,
        false
    ) as is_gedekt
from maand
cross join geleverd
left join kwartaal
    on
        geleverd.dekkingsbron = kwartaal.dekkingsbron
        and {{ begin_kwartaal('maand.maand') }} = kwartaal.kwartaal
left join kwartaal as vorige
    on
        geleverd.dekkingsbron = vorige.dekkingsbron
        and {{ tel_maanden(begin_kwartaal('maand.maand'), -3) }} = vorige.kwartaal
where geleverd.dekkingsbron in ('overlast', 'onderhoud')
