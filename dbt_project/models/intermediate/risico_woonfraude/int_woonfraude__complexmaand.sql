-- Eén rij per complex van ten minste 10 woningen en maand: hoe het ervoor stond op de eerste dag en
-- wat er die maand bekend werd. De lopende maand staat er ook, zonder dekking. Een aantal is leeg
-- waar er niet werd vastgelegd. Een tip telt hier niet: die heeft een eigen weg.
{%- set standen = ['huurkloof', 'aandeel_klein'] %}
{%- set tellingen = {
    'aantal_weigeringen': ['weigering', 'weigering'],
    'aantal_advertenties': ['advertentie', 'advertentie'],
    'aantal_onderzoeken_proactief': ['onderzoek', 'onderzoek'],
    'aantal_treffers_proactief': ['treffer', 'onderzoek'],
} %}
with

complex as (
    select * from {{ ref('int_woonfraude__omvang') }}
),

dekking as (
    select * from {{ ref('int_woonfraude__dekking') }}
),

gedekt as (
    select
        maand,
        max(case when dekkingsbron = 'weigering' and is_gedekt then 1 else 0 end) as weigering,
        max(case when dekkingsbron = 'advertentie' and is_gedekt then 1 else 0 end) as advertentie,
        max(case when dekkingsbron = 'onderzoek' and is_gedekt then 1 else 0 end) as onderzoek
    from dekking
    group by maand
),

maandtelling as (
    select
        cluster_id,
        maand,
        bekend_vanaf,
        'weigering' as soort,
        aantal
    from {{ ref('stg_woonfraude__toegang_geweigerd') }}
    union all
    select
        cluster_id,
        maand,
        bekend_vanaf,
        'advertentie' as soort,
        aantal
    from {{ ref('stg_woonfraude__advertentie_match') }}
),

-- een telling die later hoger wordt geleverd, telt dan voor het verschil
met_eerdere as (
    select
        *,
        coalesce(max(aantal) over (
            partition by soort, cluster_id, maand order by bekend_vanaf
            rows between unbounded preceding and 1 preceding
        ), 0) as al_geteld
    from maandtelling
),

feit as (
    select
        cluster_id as complex_id,
        {{ begin_maand('bekend_vanaf') }} as maand,
        soort,
        aantal - al_geteld as aantal
    from met_eerdere
    where aantal > al_geteld
    union all
    select
        complex_id,
        {{ begin_maand('bekend_vanaf') }} as maand,
        'onderzoek' as soort,
        1 as aantal
    from {{ ref('int_woonfraude__onderzoek') }}
    where reden_code != 'tip'
    union all
    select
        complex_id,
        {{ begin_maand('bekend_vanaf') }} as maand,
        'treffer' as soort,
        is_treffer as aantal
    from {{ ref('int_woonfraude__onderzoek') }}
    where reden_code != 'tip'
),

geteld as (
    select
        complex_id,
        {%- for kolom, herkomst in tellingen.items() %}
            cast(sum(case when soort = '{{ herkomst[0] }}' then aantal else 0 end) as bigint)
                as {{ kolom }},
        {%- endfor %}
        maand
    from feit
    group by complex_id, maand
),

met_stand as (
    select
        complex.complex_id,
        complex.maand,
        {%- for stand in standen %}
            woning.{{ stand }},
            cast(sum({{ vast12('woning.' ~ stand) }}) over (partition by complex.maand) as double)
            / nullif(count(woning.{{ stand }}) over (partition by complex.maand), 0)
                as {{ stand }}_midden,
        {%- endfor %}
        complex.aantal_eenheden,
        woning.is_hoogbouw
    from complex
    inner join {{ ref('int_woonfraude__woning') }} as woning
        on
            complex.complex_id = woning.complex_id
            and {{ is_bekend('woning', 'complex.maand') }}
),

-- hoe ver een complex van het gemiddelde van de corporatie ligt, in standaardafwijkingen
gespreid as (
    select
        {%- for stand in standen %}
            {%- set afstand = '(' ~ stand ~ ' - ' ~ stand ~ '_midden)' %}
            sqrt(
                cast(
                    sum({{ vast12(afstand ~ ' * ' ~ afstand) }}) over (partition by maand) as double
                )
                / nullif(count({{ stand }}) over (partition by maand), 0)
            ) as {{ stand }}_spreiding,
        {%- endfor %}
        *
    from met_stand
),

bestaan as (
    select
        complex_id,
        min(maand) as eerste,
        max(maand) as laatste
    from gespreid
    group by complex_id
),

-- zonder gaten tussen de eerste en de laatste maand: een venster telt rijen terug
rooster as (
    select
        bestaan.complex_id,
        gedekt.maand,
        gedekt.weigering,
        gedekt.advertentie,
        gedekt.onderzoek
    from bestaan
    inner join gedekt on gedekt.maand between bestaan.eerste and bestaan.laatste
)

select
    rooster.complex_id,
    rooster.maand,
    coalesce(gespreid.aantal_eenheden, 0) as aantal_eenheden,
    coalesce(gespreid.is_hoogbouw, false) as is_hoogbouw,
    {%- for stand in standen %}
    {{ rond12(
        '((gespreid.' ~ stand ~ ' - gespreid.' ~ stand ~ '_midden) / nullif(gespreid.'
        ~ stand ~ '_spreiding, 0.0))'
    ) }} as {{ stand }},
    {%- endfor %}
    {%- for kolom, herkomst in tellingen.items() %}
        case when rooster.{{ herkomst[1] }} = 1 then coalesce(geteld.{{ kolom }}, 0) end
            as {{ kolom }},
    {%- endfor %}
    rooster.weigering = 1 as is_gedekt_weigering,
    rooster.advertentie = 1 as is_gedekt_advertentie,
    rooster.onderzoek = 1 as is_gedekt_onderzoek
from rooster
left join gespreid
    on rooster.complex_id = gespreid.complex_id and rooster.maand = gespreid.maand
left join geteld
    on rooster.complex_id = geteld.complex_id and rooster.maand = geteld.maand
