-- Eén rij per complex en peildatum (eerste van een maand): waar het woonfraudemodel mee rekent, uit
-- de maanden voor de peildatum. Leeg = onbekend. Leest alleen int_woonfraude__complexmaand, zodat
-- dezelfde SQL op een nagebootste wereld kan.
{%- set rond = [
    'ln_eenheden', 'is_hoogbouw', 'huurkloof', 'aandeel_klein', 'weigeringen_12m',
    'advertenties_12m', 'trefkans_36m'
] %}
with

maand as (
    select
        complex_id,
        maand,
        aantal_eenheden,
        is_hoogbouw,
        huurkloof,
        aandeel_klein,
        case when is_gedekt_weigering then aantal_weigeringen end as aantal_weigeringen,
        case when is_gedekt_advertentie then aantal_advertenties end as aantal_advertenties,
        case when is_gedekt_onderzoek then aantal_onderzoeken_proactief end as aantal_onderzoeken,
        case when is_gedekt_onderzoek then aantal_treffers_proactief end as aantal_treffers
    from {{ ref('int_woonfraude__complexmaand') }}
),

opgeteld as (
    select
        *,
        sum(aantal_weigeringen) {{ maanden_ervoor(12) }} as weigeringen_12,
        count(aantal_weigeringen) {{ maanden_ervoor(12) }} as gedekt_weigering_12,
        sum(aantal_advertenties) {{ maanden_ervoor(12) }} as advertenties_12,
        count(aantal_advertenties) {{ maanden_ervoor(12) }} as gedekt_advertentie_12,
        sum(aantal_onderzoeken) {{ maanden_ervoor(36) }} as onderzoeken_36,
        sum(aantal_treffers) {{ maanden_ervoor(36) }} as treffers_36
    from maand
),

vol as (
    select
        *,
        {{ volle_som('weigeringen_12', 'gedekt_weigering_12', 12) }} as weigeringen_vol,
        {{ volle_som('advertenties_12', 'gedekt_advertentie_12', 12) }} as advertenties_vol
    from opgeteld
    where aantal_eenheden > 0
),

-- wat een complex van deze omvang in een jaar gewoon heeft: 0,13 weigeringen en 0,006 advertenties
-- per woning; een trefkans krimpt naar 0,3, des te meer hoe minder er is onderzocht
kenmerk as (
    select
        complex_id,
        maand as peildatum,
        aantal_eenheden,
        ln(aantal_eenheden) as ln_eenheden,
        case when is_hoogbouw then 1 else 0 end as is_hoogbouw,
        huurkloof,
        aandeel_klein,
        ln((weigeringen_vol + 1.0) / (0.13 * aantal_eenheden + 1.0)) as weigeringen_12m,
        ln((advertenties_vol + 0.3) / (0.006 * aantal_eenheden + 0.3)) as advertenties_12m,
        (treffers_36 + 0.45) / (onderzoeken_36 + 1.5) - 0.3 as trefkans_36m
    from vol
)

select
    complex_id,
    peildatum,
    {%- for kolom in rond %}
        cast({{ rond12('cast(' ~ kolom ~ ' as double)') }} as double) as {{ kolom }},
    {%- endfor %}
    aantal_eenheden
from kenmerk
