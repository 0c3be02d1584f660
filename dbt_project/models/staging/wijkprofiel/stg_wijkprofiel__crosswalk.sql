-- Eén rij per gebied van het Wijkprofiel met de CBS-buurten waarin het ligt.
with

levering as (
    select * from {{ source('wijkprofiel', 'crosswalk') }}
),

jongste as (
    {{ jongste_per_sleutel('levering', ['wijknr']) }}
),

benoemd as (
    select
        {{ contract_kolommen('wijkprofiel', 'crosswalk') }}
    from jongste
)

select * from benoemd
