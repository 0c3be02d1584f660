-- Eén rij per niveau, grondslag en thema (en TOT): de knippen op 10, 30, 70 en 90 % van de scores
-- in R, gewogen naar verhuureenheden (label.md stap 6). Wijken gebruiken die van buurten.
with

parameter as (
    select * from {{ ref('int_methode__parameter') }}
),

bevroren as (
    select * from {{ source('buurtpeil', 'referentie_knip') }}
),

in_r as (
    select
        score.*,
        parameter.knip_1 as deel_1,
        parameter.knip_2 as deel_2,
        parameter.knip_3 as deel_3,
        parameter.knip_4 as deel_4
    from {{ ref('int_label__score') }} as score
    inner join {{ ref('int_referentie__periode') }} as periode
        on
            score.grondslag = periode.grondslag
            and score.peildatum between periode.eerste_peildatum and periode.laatste_peildatum
    cross join parameter
    where score.niveau != 'wijk'
),

{{ gewogen_kwantielen(
    'knip', 'in_r', ['niveau', 'grondslag', 'thema_code', 'deel_1', 'deel_2', 'deel_3', 'deel_4'],
    'score', 'verhuureenheden_aantal',
    {'knip_1': 'deel_1', 'knip_2': 'deel_2', 'knip_3': 'deel_3', 'knip_4': 'deel_4'}
) }},

met_wijk as (
    select
        niveau,
        grondslag,
        thema_code,
        knip_1,
        knip_2,
        knip_3,
        knip_4
    from knip
    union all
    select
        'wijk' as niveau,
        grondslag,
        thema_code,
        knip_1,
        knip_2,
        knip_3,
        knip_4
    from knip
    where niveau = 'buurt'
)

select
    niveau,
    grondslag,
    thema_code,
    knip_1,
    knip_2,
    knip_3,
    knip_4
from bevroren
union all
select
    niveau,
    grondslag,
    thema_code,
    knip_1,
    knip_2,
    knip_3,
    knip_4
from met_wijk
where grondslag not in (select bevroren.grondslag from bevroren)
