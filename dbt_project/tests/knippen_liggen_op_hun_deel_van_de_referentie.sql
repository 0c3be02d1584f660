-- Eén rij per knip waar niet ten minste het deel van de woningen in R onder of op ligt, of waar dat
-- ook al voor een lagere score gold (label.md stap 6). Alleen waar R hier is geschat: een bevroren
-- knip hoort bij gegevens van toen.
with

parameter as (
    select * from {{ ref('int_methode__parameter') }}
),

knip as (
    select
        knip.niveau,
        knip.grondslag,
        knip.thema_code,
        nummer.nummer,
        case nummer.nummer
            when 1 then knip.knip_1
            when 2 then knip.knip_2
            when 3 then knip.knip_3
            else knip.knip_4
        end as grens
    from {{ ref('int_referentie__knip') }} as knip
    cross join (values (1), (2), (3), (4)) as nummer (nummer)
    where knip.niveau != 'wijk' and knip.grondslag not in (
        select bevroren.grondslag from {{ source('buurtpeil', 'referentie_knip') }} as bevroren
    )
),

score as (
    select
        score.niveau,
        score.grondslag,
        score.thema_code,
        score.score,
        score.verhuureenheden_aantal as gewicht
    from {{ ref('int_label__score') }} as score
    inner join {{ ref('int_referentie__periode') }} as periode
        on
            score.grondslag = periode.grondslag
            and score.peildatum between periode.eerste_peildatum and periode.laatste_peildatum
    where score.score is not null and score.verhuureenheden_aantal > 0
),

geteld as (
    select
        knip.niveau,
        knip.grondslag,
        knip.thema_code,
        knip.nummer,
        cast(sum(score.gewicht) as bigint) as totaal,
        cast(sum(case when score.score <= knip.grens then score.gewicht else 0 end) as bigint)
            as tot_en_met,
        cast(sum(case when score.score < knip.grens then score.gewicht else 0 end) as bigint)
            as eronder
    from knip
    inner join score
        on
            knip.niveau = score.niveau
            and knip.grondslag = score.grondslag
            and knip.thema_code = score.thema_code
    group by 1, 2, 3, 4
),

met_deel as (
    select
        geteld.*,
        cast(case geteld.nummer
            when 1 then parameter.knip_1
            when 2 then parameter.knip_2
            when 3 then parameter.knip_3
            else parameter.knip_4
        end as decimal(9, 6)) as deel
    from geteld
    cross join parameter
)

select * from met_deel
where not (tot_en_met >= deel * totaal and eronder < deel * totaal)
