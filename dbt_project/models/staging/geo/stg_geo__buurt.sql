-- Eén rij per CBS-buurt: naam, indeling en vorm.
with

levering as (
    select * from {{ source('geo', 'buurt') }}
),

jongste as (
    {{ jongste_per_sleutel('levering', ['buurtcode']) }}
),

benoemd as (
    select
        {{ contract_kolommen('geo', 'buurt') }}
    from jongste
)

select * from benoemd
