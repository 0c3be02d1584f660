-- Eén rij per buurtnaam van de uitgever: aantal advertenties.
with

levering as (
    select * from {{ source('airbnb', 'advertentie') }}
),

jongste as (
    {{ jongste_per_sleutel('levering', ['buurtnaam']) }}
),

benoemd as (
    select
        {{ contract_kolommen('airbnb', 'advertentie') }}
    from jongste
)

select * from benoemd
