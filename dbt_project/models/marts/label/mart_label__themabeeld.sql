-- Eén rij per niveau, beheerobject, grondslag en thema op de laatste peildatum: wat bewoners vinden
-- en wat gemeten is, apart (label.md stap 11), en of meldingen van overlast van één bron komen
-- (stap 1: effectief minder dan twee adressen). Een gemiddelde waar een verborgen waarde in zit, is
-- leeg.
with

label as (
    select * from {{ ref('mart_label__sociaal_beheer_label') }}
    where thema_code != 'TOT'
),

indicator as (
    select * from {{ ref('int_methode__indicator') }}
),

laatste as (
    select
        niveau,
        grondslag,
        max(peildatum) as peildatum
    from label
    group by 1, 2
),

-- één bron is minder dan twee: bij twee even vaak meldende adressen is het er precies twee
melder as (
    select
        *,
        aantal_melders_effectief < 2 as is_een_bron
    from {{ ref('int_overlast__melder') }}
),

-- per mening (van bewoners of niet) apart; een som waar een verborgen waarde in zit, vervalt
per_mening as (
    select
        waarde.niveau,
        waarde.beheerobject_id,
        waarde.grondslag,
        waarde.thema_code,
        indicator.is_subjectief,
        {{ som12('waarde.gewicht * waarde.gestandaardiseerd') }}
        / sum(case when waarde.gestandaardiseerd is not null then waarde.gewicht end) as gemiddelde
    from {{ ref('mart_label__indicatorwaarde') }} as waarde
    inner join laatste
        on
            waarde.niveau = laatste.niveau
            and waarde.grondslag = laatste.grondslag
            and waarde.peildatum = laatste.peildatum
    inner join indicator
        on
            waarde.grondslag = indicator.grondslag
            and waarde.indicator_code = indicator.indicator_code
    group by 1, 2, 3, 4, 5
    having max(case when waarde.is_gebandeerd then 1 else 0 end) = 0
),

beleving as (
    select
        niveau,
        beheerobject_id,
        grondslag,
        thema_code,
        max(case when is_subjectief then gemiddelde end) as volgens_bewoners,
        max(case when not is_subjectief then gemiddelde end) as volgens_metingen
    from per_mening
    group by 1, 2, 3, 4
)

select
    label.niveau,
    label.beheerobject_id,
    label.grondslag,
    label.peildatum,
    label.thema_code,
    {{ rond12('beleving.volgens_bewoners') }} as volgens_bewoners,
    {{ rond12('beleving.volgens_metingen') }} as volgens_metingen,
    label.thema_code = 'OVL' and coalesce(melder.is_een_bron, false) as is_een_bron
from label
inner join laatste
    on
        label.niveau = laatste.niveau
        and label.grondslag = laatste.grondslag
        and label.peildatum = laatste.peildatum
left join beleving
    on
        label.niveau = beleving.niveau
        and label.beheerobject_id = beleving.beheerobject_id
        and label.grondslag = beleving.grondslag
        and label.thema_code = beleving.thema_code
left join melder
    on
        label.grondslag = 'eigen'
        and label.niveau = melder.niveau
        and label.beheerobject_id = melder.object_id
        and label.peildatum = melder.peildatum
