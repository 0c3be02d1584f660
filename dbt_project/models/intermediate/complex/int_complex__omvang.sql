-- Eén rij per complex en peildatum: aantal verhuureenheden op die dag (0 wordt weggelaten).
-- Begin en einde van lidmaatschappen worden geteld en opgeteld, zodat het werk met het aantal
-- wijzigingen groeit en niet met woningen maal peildata.
with

lidmaatschap as (
    select * from {{ ref('int_complex__lidmaatschap') }}
),

peildatum as (
    select peildatum from {{ ref('int_tijd__peildatum') }}
),

eerste as (
    select min(peildatum) as peildatum from peildatum
),

wijziging as (
    select
        complex_id,
        {{ kwartaal_vanaf('begindatum') }} as kwartaal,
        1 as verschil
    from lidmaatschap
    union all
    select
        complex_id,
        {{ kwartaal_vanaf('einddatum') }} as kwartaal,
        -1 as verschil
    from lidmaatschap
    where einddatum < date '9999-12-31'
),

per_kwartaal as (
    select
        wijziging.complex_id,
        greatest(wijziging.kwartaal, eerste.peildatum) as peildatum,
        cast(sum(wijziging.verschil) as bigint) as verschil
    from wijziging
    cross join eerste
    group by 1, 2
),

rooster as (
    select
        complex.complex_id,
        peildatum.peildatum
    from (select distinct complex_id from lidmaatschap) as complex
    cross join peildatum
),

lopend as (
    select
        rooster.complex_id,
        rooster.peildatum,
        cast(sum(coalesce(per_kwartaal.verschil, 0)) over (
            partition by rooster.complex_id order by rooster.peildatum
        ) as bigint) as verhuureenheden_aantal
    from rooster
    left join per_kwartaal
        on
            rooster.complex_id = per_kwartaal.complex_id
            and rooster.peildatum = per_kwartaal.peildatum
)

select * from lopend
where verhuureenheden_aantal > 0
