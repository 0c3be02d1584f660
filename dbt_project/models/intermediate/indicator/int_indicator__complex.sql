-- Eén rij per complex, peildatum en indicator op eigen gegevens, zoals de modellen per indicator
-- ze geven. Welke modellen dat zijn, staat in de catalogus: `buurtpeil` leest de seed en geeft de
-- codes mee als var indicatoren.
{% set codes = var('indicatoren') %}
{% if not codes and execute and flags.WHICH not in ['parse', 'list', 'docs'] %}
    {{ exceptions.raise_compiler_error(
        'De var indicatoren is leeg: bouw met `buurtpeil run` of `buurtpeil dbt`, die de catalogus lezen.'
    ) }}
{% endif %}
{% for code in codes %}
select * from {{ ref('int_indicator__' ~ code | lower) }}
{{ 'union all' if not loop.last }}
{% endfor %}
{% if not codes %}
select
    cast(null as varchar) as complex_id,
    cast(null as date) as peildatum,
    cast(null as varchar) as indicator_code,
    cast(null as decimal(18, 4)) as teller,
    cast(null as bigint) as noemer,
    cast(null as decimal(18, 4)) as som_kwadraat,
    cast(null as integer) as leeftijd_kwartalen
where 1 = 0
{% endif %}
