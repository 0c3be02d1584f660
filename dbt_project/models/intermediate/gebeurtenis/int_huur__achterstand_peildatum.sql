-- Eén rij per peildatum waarop de huurachterstand bekend is, met waaruit: de jongste maandstand die
-- de bron leverde (`stand`, hooguit 3 maanden oud) of, alleen waar die er niet is, de boekingen
-- (`boeking`, vanaf een half jaar na de eerste). De stand van de peildatum zelf is dan nog niet
-- bekend: die wordt op zijn vroegst op die dag geleverd.
with

parameter as (
    select * from {{ ref('int_methode__parameter') }}
),

peildatum as (
    select peildatum from {{ ref('int_tijd__peildatum') }}
),

-- een stand is bekend zodra er rijen van bekend zijn
maandstand as (
    select
        peildatum as standdatum,
        min(bekend_vanaf) as bekend_vanaf
    from {{ ref('stg_vera__huurachterstand') }}
    group by peildatum
),

eerste_boeking as (
    select min(boekdatum) as boekdatum from {{ ref('stg_vera__boeking') }}
),

met_stand as (
    select
        peildatum.peildatum,
        max(maandstand.standdatum) as standdatum
    from peildatum
    cross join parameter
    left join maandstand
        on
            peildatum.peildatum >= maandstand.standdatum
            and peildatum.peildatum > maandstand.bekend_vanaf
            and {{ tel_maanden(
                'peildatum.peildatum', '-cast(parameter.maximum_maanden_stand as integer)'
            ) }} <= maandstand.standdatum
    group by peildatum.peildatum
)

select
    met_stand.peildatum,
    met_stand.standdatum,
    case when met_stand.standdatum is not null then 'stand' else 'boeking' end as herkomst_code
from met_stand
cross join eerste_boeking
where
    met_stand.standdatum is not null
    -- een rekening zonder beginsaldo loopt eerst in: achterstand van twee maanden is er niet meteen
    or met_stand.peildatum >= {{ tel_maanden('eerste_boeking.boekdatum', 6) }}
