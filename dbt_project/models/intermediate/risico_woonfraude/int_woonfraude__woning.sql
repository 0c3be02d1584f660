-- Eén rij per complex en stand van de woningen (een levering): huurkloof, aandeel kleine woningen
-- en of het hoogbouw is. Geen buurt, geen postcode, geen index van buiten.
{#- Below this many square metres a dwelling counts as small. -#}
{%- set klein_m2 = 65 %}
{#- A share or a mean over fewer dwellings is unknown. -#}
{%- set minimum_woningen = 5 %}
with

lidmaatschap as (
    select * from {{ ref('int_complex__lidmaatschap') }}
),

stand as (
    select * from {{ ref('stg_vera__eenheidstand') }}
),

per_complex as (
    select
        lidmaatschap.complex_id,
        stand.bekend_vanaf,
        stand.bekend_tot,
        sum(case
            when stand.brutohuur_eur_per_maand > 0 then stand.markthuur_eur_per_maand
        end) as markthuur,
        sum(case
            when stand.markthuur_eur_per_maand > 0 then stand.brutohuur_eur_per_maand
        end) as brutohuur,
        count(case
            when stand.markthuur_eur_per_maand > 0 and stand.brutohuur_eur_per_maand > 0 then 1
        end) as met_huur,
        count(case when stand.oppervlakte_m2 < {{ klein_m2 }} then 1 end) as klein,
        count(stand.oppervlakte_m2) as met_oppervlakte
    from stand
    inner join lidmaatschap
        on
            stand.eenheid_id = lidmaatschap.eenheid_id
            and lidmaatschap.begindatum < coalesce(stand.bekend_tot, date '9999-12-31')
            and stand.bekend_vanaf < lidmaatschap.einddatum
    group by lidmaatschap.complex_id, stand.bekend_vanaf, stand.bekend_tot
),

type_telling as (
    select
        lidmaatschap.complex_id,
        coalesce(gebouwtype.gebouwtype_code, 'overig') as gebouwtype_code,
        count(*) as aantal
    from lidmaatschap
    inner join {{ ref('stg_vera__eenheid') }} as eenheid
        on lidmaatschap.eenheid_id = eenheid.eenheid_id
    left join {{ ref('gebouwtype') }} as gebouwtype
        on eenheid.detail_soort_code = gebouwtype.detail_soort_code
    group by lidmaatschap.complex_id, coalesce(gebouwtype.gebouwtype_code, 'overig')
),

type_gekozen as (
    select
        complex_id,
        gebouwtype_code,
        row_number() over (
            partition by complex_id order by aantal desc, gebouwtype_code asc
        ) as rang
    from type_telling
)

select
    per_complex.complex_id,
    per_complex.bekend_vanaf,
    per_complex.bekend_tot,
    type_gekozen.gebouwtype_code = 'hoogbouw' as is_hoogbouw,
    case
        when per_complex.met_huur >= {{ minimum_woningen }}
            then {{ rond12(
                '(cast(per_complex.markthuur - per_complex.brutohuur as double)'
                ~ ' / cast(per_complex.brutohuur as double))'
            ) }}
    end as huurkloof,
    case
        when per_complex.met_oppervlakte >= {{ minimum_woningen }}
            then {{ deel('1.0 * per_complex.klein', 'per_complex.met_oppervlakte') }}
    end as aandeel_klein
from per_complex
inner join type_gekozen
    on per_complex.complex_id = type_gekozen.complex_id and type_gekozen.rang = 1
