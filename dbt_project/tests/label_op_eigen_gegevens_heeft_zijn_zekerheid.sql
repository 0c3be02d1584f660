-- Eén rij per label op eigen gegevens zonder kansen of standaardfout, met kansen die niet samen 1
-- zijn of met een omgekeerd bereik (label.md stap 7).
select
    niveau,
    beheerobject_id,
    peildatum,
    thema_code
from {{ ref('int_label__beslissing') }}
where
    grondslag = 'eigen'
    and ruw_sociaal_beheer_label is not null
    and (
        kans_1 is null
        or standaardfout is null
        or standaardfout_gesloten is null
        or round(kans_1 + kans_2 + kans_3 + kans_4 + kans_5, 6) != 1
        or label_laag is null
        or label_hoog is null
        or label_laag > label_hoog
    )
