-- Eén rij per label of score van een complex met minder dan 10 woningen (label.md stap 0;
-- trust.md).
select
    beheerobject_id,
    peildatum,
    thema_code,
    verhuureenheden_aantal,
    sociaal_beheer_label,
    score
from {{ ref('mart_label__sociaal_beheer_label') }}
where
    niveau = 'complex'
    and (sociaal_beheer_label is not null or score is not null)
    and (verhuureenheden_aantal is null or verhuureenheden_aantal < 10)
