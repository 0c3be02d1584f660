-- Eén rij per complex en peildatum: lopende huurovereenkomsten. Begin en einde worden geteld en
-- opgeteld, zoals bij de omvang van een complex.
with

geldig as (
    select * from {{ ref('int_huur__contract_in_complex') }}
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
    from geldig
    union all
    select
        complex_id,
        {{ kwartaal_vanaf('einddatum') }} as kwartaal,
        -1 as verschil
    from geldig
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
    from (select distinct complex_id from geldig) as complex
    cross join peildatum
),

lopend as (
    select
        rooster.complex_id,
        rooster.peildatum,
        cast(sum(coalesce(per_kwartaal.verschil, 0)) over (
            partition by rooster.complex_id order by rooster.peildatum
        ) as bigint) as contracten_aantal
    from rooster
    left join per_kwartaal
        on
            rooster.complex_id = per_kwartaal.complex_id
            and rooster.peildatum = per_kwartaal.peildatum
)

select * from lopend
where contracten_aantal > 0
