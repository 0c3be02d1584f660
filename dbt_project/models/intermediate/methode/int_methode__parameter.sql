-- Eén rij: de instellingen van de methode (seed methode) als kolommen, naast de run.
{%- set namen = [
    'minimum_verhuureenheden', 'minimum_verhuureenheden_buurt', 'venster_maanden',
    'referentie_kwartalen', 'maximum_episodes_per_adres', 'minimum_heterogeniteit',
    'minimum_complexen_stratum', 'afkap_u', 'schaal_mad', 'minimum_gewicht_thema',
    'macht_totaal', 'minimum_themas_eigen', 'minimum_themas_openbaar', 'knip_1', 'knip_2',
    'knip_3', 'knip_4', 'maximum_dagen_eerste_contact', 'maximum_dagen_leegstand',
    'veiligheidsdefect_dagen', 'cel_minimum_teller', 'minimum_kwartalen_gedekt',
    'minimum_gebeurtenissen_stratum', 'minimum_maanden_achterstand',
    'maximum_maanden_stand', 'minimum_deel_vastlegging', 'minimum_deel_standaardafwijking',
    'kans_direct', 'kans_twee_kwartalen', 'kans_hoog', 'kans_midden',
    'maximum_episodes_per_adres_halfjaar', 'signaal_toename', 'kans_signaal',
    'minimum_complexen_samenhang', 'maximum_samenhang'
] %}
with

methode as (
    select * from {{ ref('methode') }}
),

run as (
    select * from {{ source('buurtpeil', 'run') }}
),

breed as (
    select
    {%- for naam in namen %}
            max(case when naam = '{{ naam }}' then waarde end)
                as {{ naam }}{{ ',' if not loop.last }}
    {%- endfor %}
    from methode
)

select
    breed.*,
    run.klok,
    run.clustersoort_code,
    run.methodeversie,
    run.referentie_id,
    run.referentie_vanaf
from breed
cross join run
