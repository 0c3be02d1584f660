-- Eén rij per beheereenheid, peildatum en indicator met gegevens: x (hoger = grotere opgave) en
-- var_x (label.md stap 2), naast de sommen waaruit ze komen. De indicatoren van één thema steunen
-- elkaar naarmate zij in R echt samengaan (rho, ADR 0037): hun gedeelde deel f is wat zij samen
-- zeggen, en elke x schuift daarheen voor zover zij zelf weinig weet. Wat één bron meet, heeft
-- dezelfde meetfout, en telt als één getuige. Met rho 0 is x wat de indicator alleen zegt.
-- lading is de wortel van het deel van var_x dat alle indicatoren van het thema delen. Wat van het
-- stratum niet zeker is, telt mee in var_x voor het deel dat erop leunt (ADR 0018).
with

samenhang as (
    select * from {{ ref('int_referentie__samenhang') }}
),

alleen as (
    select
        posterior.*,
        case when posterior.verschilt then coalesce(samenhang.rho, 0.0) else 0.0 end as rho
    from {{ ref('int_label__posterior_alleen') }} as posterior
    left join samenhang on posterior.thema_code = samenhang.thema_code
),

-- het bewijs van één bron, verdeeld over haar indicatoren naar wat elk ervan weet
per_bron as (
    select
        beheereenheid_id,
        peildatum,
        thema_code,
        dekkingsbron,
        {{ som12('deel') }} as deel
    from alleen
    where rho > 0
    group by 1, 2, 3, 4
),

getuige as (
    select
        alleen.*,
        coalesce(alleen.deel / nullif(per_bron.deel, 0.0), 0.0) as aandeel,
        1.0 - alleen.rho * alleen.deel as rest
    from alleen
    left join per_bron
        on
            alleen.beheereenheid_id = per_bron.beheereenheid_id
            and alleen.peildatum = per_bron.peildatum
            and alleen.thema_code = per_bron.thema_code
            and alleen.dekkingsbron = per_bron.dekkingsbron
),

-- f is standaardnormaal vooraf; achteraf gemiddelde som_lineair / precisie, variantie 1 / precisie
gedeeld as (
    select
        beheereenheid_id,
        peildatum,
        thema_code,
        1.0 + {{ som12('aandeel * rho * deel / rest') }} as precisie,
        {{ som12('aandeel * sqrt(rho / var_vooraf) * afwijking / rest') }} as som_lineair
    from getuige
    where rho > 0
    group by 1, 2, 3
),

samen as (
    select
        getuige.*,
        coalesce(gedeeld.precisie, 1.0) as precisie,
        coalesce(gedeeld.som_lineair / gedeeld.precisie, 0.0) as f
    from getuige
    left join gedeeld
        on
            getuige.beheereenheid_id = gedeeld.beheereenheid_id
            and getuige.peildatum = gedeeld.peildatum
            and getuige.thema_code = gedeeld.thema_code
),

gesteund as (
    select
        *,
        x
        + sqrt(rho) * (1.0 - deel) / rest
        * (sqrt(var_vooraf) * f - sqrt(rho) * afwijking) as x_samen,
        var_eigen * (1.0 - rho) / rest as var_los,
        sqrt(var_eigen * rho * (1.0 - deel) / precisie) / rest as lading,
        -- hoeveel van een verschil in de eigen meting in x terugkomt, naast de indicator alleen
        1.0 - rho * (1.0 - deel) / rest * (1.0 - aandeel / (rest * precisie)) as gevoeligheid
    from samen
)

select
    beheereenheid_id,
    peildatum,
    indicator_code,
    verhuureenheden_aantal,
    {{ rond12('x_samen') }} as x,
    {{ rond12(
        'var_los + lading * lading '
        ~ '+ power(1.0 - (1.0 - leunt) * gevoeligheid, 2) * stratum_variantie'
    ) }} as var_x,
    {{ rond12('lading') }} as lading,
    soort_meting,
    teller,
    noemer,
    leeftijd_kwartalen,
    stratum_waarde
from gesteund
