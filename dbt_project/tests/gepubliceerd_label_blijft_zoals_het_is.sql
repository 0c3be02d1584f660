-- Eén rij per gepubliceerd label dat in de mart ontbreekt of anders is (architecture, "Time": past
-- labels are what was published).
select
    niveau,
    beheerobject_id,
    grondslag,
    peildatum,
    thema_code,
    score,
    sociaal_beheer_label,
    reden_onbekend,
    is_gepubliceerde_grondslag
from {{ source('buurtpeil', 'gepubliceerd_label') }}
except
select
    niveau,
    beheerobject_id,
    grondslag,
    peildatum,
    thema_code,
    score,
    sociaal_beheer_label,
    reden_onbekend,
    is_gepubliceerde_grondslag
from {{ ref('mart_label__sociaal_beheer_label') }}
