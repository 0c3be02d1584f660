-- Eén rij per niveau, object, grondslag, peildatum en thema (en TOT): het berekende label 1..5
-- (label.md stap 6), of waarom het onbekend is.
with

score as (
    select * from {{ ref('int_label__score') }}
),

knip as (
    select * from {{ ref('int_referentie__knip') }}
),

periode as (
    select * from {{ ref('int_referentie__periode') }}
),

parameter as (
    select * from {{ ref('int_methode__parameter') }}
)

select
    score.niveau,
    score.grondslag,
    score.object_id,
    score.peildatum,
    score.thema_code,
    score.verhuureenheden_aantal,
    score.score,
    {{ label_uit_knippen('score.score', 'knip') }} as sociaal_beheer_label,
    score.aandeel_van_totaal,
    score.gewicht_dekking,
    coalesce(
        score.peildatum between periode.eerste_peildatum and periode.laatste_peildatum, false
    ) as is_referentieperiode,
    case
        when not score.is_gemeten and score.thema_code = 'TOT'
            then
                'Te weinig thema''s met genoeg gegevens, of schoon heel veilig of overlast mist'
        when not score.is_gemeten then 'Te weinig gegevens voor dit thema'
        when score.score is null
            then 'Te weinig gevallen of te kleine verschillen om complexen te vergelijken'
        when knip.knip_1 is null then 'Er is nog geen referentie om mee te vergelijken'
    end as reden_onbekend,
    -- label.md stap 11b: een openbaar totaal op zo weinig thema's als mag, is weinig betrouwbaar
    case
        when
            score.grondslag = 'openbaar' and score.thema_code = 'TOT'
            and score.score is not null
            and score.aantal_themas <= parameter.minimum_themas_openbaar
            then 'laag'
    end as betrouwbaarheid
from score
left join knip
    on
        score.niveau = knip.niveau
        and score.grondslag = knip.grondslag
        and score.thema_code = knip.thema_code
left join periode on score.grondslag = periode.grondslag
cross join parameter
