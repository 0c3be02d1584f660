-- Eén rij per woning die nu in een complex ligt: de sleutels van haar adres en van haar id, onder
-- de dienstsleutel. Wordt niet bewaard: de adresindex naast een release is ervan gemaakt.
{{ config(materialized='view') }}
with

parameter as (
    select * from {{ ref('int_methode__parameter') }}
),

adres as (
    select * from {{ ref('stg_vera__eenheidadres') }}
    where eenheid_sleutel is not null
),

lidmaatschap as (
    select * from {{ ref('int_complex__lidmaatschap') }}
)

select
    adres.eenheid_sleutel,
    adres.adres_sleutel,
    adres.nummer_sleutel,
    adres.index_vingerafdruk,
    lidmaatschap.complex_id
from lidmaatschap
inner join adres on lidmaatschap.eenheid_id = adres.eenheid_id
cross join parameter
where
    lidmaatschap.begindatum <= parameter.klok
    and lidmaatschap.einddatum > parameter.klok
