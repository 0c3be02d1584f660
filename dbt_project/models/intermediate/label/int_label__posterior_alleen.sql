-- Eén rij per beheereenheid, peildatum en indicator met gegevens: wat de indicator zelf zegt,
-- gekrompen naar het stratum (label.md stap 2): x (hoger = grotere opgave) en var_eigen, nog zonder
-- wat van het stratum niet zeker is (ADR 0018) en zonder de andere indicatoren van het thema
-- (int_label__posterior). deel is hoeveel van een echt verschil in x terugkomt. Het hangt niet af
-- van wat er geteld is, alleen van waaruit: zo maakt meer melden een opgave nooit kleiner.
with

cel as (
    select * from {{ ref('int_label__cel_verwacht') }}
),

spreiding as (
    select
        spreiding.*,
        coalesce(spreiding.a, spreiding.tau2) > parameter.minimum_heterogeniteit as verschilt
    from {{ ref('int_referentie__spreiding') }} as spreiding
    cross join {{ ref('int_methode__parameter') }} as parameter
),

-- tellingen: Gamma-posterior; vorm en schaal zijn haar parameters
telling as (
    select
        cel.*,
        spreiding.verschilt,
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
        spreiding.verschilt,
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
        end as s2,
        -- van een aandeel: wat bij het stratum te verwachten is, niet wat k toevallig zegt
        (1.0 + cel.leeftijd_kwartalen / 4.0) * case
            when cel.soort_meting = 'aandeel'
                then 1.0 / (cel.n * {{ variantie_aandeel('cel.stratum_waarde') }})
            else spreiding.sigma2 / cel.n
        end as s2_verwacht
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
        stratum_variantie,
        verschilt,
        richting * ln(verwacht * vorm / schaal) as x,
        richting * ln(vorm / schaal) as afwijking,
        {{ trigamma('vorm') }} as var_eigen,
        {{ trigamma('nu') }} as var_vooraf,
        nu / schaal as leunt,
        1.0 - nu / schaal as deel
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
        stratum_variantie,
        verschilt,
        richting * (midden + tau2 / (tau2 + s2) * (z - verwacht)) as x,
        richting * tau2 / (tau2 + s2) * (z - verwacht) as afwijking,
        tau2 * s2 / (tau2 + s2) as var_eigen,
        tau2 as var_vooraf,
        s2 / (tau2 + s2) as leunt,
        tau2 / (tau2 + s2_verwacht) as deel
    from overig
    where s2 is not null
)

select
    gekrompen.beheereenheid_id,
    gekrompen.peildatum,
    gekrompen.indicator_code,
    indicator.thema_code,
    indicator.dekkingsbron,
    gekrompen.verhuureenheden_aantal,
    {{ rond12('gekrompen.x') }} as x,
    {{ rond12('gekrompen.afwijking') }} as afwijking,
    {{ rond12('gekrompen.var_eigen') }} as var_eigen,
    {{ rond12('gekrompen.var_vooraf') }} as var_vooraf,
    {{ rond12('gekrompen.leunt') }} as leunt,
    {{ rond12('gekrompen.deel') }} as deel,
    gekrompen.verschilt,
    gekrompen.soort_meting,
    gekrompen.teller,
    gekrompen.noemer,
    gekrompen.leeftijd_kwartalen,
    gekrompen.stratum_waarde,
    gekrompen.stratum_variantie
from gekrompen
inner join {{ ref('indicator_eigen') }} as indicator
    on gekrompen.indicator_code = indicator.indicator_code
