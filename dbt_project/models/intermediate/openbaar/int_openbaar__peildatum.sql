-- Eén rij per editie van het Wijkprofiel: alleen die maakt een peildatum op openbare grond.
-- Kerncijfers and police figures join an edition, they never make one (label.md step 11b).
with

{%- for tabel in ['vi', 'si', 'fi_obj', 'fi_subj'] %}

    {{ tabel }} as (
        select * from {{ ref('stg_wijkprofiel__' ~ tabel) }}
    ),
{%- endfor %}

editie as (
    {%- for tabel in ['vi', 'si', 'fi_obj', 'fi_subj'] %}
        select jaar from {{ tabel }}
        {{ 'union' if not loop.last }}
    {%- endfor %}
),

gedateerd as (
    select
        jaar,
        {{ laatste_dag_van_jaar('jaar') }} as peildatum,
        jaar = min(jaar) over () as is_referentie
    from editie
)

select * from gedateerd
