-- Eén rij per niveau, object, grondslag, peildatum en indicator: u, afgekapt op -3..3
-- (label.md stap 3), en wat hij bijdraagt aan zijn thema (stap 4). De bijdragen tellen op tot z.
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
    select * from {{ ref('int_methode__indicator') }}
),

gewicht_thema as (
    select
        grondslag,
        thema_code,
        sum(gewicht) as gewicht
    from indicator
    group by 1, 2
),

berekend as (
    select
        positie.niveau,
        positie.grondslag,
        positie.object_id,
        positie.peildatum,
        positie.indicator_code,
        positie.verhuureenheden_aantal,
        positie.x,
        positie.var_x,
        indicator.thema_code,
        indicator.gewicht,
        gewicht_thema.gewicht as gewicht_thema,
        case
            when ligging.schaal is null then 0.0
            else greatest(
                -parameter.afkap_u,
                least(parameter.afkap_u, (positie.x - ligging.mediaan) / ligging.schaal)
            )
        end as u
    from positie
    inner join indicator
        on
            positie.grondslag = indicator.grondslag
            and positie.indicator_code = indicator.indicator_code
    inner join gewicht_thema
        on
            indicator.grondslag = gewicht_thema.grondslag
            and indicator.thema_code = gewicht_thema.thema_code
    inner join ligging
        on
            positie.grondslag = ligging.grondslag
            and positie.indicator_code = ligging.indicator_code
    cross join parameter
),

met_aanwezig as (
    select
        *,
        {{ rond12('u') }} as u_afgerond,
        sum(gewicht) over (
            partition by niveau, grondslag, object_id, peildatum, thema_code
        ) as gewicht_aanwezig
    from berekend
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
    gewicht,
    gewicht_thema,
    gewicht_aanwezig,
    u_afgerond as u,
    {{ rond12('gewicht * u_afgerond / gewicht_aanwezig') }} as bijdrage
from met_aanwezig
