-- Eén rij per niveau, meeteenheid, peildatum, tabel en gepubliceerde index of thema. Alleen
-- validatie.
with

{%- for tabel in ['vi', 'si', 'fi_obj', 'fi_subj'] %}

    {{ tabel }} as (
        select * from {{ ref('stg_wijkprofiel__' ~ tabel) }}
    ),
{%- endfor %}

peildatum as (
    select * from {{ ref('int_openbaar__peildatum') }}
),

wijkprofiel_lang as (
    {%- for tabel in ['vi', 'si', 'fi_obj', 'fi_subj'] %}
        {{ lange_vorm(
            tabel, 'wijkprofiel', tabel, ['jaar', 'wijknr'], 'validatie', soorten=['index', 'thema']
        ) }}
        {{ 'union all' if not loop.last }}
    {%- endfor %}
),

wijkprofiel as (
    {{ naar_meeteenheid('wijkprofiel_lang') }}
),

gedateerd as (
    select
        wijkprofiel.niveau,
        wijkprofiel.meeteenheid_id,
        peildatum.peildatum,
        wijkprofiel.tabel,
        wijkprofiel.kolom as index_code,
        {{ rond12('wijkprofiel.waarde') }} as waarde
    from wijkprofiel
    inner join peildatum
        on wijkprofiel.jaar = peildatum.jaar
)

select * from gedateerd
