-- Eén rij per niveau, object, grondslag, peildatum en indicator: u, afgekapt op -3..3
-- (label.md stap 3), en wat hij bijdraagt aan zijn thema (stap 4). De bijdragen zijn decimalen en
-- tellen precies op tot z.
with

parameter as (
    select * from {{ ref('int_methode__parameter') }}
),

positie as (
    select * from {{ ref('int_label__positie') }}
),

ligging as (
    select * from {{ ref('int_referentie__ligging') }}
),

indicator as (
    select
        *,
        sum(gewicht) over (partition by grondslag, thema_code) as gewicht_thema
    from {{ ref('int_methode__indicator') }}
),

berekend as (
    select
        positie.*,
        indicator.thema_code,
        indicator.gewicht,
        indicator.gewicht_thema,
        case
            -- alle waarden in R gelijk: niets wijst op een grotere of kleinere opgave
            when ligging.schaal is null then 0.0
            else greatest(
                -parameter.afkap_u,
                least(parameter.afkap_u, (positie.x - ligging.mediaan) / ligging.schaal)
            )
        end as u_precies,
        -- wat van u niet bekend is; zonder schaal zegt x niets en is u precies 0
        coalesce(positie.var_x / (ligging.schaal * ligging.schaal), 0.0) as var_u_precies,
        coalesce(positie.lading / ligging.schaal, 0.0) as lading_u_precies
    from positie
    inner join indicator
        on
            positie.grondslag = indicator.grondslag
            and positie.indicator_code = indicator.indicator_code
    inner join ligging
        on
            positie.grondslag = ligging.grondslag
            and positie.indicator_code = ligging.indicator_code
    cross join parameter
),

aanwezig as (
    select
        niveau,
        grondslag,
        object_id,
        peildatum,
        thema_code,
        sum(gewicht) as gewicht_aanwezig
    from berekend
    group by 1, 2, 3, 4, 5
),

met_aanwezig as (
    select
        berekend.*,
        aanwezig.gewicht_aanwezig,
        {{ rond12('berekend.u_precies') }} as u,
        {{ rond12('berekend.var_u_precies') }} as var_u,
        {{ rond12('berekend.lading_u_precies') }} as lading_u
    from berekend
    inner join aanwezig
        on
            berekend.niveau = aanwezig.niveau
            and berekend.grondslag = aanwezig.grondslag
            and berekend.object_id = aanwezig.object_id
            and berekend.peildatum = aanwezig.peildatum
            and berekend.thema_code = aanwezig.thema_code
)

select
    niveau,
    grondslag,
    object_id,
    peildatum,
    thema_code,
    indicator_code,
    verhuureenheden_aantal,
    x,
    var_x,
    lading,
    gewicht,
    gewicht_thema,
    gewicht_aanwezig,
    u,
    var_u,
    lading_u,
    {{ vast12('gewicht * u / gewicht_aanwezig') }} as bijdrage,
    waarde,
    teller,
    noemer,
    leeftijd_kwartalen,
    stratum_waarde
from met_aanwezig
