{# The latest full delivery of a master-data table. Its own validity columns carry its history. #}
{% macro laatste_levering(bron) %}
    select *
    from {{ bron }}
    where _volgnummer = (select max(_volgnummer) from {{ bron }})
{% endmacro %}

{#
    Versions of the rows of a table that is delivered in increments: a row counts as known on
    peildata after `bekend_vanaf` up to and including `bekend_tot` (null = still).
    Where the source has no kennisdatum: the bulk load counts as known on `eerste_levering`,
    later rows on their delivery date (architecture, "Time").
#}
{% macro kennisversies(bron, sleutel, eerste_levering) %}
    select
        *,
        lead(bekend_vanaf) over (
            partition by {{ sleutel | join(', ') }}
            order by _volgnummer, bekend_vanaf, _regel
        ) as bekend_tot
    from (
        select
            *,
            coalesce(
                kennisdatum,
                case when _volgnummer > 1 then _leveringsdatum end,
                {{ eerste_levering }}
            ) as bekend_vanaf
        from {{ bron }}
    ) as bekend
{% endmacro %}

{# Known at a peildatum: the day itself is the future. #}
{% macro is_bekend(rij, peildatum) -%}
    {{ rij }}.bekend_vanaf < {{ peildatum }}
    and ({{ rij }}.bekend_tot is null or {{ rij }}.bekend_tot >= {{ peildatum }})
{%- endmacro %}
