-- Eén rij per beheerobject, grondslag en peildatum zonder precies de vijf thema's en het totaal.
select
    niveau,
    beheerobject_id,
    grondslag,
    peildatum,
    count(*) as aantal
from {{ ref('mart_label__sociaal_beheer_label') }}
group by 1, 2, 3, 4
having count(*) != (select count(*) + 1 from {{ ref('thema') }})
