-- Eén rij per beheereenheid, peildatum en indicator met gegevens: x (hoger = grotere opgave) en
-- var_x, gekrompen naar het stratum (label.md stap 2), naast de sommen waaruit ze komen. Wat van
-- het stratum zelf niet zeker is, telt mee in var_x voor het deel dat erop leunt (ADR 0018).
with

cel as (
    select * from {{ ref('int_label__cel_verwacht') }}
),

spreiding as (
    select * from {{ ref('int_referentie__spreiding') }}
),

-- tellingen: Gamma-posterior; vorm en schaal zijn haar parameters
telling as (
    select
        cel.*,
        1.0 / spreiding.a as nu,
        cel.y / spreiding.phi + 1.0 / spreiding.a as vorm,
        cel.n * cel.verwacht / spreiding.phi + 1.0 / spreiding.a as schaal
    from cel
    inner join spreiding on cel.indicator_code = spreiding.indicator_code
    where cel.soort_meting = 'telling' and cel.verwacht > 0
),

overig as (
    select
        cel.*,
        spreiding.tau2,
        case
            when cel.soort_meting = 'aandeel' then {{ empirische_logit('cel.y', 'cel.n') }}
            else cel.y / cel.n
        end as z,
        -- het midden waar de afwijking bij komt: van een aandeel de logit van het aandeel zelf,
        -- want de empirische logit van een klein complex ligt door de halve te hoog (ADR 0010)
        case
            when cel.soort_meting = 'aandeel' then {{ logit('cel.stratum_waarde') }}
            else cel.verwacht
        end as midden,
        -- een verouderde meting is minder waard: variantie maal (1 + leeftijd / 4)
        (1.0 + cel.leeftijd_kwartalen / 4.0) * case
            when cel.soort_meting = 'aandeel' then {{ variantie_logit('cel.y', 'cel.n') }}
            else spreiding.sigma2 / cel.n
        end as s2
    from cel
    inner join spreiding on cel.indicator_code = spreiding.indicator_code
    where cel.soort_meting != 'telling'
),

gekrompen as (
    select
        beheereenheid_id,
        peildatum,
        indicator_code,
        verhuureenheden_aantal,
        soort_meting,
        teller,
        noemer,
        leeftijd_kwartalen,
        stratum_waarde,
        richting * ln(verwacht * vorm / schaal) as x,
        {{ trigamma('vorm') }} + power(nu / schaal, 2) * stratum_variantie as var_x
    from telling
    union all
    select
        beheereenheid_id,
        peildatum,
        indicator_code,
        verhuureenheden_aantal,
        soort_meting,
        teller,
        noemer,
        leeftijd_kwartalen,
        stratum_waarde,
        richting * (midden + tau2 / (tau2 + s2) * (z - verwacht)) as x,
        tau2 * s2 / (tau2 + s2) + power(s2 / (tau2 + s2), 2) * stratum_variantie as var_x
    from overig
    where s2 is not null
)

select
    beheereenheid_id,
    peildatum,
    indicator_code,
    verhuureenheden_aantal,
    {{ rond12('x') }} as x,
    {{ rond12('var_x') }} as var_x,
    soort_meting,
    teller,
    noemer,
    leeftijd_kwartalen,
    stratum_waarde
from gekrompen
