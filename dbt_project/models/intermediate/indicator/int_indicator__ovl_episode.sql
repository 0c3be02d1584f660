-- Eén rij per complex en peildatum: schoon getelde episodes (label.md stap 1), van alle adressen
-- samen.
select
    {{ indicator_kolommen('OVL_EPISODE', 'sum(episodes)') }}
from {{ ref('int_overlast__episode') }}
group by 1, 2
