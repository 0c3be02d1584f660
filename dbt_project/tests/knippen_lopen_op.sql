-- Eén rij per stel knippen dat niet oploopt of buiten 0..100 ligt.
select
    niveau,
    grondslag,
    thema_code,
    knip_1,
    knip_2,
    knip_3,
    knip_4
from {{ ref('int_referentie__knip') }}
where
    not (knip_1 <= knip_2 and knip_2 <= knip_3 and knip_3 <= knip_4)
    or knip_1 < 0
    or knip_4 > 100
