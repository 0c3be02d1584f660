{#
    The frame of every indicator on own data. An indicator model gives one row per complex,
    peildatum and indicator, with sums that add up over complexes:
      teller         count, or number with the trait, or sum of scores
      noemer         dwellings or cases or scores it is out of (null for a count: the frame of
                     coverage gives the dwelling-quarters)
      som_kwadraat   sum of squared scores (means only)
      leeftijd_kwartalen   full quarters since the newest measurement (0 where it counts events)
#}

{# Rows of `gebeurtenis` in the window before each peildatum, as known then, with the complex
   of the dwelling on the peildatum (or the complex that the row itself names). Brings the CTEs
   `in_venster` and needs none. #}
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
        coalesce(lidmaatschap.complex_id, gebeurtenis.cluster_id) as complex_id
    from gebeurtenis
    inner join {{ ref('int_tijd__venster') }} as venster
        on gebeurtenis.kwartaal = venster.kwartaal
    left join lidmaatschap
        on
            gebeurtenis.eenheid_id = lidmaatschap.eenheid_id
            and lidmaatschap.begindatum <= venster.peildatum
            and venster.peildatum < lidmaatschap.einddatum
    where {{ is_bekend('gebeurtenis', 'venster.peildatum') }}
)
{% endmacro %}

{# The columns of an indicator, in the order in which they are put together. #}
{% macro indicator_kolommen(code, teller, noemer='null', som_kwadraat='null', leeftijd='0') %}
    complex_id,
    peildatum,
    '{{ code }}' as indicator_code,
    cast({{ teller }} as decimal(18, 4)) as teller,
    cast({{ noemer }} as bigint) as noemer,
    cast({{ som_kwadraat }} as decimal(18, 4)) as som_kwadraat,
    cast({{ leeftijd }} as integer) as leeftijd_kwartalen
{% endmacro %}

{# A count of events in the window per complex. #}
{% macro tel_indicator(code, gebeurtenis, voorwaarde='true') %}
with

{{ in_venster(gebeurtenis, voorwaarde) }}

select
    {{ indicator_kolommen(code, 'count(*)') }}
from in_venster
where complex_id is not null
group by complex_id, peildatum
{% endmacro %}

{# The mean of scores in the window per complex; its age is that of the newest score. #}
{% macro gemiddelde_indicator(code, gebeurtenis, score, voorwaarde='true') %}
with

{{ in_venster(gebeurtenis, voorwaarde) }}

select
    {{ indicator_kolommen(
        code,
        'sum(' ~ score ~ ')',
        'count(' ~ score ~ ')',
        'sum(' ~ score ~ ' * ' ~ score ~ ')',
        dbt.datediff('max(datum)', 'peildatum', 'month') ~ ' / 3'
    ) }}
from in_venster
where complex_id is not null and {{ score }} is not null
group by complex_id, peildatum
{% endmacro %}
