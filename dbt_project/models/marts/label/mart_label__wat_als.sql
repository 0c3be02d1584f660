-- Eén rij per niveau, beheerobject, peildatum en thema (en TOT) op eigen gegevens: wat een wat-als
-- met andere gewichten nodig heeft. Van de laatste peildatum zoals gepubliceerd, en van de peildata
-- van R, waar de knippen opnieuw op worden geschat. Is de laatste peildatum met een andere
-- referentie beslist dan nu geldt, dan is zij hier niet: de scores zijn niet te vergelijken.
with

parameter as (
    select * from {{ ref('int_methode__parameter') }}
),

gepubliceerd as (
    select * from {{ ref('mart_label__sociaal_beheer_label') }}
    where grondslag = 'eigen'
),

label as (
    select * from {{ ref('int_label__label') }}
    where grondslag = 'eigen' and is_referentieperiode
),

periode as (
    select * from {{ ref('int_referentie__periode') }}
    where grondslag = 'eigen'
),

knip as (
    select * from {{ ref('int_referentie__knip') }}
    where grondslag = 'eigen'
),

indicatorwaarde as (
    select * from {{ ref('mart_label__indicatorwaarde') }}
    where grondslag = 'eigen'
),

laatste as (
    select max(peildatum) as peildatum from gepubliceerd
),

actueel as (
    select
        gepubliceerd.niveau,
        gepubliceerd.beheerobject_id,
        gepubliceerd.peildatum,
        gepubliceerd.thema_code,
        gepubliceerd.verhuureenheden_aantal,
        true as is_actueel,
        periode.grondslag is not null as is_referentieperiode,
        gepubliceerd.score,
        gepubliceerd.ruw_sociaal_beheer_label
    from gepubliceerd
    inner join laatste on gepubliceerd.peildatum = laatste.peildatum
    cross join parameter
    left join periode
        on gepubliceerd.peildatum between periode.eerste_peildatum and periode.laatste_peildatum
    where
        coalesce(gepubliceerd.referentie_id, '') in ('', 'voorlopig', parameter.referentie_id)
),

in_r as (
    select
        label.niveau,
        label.object_id as beheerobject_id,
        label.peildatum,
        label.thema_code,
        label.verhuureenheden_aantal,
        false as is_actueel,
        true as is_referentieperiode,
        label.score,
        label.sociaal_beheer_label as ruw_sociaal_beheer_label
    from label
    cross join laatste
    where label.niveau != 'wijk' and label.peildatum < laatste.peildatum
),

samen as (
    select * from actueel
    union all
    select * from in_r
),

cel as (
    select
        niveau,
        beheerobject_id,
        peildatum,
        thema_code,
        max(case when is_gebandeerd then 1 else 0 end) = 1 as is_gebandeerd
    from indicatorwaarde
    group by 1, 2, 3, 4
)

select
    samen.niveau,
    samen.beheerobject_id,
    samen.peildatum,
    samen.thema_code,
    cast(samen.verhuureenheden_aantal as integer) as verhuureenheden_aantal,
    samen.is_actueel,
    samen.is_referentieperiode,
    samen.score,
    cast(samen.ruw_sociaal_beheer_label as integer) as ruw_sociaal_beheer_label,
    -- wat niet is gepubliceerd, gaat ook hier niet precies naar buiten
    samen.thema_code != 'TOT' and coalesce(cel.is_gebandeerd, true) as is_gebandeerd,
    knip.knip_1,
    knip.knip_2,
    knip.knip_3,
    knip.knip_4
from samen
left join cel
    on
        samen.niveau = cel.niveau
        and samen.beheerobject_id = cel.beheerobject_id
        and samen.peildatum = cel.peildatum
        and samen.thema_code = cel.thema_code
left join knip
    on
        samen.niveau = knip.niveau
        and samen.thema_code = knip.thema_code
