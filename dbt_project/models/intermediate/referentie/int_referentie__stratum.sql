-- Eén rij per indicator en stratum op eigen gegevens: wat in R te verwachten was (label.md stap 2).
-- Strata zijn er op drie niveaus: gebouwtype met omvangklasse, gebouwtype, alles. Elk stratum leunt
-- op het niveau erboven, naarmate zijn afwijking daarvan toeval kan zijn (ADR 0018). Met minder dan
-- 10 beheereenheden in R, of te weinig gebeurtenissen om een tempo uit te schatten, telt het niet
-- zelf mee en geldt het niveau erboven.
-- verwacht: tellingen per woningkwartaal, aandelen als gewogen gemiddelde logit, gemiddelden zelf.
-- variantie: van de logaritme van een telling, de logit van een aandeel, een gemiddelde zelf.
with

parameter as (
    select * from {{ ref('int_methode__parameter') }}
),

bevroren as (
    select * from {{ source('buurtpeil', 'referentie_stratum') }}
),

periode as (
    select * from {{ ref('int_referentie__periode') }}
    where grondslag = 'eigen'
),

cel as (
    select
        cel.*,
        periode.aantal_peildata,
        case
            when cel.soort_meting = 'aandeel'
                then {{ empirische_logit('cast(cel.teller as double)', 'cel.noemer') }}
        end as logit
    from {{ ref('int_label__cel') }} as cel
    inner join periode
        on cel.peildatum between periode.eerste_peildatum and periode.laatste_peildatum
),

per_niveau as (
    select
        *,
        stratum_code as referentie_stratum_code,
        gebouwtype_code as ouder_code,
        1 as niveau
    from cel
    union all
    select
        *,
        gebouwtype_code as referentie_stratum_code,
        'alle' as ouder_code,
        2 as niveau
    from cel
    union all
    select
        *,
        'alle' as referentie_stratum_code,
        cast(null as {{ dbt.type_string() }}) as ouder_code,
        3 as niveau
    from cel
),

per_beheereenheid as (
    select
        indicator_code,
        referentie_stratum_code as stratum_code,
        beheereenheid_id,
        max(niveau) as niveau,
        max(ouder_code) as ouder_code,
        max(soort_meting) as soort_meting,
        max(aantal_peildata) as aantal_peildata,
        cast(sum(teller) as double) as teller,
        cast(sum(noemer) as double) as noemer,
        {{ som12('noemer * logit') }} as som_logit
    from per_niveau
    group by indicator_code, referentie_stratum_code, beheereenheid_id
),

som as (
    select
        indicator_code,
        stratum_code,
        max(niveau) as niveau,
        max(ouder_code) as ouder_code,
        max(soort_meting) as soort_meting,
        max(aantal_peildata) as aantal_peildata,
        count(*) as aantal_beheereenheden,
        {{ som12('teller') }} as som_teller,
        {{ som12('noemer') }} as som_noemer,
        {{ som12('som_logit') }} as som_logit
    from per_beheereenheid
    group by indicator_code, stratum_code
),

-- beheereenheden zijn de waarnemingen, niet de vensters die elkaar overlappen
rest as (
    select
        deel.indicator_code,
        deel.stratum_code,
        {{ som12(
            '(deel.teller - som.som_teller / som.som_noemer * deel.noemer) '
            ~ '* (deel.teller - som.som_teller / som.som_noemer * deel.noemer)'
        ) }} as som_kwadraat
    from per_beheereenheid as deel
    inner join som
        on deel.indicator_code = som.indicator_code and deel.stratum_code = som.stratum_code
    group by deel.indicator_code, deel.stratum_code
),

gemeten as (
    select
        som.*,
        som.som_teller / som.som_noemer as m,
        case
            when som.aantal_beheereenheden > 1
                then
                    rest.som_kwadraat / (som.som_noemer * som.som_noemer)
                    * som.aantal_beheereenheden / (som.aantal_beheereenheden - 1.0)
        end as variantie_m
    from som
    inner join rest
        on som.indicator_code = rest.indicator_code and som.stratum_code = rest.stratum_code
),

-- op de schaal waarop stap 2 krimpt
ligging as (
    select
        gemeten.*,
        case gemeten.soort_meting
            when 'telling' then case when gemeten.m > 0 then ln(gemeten.m) end
            when 'aandeel' then {{ logit('gemeten.m') }}
            else gemeten.m
        end as ligging,
        case gemeten.soort_meting
            when 'telling'
                then case
                    when gemeten.m > 0 then gemeten.variantie_m / (gemeten.m * gemeten.m)
                end
            when 'aandeel'
                then case
                    when gemeten.m > 0 and gemeten.m < 1
                        then
                            gemeten.variantie_m
                            / power(gemeten.m * (1.0 - gemeten.m), 2)
                end
            else gemeten.variantie_m
        end as variantie,
        gemeten.aantal_beheereenheden >= parameter.minimum_complexen_stratum
        and (
            gemeten.soort_meting != 'telling'
            or gemeten.som_teller
            >= parameter.minimum_gebeurtenissen_stratum * gemeten.aantal_peildata
        ) as is_genoeg
    from gemeten
    cross join parameter
),

gekrompen_3 as (
    select
        indicator_code,
        stratum_code,
        aantal_beheereenheden,
        ligging as gekrompen,
        cast(0.0 as double) as variantie,
        case when soort_meting = 'aandeel' then som_logit / som_noemer else m end as verwacht,
        m as waarde
    from ligging
    where niveau = 3
),

{{ leun_stratum(2) }}

{{ leun_stratum(1) }}

alle_niveaus as (
    select * from gekrompen_3
    union all
    select * from gekrompen_2
    union all
    select * from gekrompen_1
),

geschat as (
    select
        alle_niveaus.indicator_code,
        alle_niveaus.stratum_code,
        alle_niveaus.aantal_beheereenheden,
        {{ rond12('alle_niveaus.verwacht') }} as verwacht,
        {{ rond12("case
            when gemeten.soort_meting = 'telling' then 4.0 * alle_niveaus.waarde
            else alle_niveaus.waarde
        end") }} as waarde,
        {{ rond12('alle_niveaus.variantie') }} as variantie
    from alle_niveaus
    inner join gemeten
        on
            alle_niveaus.indicator_code = gemeten.indicator_code
            and alle_niveaus.stratum_code = gemeten.stratum_code
)

select
    indicator_code,
    stratum_code,
    aantal_beheereenheden,
    verwacht,
    waarde,
    variantie
from bevroren
union all
select
    indicator_code,
    stratum_code,
    aantal_beheereenheden,
    verwacht,
    waarde,
    variantie
from geschat
where not exists (select 1 from bevroren)
