-- Eén rij per indicator op eigen gegevens: hoe ver beheereenheden in R uiteenlopen (label.md stap 2).
-- Tellingen: phi (overspreiding binnen een beheereenheid, uit twee vensters die niet overlappen) en
-- a (heterogeniteit A). Aandelen en gemiddelden: tau2 tussen en sigma2 binnen beheereenheden.
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
        cast(cel.teller as double) as y,
        cast(cel.noemer as double) as n
    from {{ ref('int_label__cel_verwacht') }} as cel
    inner join periode
        on cel.peildatum between periode.eerste_peildatum and periode.laatste_peildatum
),

-- phi: Pearson van twee jaarvensters om het eigen gemiddelde van de beheereenheid. Om het
-- stratumgemiddelde zou A altijd 0 zijn (ADR 0005).
twee_vensters as (
    select
        indicator_code,
        y,
        n,
        sum(y) over (partition by indicator_code, beheereenheid_id) as y_samen,
        sum(n) over (partition by indicator_code, beheereenheid_id) as n_samen,
        count(*) over (partition by indicator_code, beheereenheid_id) as vensters
    from cel
    where
        soort_meting = 'telling'
        and (
            peildatum = laatste_peildatum
            or peildatum = {{ tel_maanden('laatste_peildatum', -12) }}
        )
),

overspreiding as (
    select
        indicator_code,
        greatest(1.0, {{ rond12(
            'sum((y - y_samen * n / n_samen) * (y - y_samen * n / n_samen) '
            ~ '/ (y_samen * n / n_samen)) * 2.0 / count(*)'
        ) }}) as phi
    from twee_vensters
    where vensters = 2 and y_samen > 0
    group by 1
),

telling as (
    select
        cel.indicator_code,
        coalesce(max(overspreiding.phi), 1.0) as phi,
        sum(cel.n * cel.verwacht) as som_e,
        count(*) as aantal,
        sum((cel.y - cel.n * cel.verwacht) * (cel.y - cel.n * cel.verwacht)
            / (cel.n * cel.verwacht)) as som_pearson
    from cel
    left join overspreiding on cel.indicator_code = overspreiding.indicator_code
    where cel.soort_meting = 'telling' and cel.verwacht > 0
    group by 1
),

binnen as (
    select
        indicator_code,
        sum(cast(som_kwadraat as double) - y * y / n) / sum(n - 1) as sigma2
    from cel
    where soort_meting = 'gemiddelde' and n > 1
    group by 1
),

afwijking as (
    select
        cel.indicator_code,
        cel.n,
        case
            when cel.soort_meting = 'aandeel'
                then ln((cel.y + 0.5) / (cel.n - cel.y + 0.5)) - cel.verwacht
            else cel.y / cel.n - cel.verwacht
        end as d,
        case
            when cel.soort_meting = 'aandeel'
                then (cel.n + 1) * (cel.n + 2) / (cel.n * (cel.y + 1) * (cel.n - cel.y + 1))
            else binnen.sigma2 / cel.n
        end as s2
    from cel
    left join binnen on cel.indicator_code = binnen.indicator_code
    where cel.soort_meting != 'telling'
),

tussen as (
    select
        indicator_code,
        sum(n * (d * d - s2)) / sum(n) as tau2
    from afwijking
    group by 1
),

geschat as (
    select
        telling.indicator_code,
        telling.phi,
        greatest(
            parameter.minimum_heterogeniteit,
            {{ rond12('telling.som_pearson / telling.som_e - telling.phi * telling.aantal / telling.som_e') }}
        ) as a,
        cast(null as double) as tau2,
        cast(null as double) as sigma2
    from telling
    cross join parameter
    union all
    select
        tussen.indicator_code,
        cast(null as double) as phi,
        cast(null as double) as a,
        greatest(parameter.minimum_heterogeniteit, {{ rond12('tussen.tau2') }}) as tau2,
        {{ rond12('binnen.sigma2') }} as sigma2
    from tussen
    left join binnen on tussen.indicator_code = binnen.indicator_code
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
