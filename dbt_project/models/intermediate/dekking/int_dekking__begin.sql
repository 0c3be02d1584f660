-- Eén rij per brontabel met gegevens: de dag waarop het vastleggen echt begon.
-- Een verdwaalde rij van jaren eerder is geen begin: dan zou de referentie over lege jaren gaan.
-- Het begin ligt in het eerste kwartaal met ten minste een tiende van wat gewoon is, en twee rijen.
-- Een rij die nog eens geleverd is, telt één keer: alleen haar laatste versie.
with

parameter as (
    select * from {{ ref('int_methode__parameter') }}
),

{%- set tabellen = {
    'vera.zaak': ['stg_vera__zaak', 'begindatum'],
    'vera.onderhoudsverzoek': ['stg_vera__onderhoudsverzoek', 'melddatum'],
    'vera.defect': ['stg_vera__defect', 'melddatum'],
    'vera.onderhoudsorder': ['stg_vera__onderhoudsorder', 'opdrachtdatum'],
    'vera.huurovereenkomst': ['stg_vera__huurovereenkomst', 'einddatum'],
    'vera.betalingsregeling': ['stg_vera__betalingsregeling', 'begindatum'],
    'zaakverloop.zaak_ernst': ['stg_zaakverloop__zaak_ernst', 'begindatum'],
    'wijkbeheer.schouw': ['stg_wijkbeheer__schouw', 'schouwdatum'],
    'wijkbeheer.bewonersinitiatief': ['stg_wijkbeheer__bewonersinitiatief', 'begindatum'],
    'huurdersonderzoek.antwoord': ['stg_huurdersonderzoek__antwoord', 'meetdatum'],
} %}
{#- has no versions: the staging model takes the last delivery #}
{%- set heel_geleverd = 'vera.huurovereenkomst' %}

per_kwartaal as (
    {%- for tabel, plaats in tabellen.items() %}
        select
            '{{ tabel }}' as tabel,
            {{ begin_kwartaal(plaats[1]) }} as kwartaal,
            min({{ plaats[1] }}) as eerste_datum,
            count(*) as aantal
        from {{ ref(plaats[0]) }}
        where {{ plaats[1] }} is not null {{ 'and bekend_tot is null' if tabel != heel_geleverd }}
        group by 2
        {{ 'union all' if not loop.last }}
    {%- endfor %}
),

met_gemiddelde as (
    select
        *,
        avg(aantal) over (partition by tabel) as gewoon
    from per_kwartaal
)

select
    met_gemiddelde.tabel,
    coalesce(
        min(case
            when
                met_gemiddelde.aantal >= 2
                and met_gemiddelde.aantal
                >= parameter.minimum_deel_vastlegging * met_gemiddelde.gewoon
                then met_gemiddelde.eerste_datum
        end),
        min(met_gemiddelde.eerste_datum)
    ) as eerste_datum
from met_gemiddelde
cross join parameter
group by 1
