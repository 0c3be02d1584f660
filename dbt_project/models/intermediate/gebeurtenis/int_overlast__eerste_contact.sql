-- Eén rij per overlastzaak met een eerste contact: het aantal dagen erheen, afgekapt.
with

verloop as (
    select * from {{ ref('int_overlast__zaakverloop') }}
    where eerste_contactdatum >= melddatum
),

parameter as (
    select * from {{ ref('int_methode__parameter') }}
)

select
    verloop.zaak_id,
    verloop.eenheid_id,
    verloop.cluster_id,
    verloop.eerste_contactdatum as datum,
    cast(least(
        {{ dagen_tussen('verloop.melddatum', 'verloop.eerste_contactdatum') }},
        parameter.maximum_dagen_eerste_contact
    ) as decimal(6, 1)) as dagen,
    verloop.contact_bekend_vanaf as bekend_vanaf,
    cast(null as date) as bekend_tot
from verloop
cross join parameter
