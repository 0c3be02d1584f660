-- Eén rij per buurt of wijk, peildatum en indicator op eigen gegevens: de posteriors van de
-- beheereenheden, gewogen naar verhuureenheden (label.md stap 11a). Een indicator telt mee als hij
-- bekend is voor ten minste twee derde van de woningen. Wat indicatoren van een thema delen, delen
-- zij per beheereenheid; de lading van een gebied telt het als één geheel, wat hooguit te veel is.
with

parameter as (
    select * from {{ ref('int_methode__parameter') }}
),

wijk as (
    select * from {{ ref('stg_vera__wijk') }}
),

omvang as (
    select
        omvang.beheereenheid_id,
        omvang.peildatum,
        omvang.verhuureenheden_aantal,
        omvang.buurt_id,
        coalesce(wijk.id_gegevensbeheerder, omvang.eigen_wijk_id) as wijk_id
    from {{ ref('int_beheereenheid__omvang') }} as omvang
    left join wijk on omvang.eigen_wijk_id = wijk.wijk_id
),

gebied as (
    select
        'buurt' as niveau,
        buurt_id as gebied_id,
        beheereenheid_id,
        peildatum,
        verhuureenheden_aantal
    from omvang
    where buurt_id is not null
    union all
    select
        'wijk' as niveau,
        wijk_id as gebied_id,
        beheereenheid_id,
        peildatum,
        verhuureenheden_aantal
    from omvang
    where wijk_id is not null
),

totaal as (
    select
        niveau,
        gebied_id,
        peildatum,
        cast(sum(verhuureenheden_aantal) as bigint) as verhuureenheden_aantal
    from gebied
    group by 1, 2, 3
),

posterior as (
    select * from {{ ref('int_label__posterior') }}
),

opgeteld as (
    select
        gebied.niveau,
        gebied.gebied_id,
        posterior.peildatum,
        posterior.indicator_code,
        max(posterior.soort_meting) as soort_meting,
        cast(sum(gebied.verhuureenheden_aantal) as double) as n,
        {{ som12('gebied.verhuureenheden_aantal * posterior.x') }} as som_x,
        {{ som12(
            'cast(gebied.verhuureenheden_aantal as double) * gebied.verhuureenheden_aantal '
            ~ '* posterior.var_x'
        ) }} as som_var,
        {{ som12('power(gebied.verhuureenheden_aantal * posterior.lading, 2)') }} as som_lading,
        cast(sum(posterior.teller) as decimal(18, 4)) as teller,
        cast(sum(posterior.noemer) as bigint) as noemer,
        max(posterior.leeftijd_kwartalen) as leeftijd_kwartalen
    from posterior
    inner join gebied
        on
            posterior.beheereenheid_id = gebied.beheereenheid_id
            and posterior.peildatum = gebied.peildatum
    group by 1, 2, 3, 4
)

select
    opgeteld.niveau,
    opgeteld.gebied_id,
    opgeteld.peildatum,
    opgeteld.indicator_code,
    {{ rond12('opgeteld.som_x / opgeteld.n') }} as x,
    {{ rond12('opgeteld.som_var / (opgeteld.n * opgeteld.n)') }} as var_x,
    {{ rond12('sqrt(opgeteld.som_lading) / opgeteld.n') }} as lading,
    opgeteld.soort_meting,
    opgeteld.teller,
    opgeteld.noemer,
    opgeteld.leeftijd_kwartalen
from opgeteld
inner join totaal
    on
        opgeteld.niveau = totaal.niveau
        and opgeteld.gebied_id = totaal.gebied_id
        and opgeteld.peildatum = totaal.peildatum
cross join parameter
where
    {{ rond12('opgeteld.n / totaal.verhuureenheden_aantal') }} >= parameter.minimum_gewicht_thema
