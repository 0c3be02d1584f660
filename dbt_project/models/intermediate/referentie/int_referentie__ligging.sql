-- Eén rij per grondslag en indicator: mediaan en schaal van x in R, gewogen naar verhuureenheden
-- (label.md stap 3). De schaal is hoe ver complexen echt uiteenlopen: het kwadraat van 1,4826 maal
-- de MAD van x, plus wat wij van x gemiddeld niet weten (var_x). Met de MAD alleen zou een
-- indicator die bijna niets weet, en dus sterk gekrompen is, tot ruis worden opgeblazen (ADR 0014).
-- Geschat op complexen (eigen) en op buurten (openbaar); hogere niveaus gebruiken dezelfde maat.
-- Ligt meer dan de helft van het gewicht (bijna) op één punt, dan zegt de MAD niets en geldt de
-- gewogen standaardafwijking (ADR 0007).
with

parameter as (
    select * from {{ ref('int_methode__parameter') }}
),

bevroren as (
    select * from {{ source('buurtpeil', 'referentie_ligging') }}
),

in_r as (
    select positie.*
    from {{ ref('int_label__positie') }} as positie
    inner join {{ ref('int_referentie__periode') }} as periode
        on
            positie.grondslag = periode.grondslag
            and positie.peildatum between periode.eerste_peildatum and periode.laatste_peildatum
    where
        positie.verhuureenheden_aantal > 0
        and (
            (positie.grondslag = 'eigen' and positie.niveau = 'complex')
            or (positie.grondslag = 'openbaar' and positie.niveau = 'buurt')
        )
),

{{ gewogen_kwantielen(
    'midden', 'in_r', ['grondslag', 'indicator_code'], 'x', 'verhuureenheden_aantal',
    {'mediaan': 0.5}
) }},

afstand as (
    select
        in_r.grondslag,
        in_r.indicator_code,
        in_r.verhuureenheden_aantal,
        in_r.x,
        in_r.var_x,
        midden.mediaan,
        {{ rond12('abs(in_r.x - midden.mediaan)') }} as afstand
    from in_r
    inner join midden
        on in_r.grondslag = midden.grondslag and in_r.indicator_code = midden.indicator_code
),

{{ gewogen_kwantielen(
    'afwijking', 'afstand', ['grondslag', 'indicator_code'], 'afstand', 'verhuureenheden_aantal',
    {'mad': 0.5}
) }},

standaard as (
    select
        grondslag,
        indicator_code,
        {{ rond12(
            'sqrt(' ~ som12('verhuureenheden_aantal * afstand * afstand')
            ~ ' / cast(sum(verhuureenheden_aantal) as double))'
        ) }} as sd,
        {{ som12('verhuureenheden_aantal * coalesce(var_x, 0.0)') }}
        / cast(sum(verhuureenheden_aantal) as double) as onzeker
    from afstand
    group by 1, 2
),

-- waar beheereenheden in R niet aantoonbaar verschillen, zegt een verschil in x niets: geen schaal,
-- en u is 0. Zonder deze regel blaast het delen door een MAD van bijna 0 ruis op tot -3 of 3.
zonder_onderscheid as (
    select spreiding.indicator_code
    from {{ ref('int_referentie__spreiding') }} as spreiding
    cross join parameter
    where coalesce(spreiding.a, spreiding.tau2) <= parameter.minimum_heterogeniteit
),

gemeten as (
    select
        midden.grondslag,
        midden.indicator_code,
        midden.mediaan,
        standaard.onzeker,
        case
            when zonder_onderscheid.indicator_code is not null then null
            when
                afwijking.mad > 0
                and parameter.schaal_mad * afwijking.mad
                >= parameter.minimum_deel_standaardafwijking * standaard.sd
                then parameter.schaal_mad * afwijking.mad
            when standaard.sd > 0 then standaard.sd
        end as spreiding
    from midden
    inner join afwijking
        on
            midden.grondslag = afwijking.grondslag
            and midden.indicator_code = afwijking.indicator_code
    inner join standaard
        on
            midden.grondslag = standaard.grondslag
            and midden.indicator_code = standaard.indicator_code
    left join zonder_onderscheid
        on
            midden.grondslag = 'eigen'
            and midden.indicator_code = zonder_onderscheid.indicator_code
    cross join parameter
),

geschat as (
    select
        grondslag,
        indicator_code,
        mediaan,
        {{ rond12('sqrt(spreiding * spreiding + greatest(0.0, onzeker))') }} as schaal
    from gemeten
)

select
    grondslag,
    indicator_code,
    mediaan,
    schaal
from bevroren
union all
select
    grondslag,
    indicator_code,
    mediaan,
    schaal
from geschat
where grondslag not in (select bevroren.grondslag from bevroren)
