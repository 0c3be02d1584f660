-- Eén rij per groep waarin een hogere score een lager ruw label heeft: dat is monotoon in de score
-- zolang de referentie dezelfde is (label.md stap 6). Complexen, buurten en wijken apart.
with

per_label as (
    select
        niveau,
        grondslag,
        thema_code,
        methodeversie,
        coalesce(referentie_id, '') as referentie_id,
        ruw_sociaal_beheer_label,
        min(score) as laagste,
        max(score) as hoogste
    from {{ ref('mart_label__sociaal_beheer_label') }}
    where
        ruw_sociaal_beheer_label is not null
        and score is not null
        -- wat eerder naar buiten ging, kan afgerond zijn
        and peildatum not in (
            select gepubliceerd.peildatum
            from {{ source('buurtpeil', 'gepubliceerd_label') }} as gepubliceerd
        )
    group by 1, 2, 3, 4, 5, 6
)

select
    lager.niveau,
    lager.grondslag,
    lager.thema_code,
    lager.ruw_sociaal_beheer_label as lager_label,
    hoger.ruw_sociaal_beheer_label as hoger_label,
    lager.hoogste,
    hoger.laagste
from per_label as lager
inner join per_label as hoger
    on
        lager.niveau = hoger.niveau
        and lager.grondslag = hoger.grondslag
        and lager.thema_code = hoger.thema_code
        and lager.methodeversie = hoger.methodeversie
        and lager.referentie_id = hoger.referentie_id
        and lager.ruw_sociaal_beheer_label < hoger.ruw_sociaal_beheer_label
where lager.hoogste >= hoger.laagste
