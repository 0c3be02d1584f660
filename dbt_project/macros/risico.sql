{#
    What both risk models need in SQL: months, coverage per month, dwellings per month, and sums
    over the months before a peildatum. A model of overlast or woonfraude reads its own tables
    only; that is why these are macros and not a table that both read (trust.md, "The firewall").
#}

{# First day of a month on or after a date. #}
{% macro maand_vanaf(datum) -%}
    {{ tel_maanden(begin_maand(tel_dagen(datum, -1)), 1) }}
{%- endmacro %}

{# A running number of the month that a date lies in, so that the next month is one more. #}
{% macro maandnummer(datum) -%}
    cast(12 * extract(year from {{ datum }}) + extract(month from {{ datum }}) as bigint)
{%- endmacro %}

{#
    The first version of each row: what the association knew first. A later version does not take
    a fact back, so that what was counted for a past peildatum stays as it was.
#}
{% macro eerste_versie(relatie, sleutel, voorwaarde='true') %}
    select *
    from (
        select
            *,
            row_number() over (partition by {{ sleutel }} order by bekend_vanaf) as _versie
        from {{ relatie }}
        where {{ voorwaarde }}
    ) as versies
    where _versie = 1
{% endmacro %}

{#
    One row per source of coverage and month from the first covered month up to that of the clock:
    is anything recorded in the association as a whole? `tabellen` gives per delivered table its
    staging model and the day that a row counts from; `bronnen` gives per source of coverage
      groepen      lists of tables: of each list one must be delivered up to the end of the month
                   (a rare table delivers no file in a month without news, the one beside it does)
      vanaf        tables whose first row must have come, by the rule of int_dekking__begin
                   A month that begins before what is kept of them is not covered.
      gemeld_als   name in wijkbeheer.dekking; none = nobody reports coverage of it
      is_zelf      whether a row there saying "covered" is about this source itself
#}
{% macro maanddekking(tabellen, bronnen) %}
with

parameter as (
    select * from {{ ref('int_methode__parameter') }}
),

per_kwartaal as (
    {%- for tabel, plaats in tabellen.items() %}
        select
            '{{ tabel }}' as tabel,
            {{ begin_kwartaal(plaats[1]) }} as kwartaal,
            min({{ plaats[1] }}) as eerste_datum,
            count(*) as aantal
        from {{ ref(plaats[0]) }}
        where {{ plaats[1] }} is not null
        group by 2
        {{ 'union all' if not loop.last }}
    {%- endfor %}
),

met_gemiddelde as (
    select
        *,
        avg(aantal) over (partition by tabel) as gewoon
    from per_kwartaal
),

begin_van_tabel as (
    select
        met_gemiddelde.tabel,
        {{ begin_maand('min(met_gemiddelde.eerste_datum)') }} as vanaf
    from met_gemiddelde
    cross join parameter
    where
        met_gemiddelde.aantal >= 2
        and met_gemiddelde.aantal >= parameter.minimum_deel_vastlegging * met_gemiddelde.gewoon
    group by met_gemiddelde.tabel
),

geleverd_tot as (
    select
        tabel,
        max(coalesce(
            leveringsdatum, {{ tel_maanden(begin_maand('jongste_datum'), 1) }}
        )) as tot,
        max(bewaargrens) as bewaard_vanaf
    from {{ source('buurtpeil', 'levering') }}
    group by tabel
),

nodig as (
    {%- for bron, eis in bronnen.items() %}
        {%- set laatste_bron = loop.last %}
        {%- for groep in eis['groepen'] %}
            {%- set nummer = loop.index %}
            {%- set laatste_groep = loop.last %}
            {%- for tabel in groep %}
        select
            '{{ bron }}' as dekkingsbron,
            '{{ eis['gemeld_als'] or '' }}' as gemeld_als,
            {{ 'true' if eis['is_zelf'] else 'false' }} as is_zelf,
            {{ nummer }} as groep,
            '{{ tabel }}' as tabel,
            {{ 'true' if tabel in eis['vanaf'] else 'false' }} as is_vanaf
        {{ 'union all' if not (laatste_bron and laatste_groep and loop.last) }}
            {%- endfor %}
        {%- endfor %}
    {%- endfor %}
),

per_groep as (
    select
        nodig.dekkingsbron,
        nodig.gemeld_als,
        nodig.is_zelf,
        nodig.groep,
        max(geleverd_tot.tot) as tot,
        max(case when nodig.is_vanaf then begin_van_tabel.vanaf end) as vanaf,
        {{ maand_vanaf('max(case when nodig.is_vanaf then geleverd_tot.bewaard_vanaf end)') }}
            as bewaard_vanaf,
        count(case when nodig.is_vanaf and begin_van_tabel.vanaf is null then 1 end) as zonder_begin
    from nodig
    left join geleverd_tot on nodig.tabel = geleverd_tot.tabel
    left join begin_van_tabel on nodig.tabel = begin_van_tabel.tabel
    group by nodig.dekkingsbron, nodig.gemeld_als, nodig.is_zelf, nodig.groep
),

bereik as (
    select
        dekkingsbron,
        gemeld_als,
        is_zelf,
        greatest(max(vanaf), coalesce(max(bewaard_vanaf), max(vanaf))) as vanaf,
        max(bewaard_vanaf) as bewaard_vanaf,
        min(tot) as tot
    from per_groep
    group by dekkingsbron, gemeld_als, is_zelf
    having count(*) = count(tot) and sum(zonder_begin) = 0
),

grenzen as (
    select
        (select min(bereik.vanaf) from bereik) as eerste,
        {{ begin_maand('parameter.klok') }} as laatste
    from parameter
),

teller as (
    {{ getallenreeks(1200) }}
),

maand as (
    select {{ tel_maanden('grenzen.eerste', 'cast(teller.nummer as integer)') }} as maand
    from grenzen
    cross join teller
    where
        grenzen.eerste is not null
        and {{ tel_maanden('grenzen.eerste', 'cast(teller.nummer as integer)') }} <= grenzen.laatste
),

{% if bronnen.values() | selectattr('gemeld_als') | list %}
algemeen as (
    select * from {{ ref('stg_wijkbeheer__dekking') }}
    where cluster_id is null
),

geoordeeld as (
    select
        bereik.dekkingsbron,
        bereik.gemeld_als,
        bereik.is_zelf,
        maand.maand,
        maand.maand >= bereik.vanaf as is_begonnen,
        {{ tel_maanden('maand.maand', 1) }} <= bereik.tot
        and (bereik.bewaard_vanaf is null or maand.maand >= bereik.bewaard_vanaf) as is_geleverd,
        {{ dekkingsoordeel('algemeen', 'maand.maand', 1) }} as oordeel
    from bereik
    cross join maand
    left join algemeen
        on
            bereik.gemeld_als = algemeen.bron
            and algemeen.begindatum < {{ tel_maanden('maand.maand', 1) }}
            and coalesce(algemeen.einddatum, date '9999-12-31') > maand.maand
    group by 1, 2, 3, 4, 5, 6
)
{% else %}
geoordeeld as (
    select
        bereik.dekkingsbron,
        bereik.gemeld_als,
        bereik.is_zelf,
        maand.maand,
        maand.maand >= bereik.vanaf as is_begonnen,
        {{ tel_maanden('maand.maand', 1) }} <= bereik.tot
        and (bereik.bewaard_vanaf is null or maand.maand >= bereik.bewaard_vanaf) as is_geleverd,
        cast(null as integer) as oordeel
    from bereik
    cross join maand
)
{% endif %}

select
    dekkingsbron,
    gemeld_als,
    is_zelf,
    maand,
    is_geleverd,
    case
        when not is_geleverd or oordeel = 0 then false
        when oordeel = 1 and is_zelf then true
        else is_begonnen
    end as is_gedekt
from geoordeeld
{% endmacro %}

{#
    Dwellings of each complex on the first day of each month. Needs CTEs `lidmaatschap` and
    `maand`; begin and end of memberships are counted and added up, as in int_complex__omvang.
    Gives CTE `omvang`, without complexes of zero.
#}
{% macro woningen_per_maand() %}
eerste as (
    select min(maand) as maand from maand
),

wijziging as (
    select
        complex_id,
        {{ maand_vanaf('begindatum') }} as maand,
        1 as verschil
    from lidmaatschap
    union all
    select
        complex_id,
        {{ maand_vanaf('einddatum') }} as maand,
        -1 as verschil
    from lidmaatschap
    where einddatum < date '9999-12-31'
),

per_maand as (
    select
        wijziging.complex_id,
        greatest(wijziging.maand, eerste.maand) as maand,
        sum(wijziging.verschil) as verschil
    from wijziging
    cross join eerste
    group by 1, 2
),

rooster as (
    select
        complex.complex_id,
        maand.maand
    from (select distinct complex_id from lidmaatschap) as complex
    cross join maand
),

lopend as (
    select
        rooster.complex_id,
        rooster.maand,
        cast(sum(coalesce(per_maand.verschil, 0)) over (
            partition by rooster.complex_id order by rooster.maand
        ) as bigint) as aantal_eenheden
    from rooster
    left join per_maand
        on
            rooster.complex_id = per_maand.complex_id
            and rooster.maand = per_maand.maand
),

omvang as (
    select * from lopend
    where aantal_eenheden > 0
)
{% endmacro %}

{# The rows of the `maanden` months before the month of a row, never that month itself. #}
{% macro maanden_ervoor(maanden) -%}
    over (
            partition by complex_id order by maand
            rows between {{ maanden }} preceding and 1 preceding
        )
{%- endmacro %}

{# The month of a row and what follows, `maanden` rows in all. #}
{% macro maanden_vanaf(maanden) -%}
    over (
            partition by complex_id order by maand
            rows between current row and {{ maanden - 1 }} following
        )
{%- endmacro %}

{#
    A sum over the months before, from `som` over the covered ones and their number: as if the
    whole window were covered, and unknown where less than half of it is.
#}
{% macro volle_som(som, gedekt, maanden) -%}
    case when 2 * {{ gedekt }} >= {{ maanden }} then {{ deel('1.0 * ' ~ som ~ ' * ' ~ maanden, gedekt) }} end
{%- endmacro %}
