-- Eén rij per beheereenheid (complex_id) en peildatum: wat er in de zes maanden vanaf de peildatum
-- gebeurde. Leeg zolang die maanden niet alle zes gedekt zijn. Leest alleen
-- int_overlast__complexmaand.
{#- Six months ahead; a complex is out of the cohort for nine months after an escalation. #}
{%- set horizon = 6 %}
{%- set uitloop = 9 %}
{#- A surge: so many reports, so much more than usual, and so many per dwelling. #}
{%- set piek_meldingen = 6 %}
{%- set piek_toename = 2.5 %}
{%- set piek_per_eenheid = 0.04 %}
{%- set verleden = 24 %}
with

maand as (
    select
        complex_id,
        maand,
        aantal_eenheden,
        case when is_gedekt_melding then aantal_meldingen end as aantal_meldingen,
        case when is_gedekt_dossier then aantal_escalaties end as aantal_escalaties
    from {{ ref('int_overlast__complexmaand') }}
),

opgeteld as (
    select
        complex_id,
        maand,
        aantal_eenheden,
        sum(aantal_escalaties) {{ maanden_ervoor(uitloop) }} as escalaties_ervoor,
        count(aantal_escalaties) {{ maanden_ervoor(uitloop) }} as gedekt_ervoor,
        sum(aantal_meldingen) {{ maanden_ervoor(verleden) }} as meldingen_ervoor,
        count(aantal_meldingen) {{ maanden_ervoor(verleden) }} as meldingen_gedekt_ervoor,
        sum(aantal_escalaties) {{ maanden_vanaf(horizon) }} as escalaties_erna,
        count(aantal_escalaties) {{ maanden_vanaf(horizon) }} as gedekt_erna,
        sum(aantal_meldingen) {{ maanden_vanaf(horizon) }} as meldingen_erna,
        count(aantal_meldingen) {{ maanden_vanaf(horizon) }} as meldingen_gedekt_erna
    from maand
)

select
    complex_id,
    maand as peildatum,
    coalesce(gedekt_ervoor = {{ uitloop }} and escalaties_ervoor = 0, false) as is_in_cohort,
    case
        when gedekt_erna = {{ horizon }}
            then case when escalaties_erna > 0 then 1 else 0 end
    end as escalatie,
    case
        when
            meldingen_gedekt_erna = {{ horizon }}
            and 2 * meldingen_gedekt_ervoor >= {{ verleden }}
            then
                case
                    when
                        meldingen_erna >= {{ piek_meldingen }}
                        and meldingen_erna * meldingen_gedekt_ervoor
                        >= {{ piek_toename * horizon }} * meldingen_ervoor
                        and meldingen_erna >= {{ piek_per_eenheid }} * aantal_eenheden
                        then 1
                    else 0
                end
    end as piek
from opgeteld
where aantal_eenheden > 0
