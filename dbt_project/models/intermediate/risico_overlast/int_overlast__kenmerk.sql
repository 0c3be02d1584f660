-- Eén rij per beheereenheid (complex_id) en peildatum (eerste van een maand): waar het
-- overlastmodel mee rekent, uit de maanden voor de peildatum. Leeg = onbekend: minder dan de helft
-- van het venster gedekt. Leest alleen int_overlast__complexmaand, zodat dezelfde SQL op een
-- nagebootste wereld kan.
{#-
    Reports are brought to one level: the number is divided by what the association as a whole
    recorded in the twelve months before and multiplied by this one, in reports per dwelling-year.
    A jump in reporting is gone from the features a year later. A constant and not the first year
    of the data: retention takes the first years away, and features may not change for that.
#}
{%- set gewoon_niveau = 0.1 %}
{#- A decayed sum reaches this far back; what lies further weighs less than 1/16 (half-life 6). #}
{%- set verval_maanden = 24 %}
{#- Never escalated, or longer ago than this, is one and the same. #}
{%- set escalatie_ver = 36 %}
{#- A mark from a schouw holds this long, as in the label: the window and four quarters. #}
{%- set schouw_geldig = 24 %}
{%- set vensters = {
    'meldingen': ['aantal_meldingen', 'gedekt_melding', [1, 3, 6, 12, 24]],
    'ernstig': ['aantal_ernstig', 'gedekt_ernst', [3, 6, 12]],
    'maatregelen': ['aantal_maatregelen', 'gedekt_maatregel', [12]],
    'mutaties': ['aantal_mutaties', 'gedekt_mutatie', [12]],
    'vandalisme': ['aantal_vandalisme', 'gedekt_onderhoud', [6, 12]],
} %}
{%- set halfwaardes = [2, 6] %}
{%- set sinus = [
    0.5, 0.866025403784, 1.0, 0.866025403784, 0.5, 0.0,
    -0.5, -0.866025403784, -1.0, -0.866025403784, -0.5, 0.0
] %}
{%- set rond = [
    'ln_eenheden', 'meldingen_1m', 'meldingen_3m', 'meldingen_6m', 'meldingen_12m',
    'meldingen_24m', 'meldingen_per_eenheid_6m', 'meldingen_per_eenheid_24m',
    'relatieve_meldingen', 'meldingen_verval_2m', 'meldingen_verval_6m', 'meldingen_trend',
    'ernstig_3m', 'ernstig_6m', 'ernstig_12m', 'buurt_verval', 'escalaties_eerder',
    'escalatie_maanden_geleden', 'maatregelen_12m', 'schouw_laatste', 'schouw_12m',
    'schouw_leeftijd_maanden', 'schouw_ontbreekt', 'mutaties_12m', 'vandalisme_6m',
    'vandalisme_12m', 'is_hoogbouw', 'maand_sin', 'maand_cos'
] %}
with

maand as (
    select
        complex_id,
        maand,
        buurt_id,
        aantal_eenheden,
        schouw_score,
        is_hoogbouw,
        {{ maandnummer('maand') }} as nummer,
        case when is_gedekt_melding then aantal_meldingen end as aantal_meldingen,
        case when is_gedekt_dossier then aantal_escalaties end as aantal_escalaties,
        case when is_gedekt_mutatie then aantal_mutaties end as aantal_mutaties,
        case when is_gedekt_onderhoud then aantal_vandalisme end as aantal_vandalisme,
        aantal_ernstig,
        aantal_maatregelen,
        case when is_gedekt_melding and aantal_meldingen is not null then 1 else 0 end
            as gedekt_melding,
        case when is_gedekt_dossier and aantal_escalaties is not null then 1 else 0 end
            as gedekt_dossier,
        case when is_gedekt_schouw then 1 else 0 end as gedekt_schouw,
        case when is_gedekt_mutatie and aantal_mutaties is not null then 1 else 0 end
            as gedekt_mutatie,
        case when is_gedekt_onderhoud and aantal_vandalisme is not null then 1 else 0 end
            as gedekt_onderhoud,
        case when aantal_ernstig is not null then 1 else 0 end as gedekt_ernst,
        case when aantal_maatregelen is not null then 1 else 0 end as gedekt_maatregel
    from {{ ref('int_overlast__complexmaand') }}
),

-- het hoeveelste schouwcijfer van het complex dit is: zo draagt een cijfer verder in de tijd
gewogen as (
    select
        *,
        {%- for halfwaarde in halfwaardes %}
            gedekt_melding
            * power(2.0, {{ deel('(nummer - 24300)', halfwaarde ~ '.0') }})
                as weging_{{ halfwaarde }},
        {%- endfor %}
        count(schouw_score) over (
            partition by complex_id order by maand
            rows between unbounded preceding and current row
        ) as schouw_volgnummer
    from maand
),

gedragen as (
    select
        *,
        max(schouw_score) over (partition by complex_id, schouw_volgnummer) as schouw_gedragen,
        max(case when schouw_score is not null then nummer end) over (
            partition by complex_id, schouw_volgnummer
        ) as schouw_nummer
    from gewogen
),

opgeteld as (
    select
        complex_id,
        maand,
        buurt_id,
        aantal_eenheden,
        is_hoogbouw,
        nummer,
        {%- for naam, venster in vensters.items() %}
            {%- for maanden in venster[2] %}
                sum({{ venster[0] }}) {{ maanden_ervoor(maanden) }} as {{ naam }}_{{ maanden }},
                sum({{ venster[1] }}) {{ maanden_ervoor(maanden) }}
                    as gedekt_{{ naam }}_{{ maanden }},
            {%- endfor %}
        {%- endfor %}
        {%- for halfwaarde in halfwaardes %}
            sum(aantal_meldingen * weging_{{ halfwaarde }}) {{ maanden_ervoor(verval_maanden) }}
                as verval_{{ halfwaarde }},
            sum(weging_{{ halfwaarde }}) {{ maanden_ervoor(verval_maanden) }}
                as gewicht_{{ halfwaarde }},
            power(2.0, {{ deel('(nummer - 24301)', halfwaarde ~ '.0') }})
                as eenheid_{{ halfwaarde }},
            (1.0 - power(2.0, {{ deel('-' ~ verval_maanden, halfwaarde ~ '.0') }}))
            / (1.0 - power(2.0, {{ deel('-1.0', halfwaarde ~ '.0') }}))
                as vol_gewicht_{{ halfwaarde }},
        {%- endfor %}
        sum(gedekt_melding * aantal_eenheden) {{ maanden_ervoor(12) }} as eenheidmaanden_12,
        sum(gedekt_dossier) {{ maanden_ervoor(12) }} as gedekt_dossier_12,
        sum(gedekt_schouw) {{ maanden_ervoor(12) }} as gedekt_schouw_12,
        cast(sum({{ vast12('schouw_score') }}) {{ maanden_ervoor(12) }} as double) as schouw_som_12,
        count(schouw_score) {{ maanden_ervoor(12) }} as schouw_aantal_12,
        sum(aantal_escalaties) {{ maanden_ervoor('unbounded') }} as escalaties_ooit,
        max(case when aantal_escalaties > 0 then nummer end) {{ maanden_ervoor('unbounded') }}
            as escalatie_nummer,
        lag(schouw_gedragen) over (partition by complex_id order by maand) as schouw_gedragen,
        lag(schouw_nummer) over (partition by complex_id order by maand) as schouw_nummer
    from gedragen
),

-- een half gedekt venster telt als een heel; wat minder gedekt is, is onbekend
vol as (
    select
        complex_id,
        maand,
        buurt_id,
        aantal_eenheden,
        is_hoogbouw,
        nummer,
        eenheidmaanden_12,
        meldingen_12 as meldingen_12_geteld,
        {%- for naam, venster in vensters.items() %}
            {%- for maanden in venster[2] %}
                {{ volle_som(naam ~ '_' ~ maanden, 'gedekt_' ~ naam ~ '_' ~ maanden, maanden) }}
                    as {{ naam }}_{{ maanden }},
            {%- endfor %}
        {%- endfor %}
        {%- for maanden in [3, 6, 12] %}
            case when 2 * gedekt_meldingen_{{ maanden }} >= {{ maanden }} then 1 end
            * meldingen_{{ maanden }} as aantal_meldingen_{{ maanden }}m,
        {%- endfor %}
        case when 2 * gedekt_ernstig_6 >= 6 then ernstig_6 end as aantal_ernstig_6m,
        {%- for halfwaarde in halfwaardes %}
            case
                when
                    2.0 * gewicht_{{ halfwaarde }}
                    >= vol_gewicht_{{ halfwaarde }} * eenheid_{{ halfwaarde }}
                    then
                        verval_{{ halfwaarde }}
                        / gewicht_{{ halfwaarde }}
                        * vol_gewicht_{{ halfwaarde }}
            end as verval_{{ halfwaarde }},
        {%- endfor %}
        case when 2 * gedekt_dossier_12 >= 12 then escalaties_ooit end as escalaties_ooit,
        case
            when 2 * gedekt_dossier_12 >= 12
                then
                    least(
                        coalesce(nummer - escalatie_nummer, {{ escalatie_ver }}),
                        {{ escalatie_ver }}
                    )
        end as escalatie_maanden_geleden,
        case when nummer - schouw_nummer <= {{ schouw_geldig }} then schouw_gedragen end
            as schouw_laatste,
        case when nummer - schouw_nummer <= {{ schouw_geldig }} then nummer - schouw_nummer end
            as schouw_leeftijd_maanden,
        schouw_som_12 / nullif(schouw_aantal_12, 0) as schouw_12m,
        case
            when schouw_aantal_12 > 0 then 0
            when 2 * gedekt_schouw_12 >= 12 then 1
        end as schouw_ontbreekt
    from opgeteld
    where aantal_eenheden > 0
),

-- de andere complexen in de buurt: de som van de buurt zonder het complex zelf (decimalen: een som
-- van kommagetallen hangt af van de volgorde, en wat na aftrekken nul is moet nul zijn)
buurt as (
    select
        complex_id,
        maand,
        cast(sum({{ vast12('verval_2') }}) over (partition by maand, buurt_id) as decimal(28, 12))
        - coalesce({{ vast12('verval_2') }}, 0) as verval_2,
        count(verval_2) over (partition by maand, buurt_id)
        - case when verval_2 is null then 0 else 1 end as aantal_complexen
    from vol
    where buurt_id is not null
),

-- de corporatie als geheel
geheel as (
    select
        vol.*,
        case when buurt.aantal_complexen > 0 then cast(buurt.verval_2 as double) end
            as buurt_verval_2,
        {{ deel(
            gewoon_niveau ~ ' * sum(vol.eenheidmaanden_12) over (partition by vol.maand)',
            'nullif(12.0 * sum(vol.meldingen_12_geteld) over (partition by vol.maand), 0.0)'
        ) }} as deflator,
        cast(sum({{ vast12('vol.meldingen_6') }}) over (partition by vol.maand) as double)
        / sum(case when vol.meldingen_6 is not null then vol.aantal_eenheden end)
            over (partition by vol.maand)
        * vol.aantal_eenheden as verwacht_6
    from vol
    left join buurt on vol.complex_id = buurt.complex_id and vol.maand = buurt.maand
),

kenmerk as (
    select
        complex_id,
        maand as peildatum,
        buurt_id,
        aantal_eenheden,
        ln(aantal_eenheden) as ln_eenheden,
        {%- for maanden in vensters['meldingen'][2] %}
            ln(1.0 + deflator * meldingen_{{ maanden }}) as meldingen_{{ maanden }}m,
        {%- endfor %}
        deflator * meldingen_6 / aantal_eenheden as meldingen_per_eenheid_6m,
        deflator * meldingen_24 / aantal_eenheden as meldingen_per_eenheid_24m,
        ln((meldingen_6 + 0.5 * verwacht_6 + 0.25) / (1.5 * verwacht_6 + 0.25))
            as relatieve_meldingen,
        ln(1.0 + deflator * verval_2) as meldingen_verval_2m,
        ln(1.0 + deflator * verval_6) as meldingen_verval_6m,
        -- in een half gedekt jaar kan het opgehoogde jaar kleiner zijn dan het kwartaal
        ln((meldingen_3 + 0.5) / (case
            when meldingen_12 >= meldingen_3 then meldingen_12 - meldingen_3
            when meldingen_12 < meldingen_3 then 0.0
        end + 1.5)) as meldingen_trend,
        {%- for maanden in vensters['ernstig'][2] %}
            ln(1.0 + ernstig_{{ maanden }}) as ernstig_{{ maanden }}m,
        {%- endfor %}
        ln(1.0 + deflator * buurt_verval_2) as buurt_verval,
        case when escalaties_ooit > 3 then 3 else escalaties_ooit end as escalaties_eerder,
        escalatie_maanden_geleden,
        maatregelen_12 as maatregelen_12m,
        schouw_laatste,
        schouw_12m,
        schouw_leeftijd_maanden,
        schouw_ontbreekt,
        mutaties_12 / aantal_eenheden as mutaties_12m,
        ln(1.0 + vandalisme_6) as vandalisme_6m,
        ln(1.0 + vandalisme_12) as vandalisme_12m,
        case when is_hoogbouw then 1 else 0 end as is_hoogbouw,
        case extract(month from maand)
            {%- for waarde in sinus %}
                when {{ loop.index }} then {{ waarde }}
            {%- endfor %}
        end as maand_sin,
        case extract(month from maand)
            {%- for waarde in sinus %}
                when {{ loop.index }} then {{ sinus[(loop.index + 2) % 12] }}
            {%- endfor %}
        end as maand_cos,
        aantal_meldingen_3m,
        aantal_meldingen_6m,
        aantal_meldingen_12m,
        aantal_ernstig_6m,
        escalaties_ooit as aantal_escalaties_ooit
    from geheel
)

select
    complex_id,
    peildatum,
    buurt_id,
    aantal_eenheden,
    {%- for kolom in rond %}
        cast({{ rond12('cast(' ~ kolom ~ ' as double)') }} as double) as {{ kolom }},
    {%- endfor %}
    cast(aantal_meldingen_3m as bigint) as aantal_meldingen_3m,
    cast(aantal_meldingen_6m as bigint) as aantal_meldingen_6m,
    cast(aantal_meldingen_12m as bigint) as aantal_meldingen_12m,
    cast(aantal_ernstig_6m as bigint) as aantal_ernstig_6m,
    cast(aantal_escalaties_ooit as bigint) as aantal_escalaties_ooit
from kenmerk
