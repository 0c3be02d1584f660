-- Eén rij per beheerobject en peildatum met een totaal waarvan de aandelen van de thema's niet
-- samen 1 zijn (label.md, "Explanation").
select
    niveau,
    beheerobject_id,
    grondslag,
    peildatum,
    sum({{ vast12('aandeel_van_totaal') }}) as som
from {{ ref('mart_label__sociaal_beheer_label') }}
group by 1, 2, 3, 4
having
    count(case when thema_code = 'TOT' then score end) = 1
    and (
        sum({{ vast12('aandeel_van_totaal') }}) is null
        or abs(sum({{ vast12('aandeel_van_totaal') }}) - 1) > 0.000000001
    )
