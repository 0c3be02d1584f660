-- Eén rij per beheereenheid (hier complex_id) en maand: wat er die maand bekend werd en van welke
-- bronnen. De lopende maand staat er ook, met haar woningen en zonder dekking. Een aantal is leeg
-- waar er niet werd vastgelegd; niets gezien in een gedekte maand is nul.
{%- set bronnen = [
    'melding', 'ernst', 'dossier', 'schouw', 'maatregel', 'mutatie', 'onderhoud'
] %}
{%- set tellingen = {
    'aantal_meldingen': ['melding', 'melding'],
    'aantal_ernstig': ['ernstig', 'ernst'],
    'aantal_escalaties': ['escalatie', 'dossier'],
    'aantal_maatregelen': ['maatregel', 'maatregel'],
    'aantal_mutaties': ['mutatie', 'mutatie'],
    'aantal_vandalisme': ['vandalisme', 'onderhoud'],
} %}
with

complex as (
    select * from {{ ref('int_overlast__beheereenheid') }}
    where beheereenheid_id is not null
),

algemeen as (
    select * from {{ ref('int_overlast__dekking') }}
),

per_complex as (
    select * from {{ ref('stg_wijkbeheer__dekking') }}
    where cluster_id is not null
),

-- wat wijkbeheer.dekking voor één complex anders zegt
uitzondering as (
    select
        algemeen.dekkingsbron,
        algemeen.maand,
        per_complex.cluster_id as complex_id,
        {{ dekkingsoordeel('per_complex', 'algemeen.maand', 1) }} as oordeel
    from per_complex
    inner join algemeen
        on
            per_complex.bron = algemeen.gemeld_als
            and per_complex.begindatum < {{ tel_maanden('algemeen.maand', 1) }}
            and coalesce(per_complex.einddatum, date '9999-12-31') > algemeen.maand
    group by algemeen.dekkingsbron, algemeen.maand, per_complex.cluster_id
),

-- een beheereenheid is gedekt als al haar complexen dat zijn
gedekt as (
    select
        complex.beheereenheid_id,
        {%- for bron in bronnen %}
            min(case
                when algemeen.dekkingsbron != '{{ bron }}' then null
                when uitzondering.oordeel = 0 then 0
                when uitzondering.oordeel = 1 and algemeen.is_geleverd and algemeen.is_zelf then 1
                when algemeen.is_gedekt then 1
                else 0
            end) as {{ bron }},
        {%- endfor %}
        complex.maand
    from complex
    inner join algemeen on complex.maand = algemeen.maand
    left join uitzondering
        on
            algemeen.dekkingsbron = uitzondering.dekkingsbron
            and algemeen.maand = uitzondering.maand
            and complex.complex_id = uitzondering.complex_id
    group by complex.beheereenheid_id, complex.maand
),

-- een feit hoort bij het complex dat het noemt, anders bij dat van de woning in die maand
geplaatst as (
    select
        feit.soort,
        feit.maand,
        feit.waarde,
        coalesce(feit.cluster_id, lidmaatschap.complex_id) as complex_id
    from {{ ref('int_overlast__feit') }} as feit
    left join {{ ref('int_complex__lidmaatschap') }} as lidmaatschap
        on
            feit.eenheid_id = lidmaatschap.eenheid_id
            and feit.maand >= lidmaatschap.begindatum
            and feit.maand < lidmaatschap.einddatum
),

geteld as (
    select
        complex.beheereenheid_id,
        geplaatst.maand,
        {%- for kolom, herkomst in tellingen.items() %}
            count(case when geplaatst.soort = '{{ herkomst[0] }}' then 1 end) as {{ kolom }},
        {%- endfor %}
        {{ som12("case when geplaatst.soort = 'schouw' then geplaatst.waarde end") }}
        / nullif(count(case when geplaatst.soort = 'schouw' then geplaatst.waarde end), 0)
            as schouw_score
    from geplaatst
    inner join complex
        on geplaatst.complex_id = complex.complex_id and geplaatst.maand = complex.maand
    group by complex.beheereenheid_id, geplaatst.maand
),

omvang as (
    select
        beheereenheid_id,
        maand,
        min(buurt_id) as buurt_id,
        min(case when gebouwtype_code = 'hoogbouw' then 1 else 0 end) as hoogbouw,
        cast(sum(aantal_eenheden) as bigint) as aantal_eenheden
    from complex
    group by beheereenheid_id, maand
),

-- zonder gaten tussen de eerste en de laatste maand: een venster telt rijen terug
bestaan as (
    select
        beheereenheid_id,
        min(maand) as eerste,
        max(maand) as laatste,
        min(buurt_id) as buurt_id,
        max(hoogbouw) as hoogbouw
    from omvang
    group by beheereenheid_id
),

maand as (
    select distinct maand from algemeen
),

rooster as (
    select
        bestaan.beheereenheid_id,
        bestaan.buurt_id,
        bestaan.hoogbouw,
        maand.maand
    from bestaan
    inner join maand on maand.maand between bestaan.eerste and bestaan.laatste
)

select
    rooster.beheereenheid_id as complex_id,
    rooster.maand,
    coalesce(omvang.buurt_id, rooster.buurt_id) as buurt_id,
    coalesce(omvang.aantal_eenheden, 0) as aantal_eenheden,
    coalesce(omvang.hoogbouw, rooster.hoogbouw) = 1 as is_hoogbouw,
    {%- for kolom, herkomst in tellingen.items() %}
        case when gedekt.{{ herkomst[1] }} = 1 then coalesce(geteld.{{ kolom }}, 0) end
            as {{ kolom }},
    {%- endfor %}
    {{ rond12('geteld.schouw_score') }} as schouw_score,
    coalesce(gedekt.melding = 1, false) as is_gedekt_melding,
    coalesce(gedekt.dossier = 1, false) as is_gedekt_dossier,
    coalesce(gedekt.schouw = 1, false) as is_gedekt_schouw,
    coalesce(gedekt.mutatie = 1, false) as is_gedekt_mutatie,
    coalesce(gedekt.onderhoud = 1, false) as is_gedekt_onderhoud
from rooster
left join omvang
    on rooster.beheereenheid_id = omvang.beheereenheid_id and rooster.maand = omvang.maand
left join gedekt
    on rooster.beheereenheid_id = gedekt.beheereenheid_id and rooster.maand = gedekt.maand
left join geteld
    on rooster.beheereenheid_id = geteld.beheereenheid_id and rooster.maand = geteld.maand
