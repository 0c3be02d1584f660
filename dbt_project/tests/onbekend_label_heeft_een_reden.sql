-- Eén rij per label dat onbekend is zonder reden, of bekend met een reden.
select
    niveau,
    beheerobject_id,
    grondslag,
    peildatum,
    thema_code
from {{ ref('mart_label__sociaal_beheer_label') }}
where (sociaal_beheer_label is null) = (reden_onbekend is null)
