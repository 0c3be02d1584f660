{#
    What the coverage rows say of a period (a quarter unless said otherwise): 0 when any part of
    it is marked uncovered, 1 when a row covers it whole, null when no row speaks.
#}
{% macro dekkingsoordeel(rij, begin, maanden=3) -%}
    min(case
        when not {{ rij }}.is_gedekt then 0
        when
            {{ rij }}.begindatum <= {{ begin }}
            and coalesce({{ rij }}.einddatum, date '9999-12-31')
            >= {{ tel_maanden(begin, maanden) }}
            then 1
    end)
{%- endmacro %}
