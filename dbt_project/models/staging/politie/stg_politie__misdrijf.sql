-- Eén rij per jaar en buurt: som van geregistreerde misdrijven (soorten en totaal samen).
with

levering as (
    select * from {{ source('politie', 'misdrijf') }}
),

jongste as (
    {{ jongste_per_sleutel('levering', ['jaar', 'buurtcode']) }}
),

benoemd as (
    select
        {{ contract_kolommen('politie', 'misdrijf') }}
    from jongste
)

select * from benoemd
