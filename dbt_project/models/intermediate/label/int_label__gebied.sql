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
        peildatum,
        verhuureenheden_aantal
    from omvang
    where buurt_id is not null
    union all
    select
        'wijk' as niveau,
        wijk_id as gebied_id,
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

-- eerst per buurt en wijk samen: dat zijn er weinig, en sommen van decimalen tellen precies op
per_plek as (
    select
        omvang.buurt_id,
        omvang.wijk_id,
        posterior.peildatum,
        posterior.indicator_code,
        max(posterior.soort_meting) as soort_meting,
        sum(omvang.verhuureenheden_aantal) as n,
        sum({{ vast12('omvang.verhuureenheden_aantal * posterior.x') }}) as som_x,
        sum({{ vast12(
            'cast(omvang.verhuureenheden_aantal as double) * omvang.verhuureenheden_aantal '
            ~ '* posterior.var_x'
        ) }}) as som_var,
        sum({{ vast12('power(omvang.verhuureenheden_aantal * posterior.lading, 2)') }})
            as som_lading,
        sum(posterior.teller) as teller,
        sum(posterior.noemer) as noemer,
        max(posterior.leeftijd_kwartalen) as leeftijd_kwartalen
    from posterior
    inner join omvang
        on
            posterior.beheereenheid_id = omvang.beheereenheid_id
            and posterior.peildatum = omvang.peildatum
    group by 1, 2, 3, 4
),

per_gebied as (
    select
        per_plek.*,
        'buurt' as niveau,
        per_plek.buurt_id as gebied_id
    from per_plek
    where per_plek.buurt_id is not null
    union all
    select
        per_plek.*,
        'wijk' as niveau,
        per_plek.wijk_id as gebied_id
    from per_plek
    where per_plek.wijk_id is not null
),

opgeteld as (
    select
        niveau,
        gebied_id,
        peildatum,
        indicator_code,
        max(soort_meting) as soort_meting,
        cast(sum(n) as double) as n,
        cast(sum(som_x) as double) as som_x,
        cast(sum(som_var) as double) as som_var,
        cast(sum(som_lading) as double) as som_lading,
        cast(sum(teller) as decimal(18, 4)) as teller,
        cast(sum(noemer) as bigint) as noemer,
        max(leeftijd_kwartalen) as leeftijd_kwartalen
    from per_gebied
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
