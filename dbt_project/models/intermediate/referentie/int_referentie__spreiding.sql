-- Eén rij per indicator op eigen gegevens: hoe ver beheereenheden in R uiteenlopen (label.md stap
-- 2). Tellingen: phi (overspreiding binnen een beheereenheid, uit twee vensters die niet
-- overlappen) en a (heterogeniteit A). Aandelen en gemiddelden: tau2 tussen en sigma2 binnen
-- beheereenheden. Met minder dan gemiddeld 10 gevallen per peildatum is er niets te schatten en
-- geldt de ondergrens.
with

parameter as (
    select * from {{ ref('int_methode__parameter') }}
),

bevroren as (
    select * from {{ source('buurtpeil', 'referentie_spreiding') }}
),

periode as (
    select * from {{ ref('int_referentie__periode') }}
    where grondslag = 'eigen'
),

cel as (
    select
        cel.*,
        periode.laatste_peildatum,
        periode.aantal_peildata
    from {{ ref('int_label__cel_verwacht') }} as cel
    inner join periode
        on cel.peildatum between periode.eerste_peildatum and periode.laatste_peildatum
),

twee_vensters as (
    select
        cel.indicator_code,
        cel.soort_meting,
        cel.y,
        cel.n,
        cast(sum(cel.teller) over (
            partition by cel.indicator_code, cel.beheereenheid_id
        ) as double) as y_samen,
        cast(sum(cel.noemer) over (
            partition by cel.indicator_code, cel.beheereenheid_id
        ) as double) as n_samen,
        count(*) over (
            partition by cel.indicator_code, cel.beheereenheid_id
        ) as vensters
    from cel
    cross join parameter
    where
        cel.leeftijd_kwartalen = 0
        and cel.peildatum in (
            cel.laatste_peildatum,
            {{ tel_maanden(
                'cel.laatste_peildatum', '-cast(parameter.venster_maanden as integer)'
            ) }}
        )
),

-- phi: Pearson van twee jaarvensters om het eigen gemiddelde van de beheereenheid, een vrijheids-
-- graad elk. Om het stratumgemiddelde zou A altijd 0 zijn (ADR 0005).
overspreiding as (
    select
        indicator_code,
        greatest(1.0, {{ rond12(
            som12(
                '(y - y_samen * n / n_samen) * (y - y_samen * n / n_samen) '
                ~ '/ (y_samen * n / n_samen)'
            ) ~ ' * 2.0 / count(*)'
        ) }}) as phi
    from twee_vensters
    where soort_meting = 'telling' and vensters = 2 and y_samen > 0
    group by indicator_code
),

telling as (
    select
        indicator_code,
        count(*) as aantal,
        cast(sum(teller) as double) / max(aantal_peildata) as gebeurtenissen_per_venster,
        {{ som12('n * verwacht') }} as som_e,
        {{ som12('(y - n * verwacht) * (y - n * verwacht) / (n * verwacht)') }} as som_pearson
    from cel
    where soort_meting = 'telling' and verwacht > 0
    group by indicator_code
),

-- aandelen: tau2 uit wat k meer spreidt dan een binomiale verdeling om het aandeel van het stratum.
-- Uit de spreiding van de logits zelf zou hij bij zeldzame gevallen altijd 0 zijn.
aandeel as (
    select
        indicator_code,
        cast(sum(teller) as double) / max(aantal_peildata) as gevallen_per_peildatum,
        {{ som12('(y - n * stratum_waarde) * (y - n * stratum_waarde)') }} as som_kwadraat,
        {{ som12('n * stratum_waarde * (1.0 - stratum_waarde)') }} as som_binomiaal,
        {{ som12('n * (n - 1.0) * power(stratum_waarde * (1.0 - stratum_waarde), 2)') }}
            as som_gewicht
    from cel
    where soort_meting = 'aandeel'
    group by indicator_code
),

-- sigma2: binnen beheereenheden; meet elke beheereenheid maar één keer per venster, dan tussen twee
-- vensters; is er maar één venster, dan de helft van alle spreiding
gemiddelde as (
    select
        indicator_code,
        {{ som12('cast(som_kwadraat as double) - y * y / n') }} as som_binnen,
        cast(sum(noemer - 1) as double) as vrijheid_binnen,
        {{ som12('n * (y / n - verwacht) * (y / n - verwacht)') }} as som_afwijking,
        cast(sum(noemer) as double) as som_n,
        count(*) as aantal
    from cel
    where soort_meting = 'gemiddelde'
    group by indicator_code
),

tussen_vensters as (
    select
        indicator_code,
        {{ som12('n * (y / n - y_samen / n_samen) * (y / n - y_samen / n_samen)') }}
        * 2.0 / count(*) as sigma2
    from twee_vensters
    where soort_meting = 'gemiddelde' and vensters = 2
    group by indicator_code
),

binnen as (
    select
        gemiddelde.*,
        case
            when gemiddelde.vrijheid_binnen > 0
                then gemiddelde.som_binnen / gemiddelde.vrijheid_binnen
            when tussen_vensters.sigma2 is not null then tussen_vensters.sigma2
            else gemiddelde.som_afwijking / gemiddelde.som_n / 2.0
        end as sigma2
    from gemiddelde
    left join tussen_vensters on gemiddelde.indicator_code = tussen_vensters.indicator_code
),

geschat as (
    select
        telling.indicator_code,
        coalesce(overspreiding.phi, 1.0) as phi,
        greatest(
            parameter.minimum_heterogeniteit,
            case
                when
                    telling.gebeurtenissen_per_venster >= parameter.minimum_gebeurtenissen_stratum
                    then {{ rond12(
                        '(telling.som_pearson - coalesce(overspreiding.phi, 1.0) '
                        ~ '* telling.aantal) / telling.som_e'
                    ) }}
                else 0.0
            end
        ) as a,
        cast(null as double) as tau2,
        cast(null as double) as sigma2
    from telling
    left join overspreiding on telling.indicator_code = overspreiding.indicator_code
    cross join parameter
    union all
    select
        aandeel.indicator_code,
        cast(null as double) as phi,
        cast(null as double) as a,
        greatest(
            parameter.minimum_heterogeniteit,
            case
                when
                    aandeel.gevallen_per_peildatum >= parameter.minimum_gebeurtenissen_stratum
                    and aandeel.som_gewicht > 0
                    then {{ rond12(
                        '(aandeel.som_kwadraat - aandeel.som_binomiaal) / aandeel.som_gewicht'
                    ) }}
                else 0.0
            end
        ) as tau2,
        cast(null as double) as sigma2
    from aandeel
    cross join parameter
    union all
    -- som van n (d2 - sigma2 / n) is som_afwijking - aantal x sigma2
    select
        binnen.indicator_code,
        cast(null as double) as phi,
        cast(null as double) as a,
        greatest(parameter.minimum_heterogeniteit, {{ rond12(
            '(binnen.som_afwijking - binnen.aantal * binnen.sigma2) / binnen.som_n'
        ) }}) as tau2,
        {{ rond12('binnen.sigma2') }} as sigma2
    from binnen
    cross join parameter
)

select
    indicator_code,
    phi,
    a,
    tau2,
    sigma2
from bevroren
union all
select
    indicator_code,
    phi,
    a,
    tau2,
    sigma2
from geschat
where not exists (select 1 from bevroren)
