{#
    What the coverage rows say of a quarter: 0 when any part of it is marked uncovered, 1 when a
    row covers it whole, null when no row speaks.
#}
{% macro dekkingsoordeel(rij, kwartaal) -%}
    min(case
        when not {{ rij }}.is_gedekt then 0
        when
            {{ rij }}.begindatum <= {{ kwartaal }}
            and coalesce({{ rij }}.einddatum, date '9999-12-31')
            >= {{ tel_maanden(kwartaal, 3) }}
            then 1
    end)
{%- endmacro %}
