-- Eén rij per indicator en stratum op eigen gegevens: wat in R te verwachten was (label.md stap 2).
-- Strata zijn er op drie niveaus: gebouwtype met omvangklasse, gebouwtype, alles. Een stratum met
-- minder dan 10 beheereenheden in R, of met te weinig gebeurtenissen om een tempo uit te schatten,
-- bestaat niet; wie erin valt, leunt op het niveau erboven.
-- verwacht: tellingen per woningkwartaal, aandelen als gewogen gemiddelde logit, gemiddelden zelf.
with

parameter as (
    select * from {{ ref('int_methode__parameter') }}
),

bevroren as (
    select * from {{ source('buurtpeil', 'referentie_stratum') }}
),

periode as (
    select * from {{ ref('int_referentie__periode') }}
    where grondslag = 'eigen'
),

cel as (
    select
        cel.*,
        periode.aantal_peildata,
        case
            when cel.soort_meting = 'aandeel'
                then {{ empirische_logit('cast(cel.teller as double)', 'cel.noemer') }}
        end as logit
    from {{ ref('int_label__cel') }} as cel
    inner join periode
        on cel.peildatum between periode.eerste_peildatum and periode.laatste_peildatum
),

per_niveau as (
    select
        *,
        stratum_code as referentie_stratum_code,
        1 as niveau
    from cel
    union all
    select
        *,
        gebouwtype_code as referentie_stratum_code,
        2 as niveau
    from cel
    union all
    select
        *,
        'alle' as referentie_stratum_code,
        3 as niveau
    from cel
),

geschat as (
    select
        indicator_code,
        referentie_stratum_code as stratum_code,
        max(niveau) as niveau,
        max(soort_meting) as soort_meting,
        max(aantal_peildata) as aantal_peildata,
        count(distinct beheereenheid_id) as aantal_beheereenheden,
        cast(sum(teller) as double) as som_teller,
        cast(sum(noemer) as double) as som_noemer,
        {{ som12('noemer * logit') }} as som_logit
    from per_niveau
    group by 1, 2
),

verwacht as (
    select
        geschat.indicator_code,
        geschat.stratum_code,
        geschat.aantal_beheereenheden,
        {{ rond12("case
            when geschat.soort_meting = 'aandeel' then geschat.som_logit / geschat.som_noemer
            else geschat.som_teller / geschat.som_noemer
        end") }} as verwacht,
        {{ rond12(leesbare_waarde(
            'geschat.soort_meting', 'geschat.som_teller', 'geschat.som_noemer'
        )) }} as waarde
    from geschat
    cross join parameter
    where
        geschat.niveau = 3
        or (
            geschat.aantal_beheereenheden >= parameter.minimum_complexen_stratum
            and (
                geschat.soort_meting != 'telling'
                or geschat.som_teller
                >= parameter.minimum_gebeurtenissen_stratum * geschat.aantal_peildata
            )
        )
)

select
    indicator_code,
    stratum_code,
    aantal_beheereenheden,
    verwacht,
    waarde
from bevroren
union all
select
    indicator_code,
    stratum_code,
    aantal_beheereenheden,
    verwacht,
    waarde
from verwacht
where not exists (select 1 from bevroren)
