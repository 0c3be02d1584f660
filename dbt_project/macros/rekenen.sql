{# Arithmetic that engines spell differently, and the rounding that makes bytes repeatable. #}

{#
    Dates. Dispatched, for dbt's own macros for Spark go through seconds since 1970: a date of that
    engine has functions of its own.
#}
{% macro tel_maanden(datum, maanden) -%}
    {{ return(adapter.dispatch('tel_maanden', 'buurtpeil')(datum, maanden)) }}
{%- endmacro %}

{% macro default__tel_maanden(datum, maanden) -%}
    cast({{ dbt.dateadd('month', maanden, datum) }} as date)
{%- endmacro %}

{% macro spark__tel_maanden(datum, maanden) -%}
    add_months({{ datum }}, {{ maanden }})
{%- endmacro %}

{% macro tel_dagen(datum, dagen) -%}
    {{ return(adapter.dispatch('tel_dagen', 'buurtpeil')(datum, dagen)) }}
{%- endmacro %}

{% macro default__tel_dagen(datum, dagen) -%}
    {{ dbt.dateadd('day', dagen, datum) }}
{%- endmacro %}

{% macro spark__tel_dagen(datum, dagen) -%}
    date_add({{ datum }}, {{ dagen }})
{%- endmacro %}

{% macro begin_kwartaal(datum) -%}
    {{ return(adapter.dispatch('begin_kwartaal', 'buurtpeil')(datum)) }}
{%- endmacro %}

{% macro default__begin_kwartaal(datum) -%}
    cast({{ dbt.date_trunc('quarter', datum) }} as date)
{%- endmacro %}

{% macro spark__begin_kwartaal(datum) -%}
    trunc({{ datum }}, 'quarter')
{%- endmacro %}

{% macro begin_maand(datum) -%}
    {{ return(adapter.dispatch('begin_maand', 'buurtpeil')(datum)) }}
{%- endmacro %}

{% macro default__begin_maand(datum) -%}
    cast({{ dbt.date_trunc('month', datum) }} as date)
{%- endmacro %}

{% macro spark__begin_maand(datum) -%}
    trunc({{ datum }}, 'month')
{%- endmacro %}

{# First quarter peildatum on or after a date. #}
{% macro kwartaal_vanaf(datum) -%}
    {{ tel_maanden(begin_kwartaal(tel_dagen(datum, -1)), 3) }}
{%- endmacro %}

{% macro dagen_tussen(van, tot) -%}
    {{ return(adapter.dispatch('dagen_tussen', 'buurtpeil')(van, tot)) }}
{%- endmacro %}

{% macro default__dagen_tussen(van, tot) -%}
    {{ dbt.datediff(van, tot, 'day') }}
{%- endmacro %}

{% macro spark__dagen_tussen(van, tot) -%}
    cast(datediff({{ tot }}, {{ van }}) as bigint)
{%- endmacro %}

{#
    Values of rows as one text, `scheiding` (a literal) between them, in the order of `volgorde`,
    which dbt's own macro for Spark leaves out.
#}
{% macro als_lijst(waarde, scheiding, volgorde) -%}
    {{ return(adapter.dispatch('als_lijst', 'buurtpeil')(waarde, scheiding, volgorde)) }}
{%- endmacro %}

{% macro default__als_lijst(waarde, scheiding, volgorde) -%}
    {{ dbt.listagg(waarde, scheiding, 'order by ' ~ volgorde) }}
{%- endmacro %}

{% macro spark__als_lijst(waarde, scheiding, volgorde) -%}
    listagg({{ waarde }}, {{ scheiding }}) within group (order by {{ volgorde }})
{%- endmacro %}

{#
    A quotient as a double. Dispatched: DuckDB divides decimals as doubles, Spark as decimals of at
    most 38 digits, of which six may be left behind the point.
#}
{% macro deel(boven, onder) -%}
    {{ return(adapter.dispatch('deel', 'buurtpeil')(boven, onder)) }}
{%- endmacro %}

{% macro default__deel(boven, onder) -%}
    {{ boven }} / {{ onder }}
{%- endmacro %}

{% macro spark__deel(boven, onder) -%}
    cast({{ boven }} as double) / {{ onder }}
{%- endmacro %}

{#
    Twelve significant digits: what lies further is noise of the arithmetic. Applied before any
    threshold or export (architecture, "Same bytes"). Dispatched: not every engine rounds to a
    number of digits that differs per row.
#}
{% macro rond12(x) -%}
    {{ return(adapter.dispatch('rond12', 'buurtpeil')(x)) }}
{%- endmacro %}

{% macro default__rond12(x) -%}
    {%- set eenheid = 'power(10.0, floor(log10(abs(' ~ x ~ '))) - 11)' -%}
    case
        when abs({{ x }}) < 1e-30 then 0.0
        else round({{ x }} / {{ eenheid }}) * {{ eenheid }}
    end
{%- endmacro %}

{% macro duckdb__rond12(x) -%}
    case
        when abs({{ x }}) < 1e-30 then 0.0
        else round({{ x }}, cast(11 - floor(log10(abs({{ x }}))) as integer))
    end
{%- endmacro %}

{# The steps that DuckDB takes inside, so that the same number comes out to the last bit. #}
{% macro spark__rond12(x) -%}
    {%- set orde = 'floor(log10(abs(v)))' -%}
    {%- set vorm -%}
    case
        when abs(v) < 1e-30 then cast(0 as double)
        when {{ orde }} <= 11
            then round(v * power(10, 11 - {{ orde }})) / power(10, 11 - {{ orde }})
        else round(v / power(10, {{ orde }} - 11)) * power(10, {{ orde }} - 11)
    end
    {%- endset -%}
    {{ spark_eenmaal(x, vorm) }}
{%- endmacro %}

{#
    `vorm`, an expression in v, with v a double that is computed once. Written out, an expression
    within an expression grows past what Spark reads.
#}
{% macro spark_eenmaal(x, vorm) -%}
    element_at(transform(array(cast({{ x }} as double)), v -> {{ vorm }}), 1)
{%- endmacro %}

{#
    Twelve decimals, as a decimal: every float that is added up over rows goes through this. A
    float sum depends on the order in which threads add; rounding it to twelve digits only makes
    a difference rare (one value in ten thousand), a sum of decimals is exact in any order.
#}
{% macro vast12(x) -%}
    cast(round({{ x }}, 12) as decimal(28, 12))
{%- endmacro %}

{# The sum over rows that does not depend on their order. #}
{% macro som12(x) -%}
    cast(sum({{ vast12(x) }}) as double)
{%- endmacro %}

{#
    Standard normal distribution function, |error| <= 7.5e-8 (Abramowitz and Stegun 26.2.17).
    Dispatched: an engine with its own erf can do better.
#}
{% macro phi(x) -%}
    {{ return(adapter.dispatch('phi', 'buurtpeil')(x)) }}
{%- endmacro %}

{% macro default__phi(x) -%}
    {%- set t = '(1.0 / (1.0 + 0.2316419 * abs(' ~ x ~ ')))' -%}
    {%- set staart -%}
        (0.3989422804014327 * exp(-0.5 * ({{ x }}) * ({{ x }}))
        * {{ t }} * (0.319381530 + {{ t }} * (-0.356563782 + {{ t }} * (1.781477937
        + {{ t }} * (-1.821255978 + {{ t }} * 1.330274429)))))
    {%- endset -%}
    case when ({{ x }}) >= 0 then 1.0 - {{ staart }} else {{ staart }} end
{%- endmacro %}

{% macro spark__phi(x) -%}
    {{ spark_eenmaal(x, default__phi('v')) }}
{%- endmacro %}

{#
    Trigamma for Var x of a count: the series of label.md step 2 at a + 1, and 1 / a^2 to step
    back. At a itself the series is a third too high for a complex without events where A is
    large; a step further it is within 0.2 %.
#}
{% macro trigamma(a) -%}
    (1.0 / (({{ a }}) * ({{ a }})) + 1.0 / ({{ a }} + 1.0)
    + 1.0 / (2.0 * ({{ a }} + 1.0) * ({{ a }} + 1.0))
    + 1.0 / (6.0 * ({{ a }} + 1.0) * ({{ a }} + 1.0) * ({{ a }} + 1.0)))
{%- endmacro %}

{# Label 1..5 from a score and four cut-points: a score on the cut belongs below it. #}
{% macro label_uit_knippen(score, knip) -%}
    case
        when {{ score }} is null or {{ knip }}.knip_1 is null then null
        when {{ score }} <= {{ knip }}.knip_1 then 1
        when {{ score }} <= {{ knip }}.knip_2 then 2
        when {{ score }} <= {{ knip }}.knip_3 then 3
        when {{ score }} <= {{ knip }}.knip_4 then 4
        else 5
    end
{%- endmacro %}

{#
    Value in the unit that people read, from the sums that travel: counts per dwelling per year
    (noemer is in dwelling-quarters), shares, means.
#}
{% macro leesbare_waarde(soort, teller, noemer) -%}
    case
        when {{ noemer }} is null or {{ noemer }} = 0 then null
        when {{ soort }} = 'telling' then {{ deel('4.0 * ' ~ teller, noemer) }}
        else {{ deel('1.0 * ' ~ teller, noemer) }}
    end
{%- endmacro %}

{# The numbers 0 .. aantal - 1 as rows, without a function that only one engine has. #}
{% macro getallenreeks(aantal) -%}
    select nummer
    from (
        {%- for honderd in range((aantal / 100) | round(0, 'ceil') | int) %}
        select {{ honderd }} * 100 + tien.i * 10 + een.i as nummer
        from (values (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)) as tien (i)
        cross join (values (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)) as een (i)
        {{ 'union all' if not loop.last }}
        {%- endfor %}
    ) as getallen
{%- endmacro %}

{#
    Weighted quantiles of `waarde` per group: the smallest value at which the summed weight
    reaches the share. Weights are integers and shares decimals, so that nothing is rounded and
    every engine agrees. Yields CTE `<naam>` with the group columns and one column per quantile.
#}
{% macro gewogen_kwantielen(naam, bron, groep, waarde, gewicht, kwantielen) %}
{{ naam }}_cumulatief as (
    select
        {{ groep | join(', ') }},
        {{ waarde }} as waarde,
        cast(sum({{ gewicht }}) over (
            partition by {{ groep | join(', ') }} order by {{ waarde }}
        ) as bigint) as tot_en_met,
        cast(sum({{ gewicht }}) over (
            partition by {{ groep | join(', ') }}
        ) as bigint) as totaal
    from {{ bron }}
    where {{ waarde }} is not null and {{ gewicht }} > 0
),

{{ naam }} as (
    select
        {{ groep | join(', ') }},
        {%- for kolom, deel in kwantielen.items() %}
        min(case
            when tot_en_met >= cast({{ deel }} as decimal(9, 6)) * totaal then waarde
        end)
            as {{ kolom }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ naam }}_cumulatief
    group by {% for _ in groep %}{{ loop.index }}{{ ', ' if not loop.last }}{% endfor %}
)
{% endmacro %}

{# Log-odds of k out of n with half a case on each side, so that 0 and n exist (label.md step 2). #}
{% macro empirische_logit(k, n) -%}
    ln(({{ k }} + 0.5) / ({{ n }} - {{ k }} + 0.5))
{%- endmacro %}

{# The logit of a share, kept off 0 and 1: a stratum without a single case is not minus infinity. #}
{% macro logit(p) -%}
    ln(greatest(0.0005, least(0.9995, {{ p }})) / (1.0 - greatest(0.0005, least(0.9995, {{ p }}))))
{%- endmacro %}

{# Its sampling variance (label.md step 2). #}
{% macro variantie_logit(k, n) -%}
    ({{ n }} + 1.0) * ({{ n }} + 2.0)
    / ({{ n }} * ({{ k }} + 1.0) * ({{ n }} - {{ k }} + 1.0))
{%- endmacro %}

{# Variance of one yes or no at a share, kept off 0 and 1 as in `logit`. #}
{% macro variantie_aandeel(p) -%}
    greatest(0.0005, least(0.9995, {{ p }})) * (1.0 - greatest(0.0005, least(0.9995, {{ p }})))
{%- endmacro %}

{#
    A cell that does not go out with its exact value (trust.md, "Small counts"): fewer than
    `toon_minimum` cases, fewer than 5 with the trait or, of a share, fewer than 5 without.
#}
{% macro is_kleine_cel(soort, teller, noemer, toon_minimum, minimum_teller) -%}
    {{ toon_minimum }} > 0
    and (
        ({{ soort }} != 'telling' and {{ noemer }} < {{ toon_minimum }})
        or ({{ soort }} != 'gemiddelde' and {{ teller }} < {{ minimum_teller }})
        or ({{ soort }} = 'aandeel' and {{ noemer }} - {{ teller }} < {{ minimum_teller }})
    )
{%- endmacro %}

{#
    Whether a sum of cells that are hidden says too much about one of them (ADR 0027). The sum is
    known to whoever subtracts what is shown. It does when it is a small cell itself, when it is of
    one cell, and when it lies within 2 of the least or the most that the hidden cells can be: three
    numbers must stay possible for each. Of a mean the number of answers is all that counts.
#}
{% macro is_herleidbaar(soort, aantal, teller, noemer, onder, boven, toon_minimum, minimum_teller) -%}
    (({{ is_kleine_cel(soort, teller, noemer, toon_minimum, minimum_teller) }})
    or {{ aantal }} < 2
    or (
        {{ soort }} != 'gemiddelde'
        and ({{ teller }} - {{ onder }} < 2 or {{ boven }} - {{ teller }} < 2)
    ))
{%- endmacro %}

{# A count to the nearest five: what goes out of a window that overlaps the next (ADR 0027). #}
{% macro rond_op_5(aantal) -%}
    (5.0 * floor(({{ aantal }} + 2) / 5.0))
{%- endmacro %}

{# A running number of the quarter that a date lies in, so that the next quarter is one more. #}
{% macro kwartaalnummer(datum) -%}
    cast(4 * extract(year from {{ datum }}) + extract(quarter from {{ datum }}) as bigint)
{%- endmacro %}

{# P(label > grens) from P(label = k), exact: the draws are counted in multiples of 1/500. #}
{% macro kans_boven(grens) -%}
    cast(round(1.0 - ({% for k in range(1, grens + 1) %}kans_{{ k }}
    {{- ' + ' if not loop.last }}{% endfor %}), 6) as decimal(9, 6))
{%- endmacro %}

{#
    On which side of a boundary between two labels a label comes to lie: 1 above, 0 below, null
    when nothing says that it moves (label.md step 8). Columns as in int_label__demping.
#}
{% macro kant_van_grens(grens) -%}
    {%- set boven = 'boven_' ~ grens -%}
    {%- set vorige = 'vorige_boven_' ~ grens -%}
    case
        when ruw_label is null then null
        when vast_label is not null then case when vast_label > {{ grens }} then 1 else 0 end
        when is_begin then case when ruw_label > {{ grens }} then 1 else 0 end
        when {{ boven }} >= kans_direct then 1
        when 1 - {{ boven }} >= kans_direct then 0
        when
            is_volgend_kwartaal
            and {{ boven }} >= kans_twee_kwartalen
            and {{ vorige }} >= kans_twee_kwartalen
            then 1
        when
            is_volgend_kwartaal
            and 1 - {{ boven }} >= kans_twee_kwartalen
            and 1 - {{ vorige }} >= kans_twee_kwartalen
            then 0
    end
{%- endmacro %}
