{#
    The frame of every indicator on own data. An indicator model gives one row per complex,
    peildatum and indicator, with sums that add up over complexes:
      teller         count, or number with the trait, or sum of scores
      noemer         cases or scores it is out of (null for a count: the frame of coverage gives
                     the dwelling-quarters)
      som_kwadraat   sum of squared scores (means only)
#}

{#
    Rows of `gebeurtenis` in the 12 months before each peildatum, as known then, with the complex
    they count for: the one that the row names, else that of the dwelling on the peildatum. Gives
    CTE `in_venster`.
#}
{% macro in_venster(gebeurtenis, voorwaarde='true') %}
gebeurtenis as (
    select
        *,
        {{ begin_kwartaal('datum') }} as kwartaal
    from {{ gebeurtenis }}
    where {{ voorwaarde }}
),

lidmaatschap as (
    select * from {{ ref('int_complex__lidmaatschap') }}
),

in_venster as (
    select
        gebeurtenis.*,
        venster.peildatum,
        coalesce(gebeurtenis.cluster_id, lidmaatschap.complex_id) as complex_id
    from gebeurtenis
    inner join {{ ref('int_tijd__venster') }} as venster
        on gebeurtenis.kwartaal = venster.kwartaal
    left join lidmaatschap
        on
            gebeurtenis.eenheid_id = lidmaatschap.eenheid_id
            and lidmaatschap.begindatum <= venster.peildatum
            and venster.peildatum < lidmaatschap.einddatum
    where
        {{ is_bekend('gebeurtenis', 'venster.peildatum') }}
        and coalesce(gebeurtenis.cluster_id, lidmaatschap.complex_id) is not null
)
{% endmacro %}

{#
    For a count: the same, in quarters that are covered for that complex only. The exposure is
    dwellings in covered quarters, so an event outside them would count without its exposure.
    Gives CTE `geteld`.
#}
{% macro in_gedekt_venster(code, gebeurtenis, voorwaarde='true') %}
{{ in_venster(gebeurtenis, voorwaarde) }},

geteld as (
    select in_venster.*
    from in_venster
    inner join {{ ref('indicator_eigen') }} as indicator on indicator.indicator_code = '{{ code }}'
    inner join {{ ref('int_dekking__bron_kwartaal') }} as algemeen
        on
            indicator.dekkingsbron = algemeen.dekkingsbron
            and in_venster.kwartaal = algemeen.kwartaal
    left join {{ ref('int_dekking__uitzondering') }} as uitzondering
        on
            indicator.dekkingsbron = uitzondering.dekkingsbron
            and in_venster.kwartaal = uitzondering.kwartaal
            and in_venster.complex_id = uitzondering.complex_id
    where coalesce(uitzondering.is_gedekt, algemeen.is_gedekt)
)
{% endmacro %}

{# The columns of an indicator, in the order in which they are put together. #}
{% macro indicator_kolommen(code, teller, noemer='null', som_kwadraat='null') %}
    complex_id,
    peildatum,
    '{{ code }}' as indicator_code,
    cast({{ teller }} as decimal(18, 4)) as teller,
    cast({{ noemer }} as bigint) as noemer,
    cast({{ som_kwadraat }} as decimal(18, 4)) as som_kwadraat
{% endmacro %}

{# A count of events in the window per complex. #}
{% macro tel_indicator(code, gebeurtenis, voorwaarde='true') %}
with

{{ in_gedekt_venster(code, gebeurtenis, voorwaarde) }}

select
    {{ indicator_kolommen(code, 'count(*)') }}
from geteld
group by complex_id, peildatum
{% endmacro %}

{# The mean of scores in the window per complex. #}
{% macro gemiddelde_indicator(code, gebeurtenis, score, voorwaarde='true') %}
with

{{ in_venster(gebeurtenis, voorwaarde) }}

select
    {{ indicator_kolommen(
        code,
        'sum(' ~ score ~ ')',
        'count(' ~ score ~ ')',
        'sum(' ~ score ~ ' * ' ~ score ~ ')'
    ) }}
from in_venster
where {{ score }} is not null
group by complex_id, peildatum
{% endmacro %}

{#
    The complex that a row names, unless that is simply the complex of its dwelling at the time:
    then the row goes with the dwelling (contract: "leeg = het complex van de eenheid").
#}
{% macro speelt_elders(genoemd, van_eenheid) -%}
    case when {{ genoemd }} != coalesce({{ van_eenheid }}, '') then {{ genoemd }} end
{%- endmacro %}
