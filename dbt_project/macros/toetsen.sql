{# Generic tests. Each gives the rows that are wrong, so that a failure can be looked at. #}

{# The columns together are a key: never empty, never twice. #}
{% test unieke_combinatie(model, kolommen) %}
select
    {{ kolommen | join(', ') }},
    count(*) as aantal
from {{ model }}
group by {{ kolommen | join(', ') }}
having
    count(*) > 1
    {%- for kolom in kolommen %}
    or {{ kolom }} is null
    {%- endfor %}
{% endtest %}

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
