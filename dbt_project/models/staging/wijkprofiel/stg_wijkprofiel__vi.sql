-- Eén rij per editie en gebied van het Wijkprofiel: de Veiligheidsindex.
with

levering as (
    select * from {{ source('wijkprofiel', 'vi') }}
),

jongste as (
    {{ jongste_per_sleutel('levering', ['jaar', 'wijknr']) }}
),

benoemd as (
    select
        {{ contract_kolommen('wijkprofiel', 'vi') }},
        {{ niveau_van_wijknr('wijknr') }} as niveau
    from jongste
)

select * from benoemd
