{# Generic tests. Each gives the rows that are wrong, so that a failure can be looked at. #}

{# The columns together are a key: never empty, never twice. #}
{% test unieke_combinatie(model, kolommen) %}
{{ adapter.dispatch('niet_uniek', 'buurtpeil')(model, kolommen | join(', '), kolommen) }}
{% endtest %}

{% macro default__niet_uniek(model, sleutel, kolommen) -%}
select
    {{ sleutel }},
    count(*) as aantal
from {{ model }}
group by {{ sleutel }}
having
    count(*) > 1
    {%- for kolom in kolommen %}
    or {{ kolom }} is null
    {%- endfor %}
{%- endmacro %}

{#
    The same rows in half the time: equal keys have equal hashes, so that only where a hash comes
    twice keys are put beside each other; columns of text are not.
#}
{% macro duckdb__niet_uniek(model, sleutel, kolommen) -%}
{%- if kolommen | length == 1 %}{{ return(default__niet_uniek(model, sleutel, kolommen)) }}{% endif -%}
with

dubbel as (
    select hash({{ sleutel }}) as getal
    from {{ model }}
    group by 1
    having count(*) > 1
)

select
    {{ sleutel }},
    count(*) as aantal
from {{ model }}
where hash({{ sleutel }}) in (select dubbel.getal from dubbel)
group by {{ sleutel }}
having count(*) > 1
union distinct
select
    {{ sleutel }},
    count(*) as aantal
from {{ model }}
where {{ kolommen | join(' is null or ') }} is null
group by {{ sleutel }}
{%- endmacro %}

{# A number lies between two bounds, both allowed; empty is allowed too. #}
{% test tussen(model, column_name, minimum=none, maximum=none) %}
select {{ column_name }}
from {{ model }}
where
    1 = 0
    {%- if minimum is not none %}
    or {{ column_name }} < {{ minimum }}
    {%- endif %}
    {%- if maximum is not none %}
    or {{ column_name }} > {{ maximum }}
    {%- endif %}
{% endtest %}

{# A code stands in its VERA list; a code means nothing without its list. Empty is allowed. #}
{% test code_in_lijst(model, column_name, lijst) %}
select {{ column_name }}
from {{ model }}
where
    {{ column_name }} is not null
    and {{ column_name }} not in (
        select code from {{ ref('vera_codelijst') }}
        where lijst = '{{ lijst }}'
    )
{% endtest %}
