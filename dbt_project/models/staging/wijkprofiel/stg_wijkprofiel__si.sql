-- Eén rij per editie en gebied van het Wijkprofiel: de Sociale index.
with

levering as (
    select * from {{ source('wijkprofiel', 'si') }}
),

jongste as (
    {{ jongste_per_sleutel('levering', ['jaar', 'wijknr']) }}
),

benoemd as (
    select
        {{ contract_kolommen('wijkprofiel', 'si') }},
        {{ niveau_van_wijknr('wijknr') }} as niveau
    from jongste
)

select * from benoemd
