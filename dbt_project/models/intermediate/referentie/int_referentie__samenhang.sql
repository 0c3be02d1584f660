-- Eén rij per thema op eigen gegevens: rho, hoe sterk zijn indicatoren in R samengaan (ADR 0037).
-- Per paar indicatoren is het product van hun afwijkingen naar verwachting rho maal wat van beide
-- terugkomt (deel). Alleen paren uit twee bronnen tellen: wat één bron meet, deelt ook de meetfout.
-- Een thema met kleine cellen heeft rho 0: daar zou een getoonde indicator iets verraden van een
-- verborgen cel waar hij op leunt (ADR 0027). Ook met te weinig beheereenheden is rho 0. Is R
-- bevroren voordat rho bestond, dan is er geen rij en leunt er niets.
with

parameter as (
    select * from {{ ref('int_methode__parameter') }}
),

bevroren as (
    select * from {{ source('buurtpeil', 'referentie_samenhang') }}
),

bevroren_periode as (
    select * from {{ source('buurtpeil', 'referentie_periode') }}
    where grondslag = 'eigen'
),

thema as (
    select
        thema_code,
        max(toon_minimum) > 0 as heeft_kleine_cellen
    from {{ ref('indicator_eigen') }}
    group by 1
),

per_bron as (
    select
        posterior.beheereenheid_id,
        posterior.peildatum,
        posterior.thema_code,
        posterior.dekkingsbron,
        {{ som12('posterior.afwijking / sqrt(posterior.var_vooraf)') }} as afwijking,
        {{ som12('posterior.deel') }} as deel
    from {{ ref('int_label__posterior_alleen') }} as posterior
    inner join {{ ref('int_referentie__periode') }} as periode
        on
            periode.grondslag = 'eigen'
            and posterior.peildatum between periode.eerste_peildatum and periode.laatste_peildatum
    where posterior.verschilt
    group by 1, 2, 3, 4
),

-- som over paren uit twee bronnen: het kwadraat van de som min de som van de kwadraten, gehalveerd
per_beheereenheid as (
    select
        beheereenheid_id,
        peildatum,
        thema_code,
        (power({{ som12('afwijking') }}, 2) - {{ som12('afwijking * afwijking') }})
        / 2.0 as product,
        (power({{ som12('deel') }}, 2) - {{ som12('deel * deel') }}) / 2.0 as verwacht
    from per_bron
    group by 1, 2, 3
    having count(*) >= 2
),

per_thema as (
    select
        thema_code,
        count(distinct beheereenheid_id) as aantal_beheereenheden,
        {{ som12('product') }} as product,
        {{ som12('verwacht') }} as verwacht
    from per_beheereenheid
    group by 1
),

geschat as (
    select
        thema.thema_code,
        case
            when
                thema.heeft_kleine_cellen
                or per_thema.aantal_beheereenheden is null
                or per_thema.aantal_beheereenheden < parameter.minimum_complexen_samenhang
                or per_thema.verwacht <= 0
                then 0.0
            else least(
                parameter.maximum_samenhang,
                greatest(0.0, {{ rond12('per_thema.product / per_thema.verwacht') }})
            )
        end as rho
    from thema
    cross join parameter
    left join per_thema on thema.thema_code = per_thema.thema_code
)

select
    thema_code,
    rho
from bevroren
union all
select
    thema_code,
    rho
from geschat
where not exists (select 1 from bevroren_periode)
