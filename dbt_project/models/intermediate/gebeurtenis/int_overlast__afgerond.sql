-- Eén rij per overlastzaak die is afgerond, op de dag dat dit voor het eerst gebeurde.
select
    zaak_id,
    eenheid_id,
    cluster_id,
    afgerond_datum as datum,
    heropend_datum,
    heropend_bekend_vanaf,
    afgerond_bekend_vanaf as bekend_vanaf,
    cast(null as date) as bekend_tot
from {{ ref('int_overlast__zaakverloop') }}
where afgerond_datum is not null
