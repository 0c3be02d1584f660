-- Eén rij per editie en gebied van het Wijkprofiel: de Fysieke index, subjectief.
with

levering as (
    select * from {{ source('wijkprofiel', 'fi_subj') }}
),

jongste as (
    {{ jongste_per_sleutel('levering', ['jaar', 'wijknr']) }}
),

benoemd as (
    select
        {{ contract_kolommen('wijkprofiel', 'fi_subj') }},
        {{ niveau_van_wijknr('wijknr') }} as niveau
    from jongste
)

select * from benoemd
