-- Eén rij per niveau, object, peildatum en thema (en TOT) met een score op eigen gegevens: de
-- standaardfout in gesloten vorm (deltamethode door label.md stap 3-5). Alleen ter controle van de
-- trekkingen: zij kent de kromming van Phi en de afkap niet en ligt er daarom wat boven.
with

parameter as (
    select * from {{ ref('int_methode__parameter') }}
),

thema as (
    select * from {{ ref('thema') }}
),

score as (
    select * from {{ ref('int_label__score') }}
    where grondslag = 'eigen' and score is not null
),

per_thema as (
    select
        niveau,
        object_id,
        peildatum,
        thema_code,
        cast(z as double) as z,
        var_z
    from {{ ref('int_label__thema_z') }}
    where grondslag = 'eigen' and z is not null
),

themafout as (
    select
        score.niveau,
        score.object_id,
        score.peildatum,
        score.thema_code,
        thema.gewicht,
        score.score,
        39.89422804014327 * exp(-0.5 * power(per_thema.z / schaal.kappa, 2))
        / schaal.kappa * sqrt(per_thema.var_z) as fout
    from score
    inner join thema on score.thema_code = thema.thema_code
    inner join per_thema
        on
            score.niveau = per_thema.niveau
            and score.object_id = per_thema.object_id
            and score.peildatum = per_thema.peildatum
            and score.thema_code = per_thema.thema_code
    inner join {{ ref('int_referentie__schaal') }} as schaal
        on
            score.niveau = schaal.niveau
            and score.grondslag = schaal.grondslag
            and score.thema_code = schaal.thema_code
),

-- de afgeleide van het machtsgemiddelde naar een thema is gewicht x (thema / totaal)^(p - 1)
totaalfout as (
    select
        themafout.niveau,
        themafout.object_id,
        themafout.peildatum,
        sqrt({{ som12(
            'power(themafout.gewicht * themafout.fout '
            ~ '* power(themafout.score / totaal.score, parameter.macht_totaal - 1.0), 2)'
        ) }}) / cast(sum(themafout.gewicht) as double) as fout
    from themafout
    inner join score as totaal
        on
            themafout.niveau = totaal.niveau
            and themafout.object_id = totaal.object_id
            and themafout.peildatum = totaal.peildatum
            and totaal.thema_code = 'TOT'
    cross join parameter
    where totaal.score > 0
    group by 1, 2, 3
)

select
    niveau,
    object_id,
    peildatum,
    thema_code,
    {{ rond12('fout') }} as standaardfout
from themafout
union all
select
    niveau,
    object_id,
    peildatum,
    'TOT' as thema_code,
    {{ rond12('fout') }} as standaardfout
from totaalfout
