-- Eén rij per feit dat voor het overlastmodel telt, in de maand waarin de corporatie het wist: een
-- melding, een melding die ernstig is, de eerste formele stap in een dossier, een maatregel, een
-- einde van een huur, vernieling of een schouwronde. Een feit telt zoals het het eerst bekend werd.
{{ config(materialized='view') }}
with

melding as (
    {{ eerste_versie(ref('int_overlast__melding'), 'zaak_id') }}
),

ernstig as (
    select
        zaak_id,
        min(bekend_vanaf) as bekend_vanaf
    from {{ ref('stg_zaakverloop__zaak_ernst') }}
    where ernst_code = 'ernstig'
    group by zaak_id
),

formele_stap as (
    select
        zaak_id,
        min(bekend_vanaf) as bekend_vanaf
    from {{ ref('stg_zaakverloop__zaak_stap') }}
    where stap_code in ('waarschuwing', 'bemiddeling', 'juridisch')
    group by zaak_id
),

verzoek as (
    {{ eerste_versie(ref('stg_vera__onderhoudsverzoek'), 'onderhoudsverzoek_id') }}
),

vernieling as (
    {{ eerste_versie(ref('stg_vera__defect'), 'defect_id', "oorzaak_code = 'VAN'") }}
),

schouw as (
    {{ eerste_versie(ref('stg_wijkbeheer__schouw'), 'schouw_id') }}
),

maatregel as (
    {{ eerste_versie(ref('stg_wijkbeheer__maatregel'), 'maatregel_id') }}
),

feit as (
    select
        'melding' as soort,
        eenheid_id,
        cluster_id,
        bekend_vanaf,
        cast(null as double) as waarde
    from melding
    union all
    select
        'ernstig' as soort,
        melding.eenheid_id,
        melding.cluster_id,
        greatest(melding.bekend_vanaf, ernstig.bekend_vanaf) as bekend_vanaf,
        cast(null as double) as waarde
    from melding
    inner join ernstig on melding.zaak_id = ernstig.zaak_id
    union all
    select
        'escalatie' as soort,
        melding.eenheid_id,
        melding.cluster_id,
        greatest(melding.bekend_vanaf, formele_stap.bekend_vanaf) as bekend_vanaf,
        cast(null as double) as waarde
    from melding
    inner join formele_stap on melding.zaak_id = formele_stap.zaak_id
    union all
    select
        'maatregel' as soort,
        cast(null as {{ dbt.type_string() }}) as eenheid_id,
        cluster_id,
        bekend_vanaf,
        cast(null as double) as waarde
    from maatregel
    union all
    select
        'mutatie' as soort,
        eenheid_id,
        cluster_id,
        bekend_vanaf,
        cast(null as double) as waarde
    from {{ ref('int_huur__einde') }}
    union all
    select
        'vandalisme' as soort,
        verzoek.eenheid_id,
        verzoek.cluster_id,
        greatest(verzoek.bekend_vanaf, vernieling.bekend_vanaf) as bekend_vanaf,
        cast(null as double) as waarde
    from vernieling
    inner join verzoek on vernieling.onderhoudsverzoek_id = verzoek.onderhoudsverzoek_id
    union all
    select
        'schouw' as soort,
        cast(null as {{ dbt.type_string() }}) as eenheid_id,
        cluster_id,
        bekend_vanaf,
        (
            coalesce(cast(schoon_cijfer as double), 0.0)
            + coalesce(cast(heel_cijfer as double), 0.0)
            + coalesce(cast(veilig_cijfer as double), 0.0)
        ) / (
            case when schoon_cijfer is null then 0 else 1 end
            + case when heel_cijfer is null then 0 else 1 end
            + case when veilig_cijfer is null then 0 else 1 end
        ) as waarde
    from schouw
    where coalesce(schoon_cijfer, heel_cijfer, veilig_cijfer) is not null
)

select
    soort,
    eenheid_id,
    cluster_id,
    {{ begin_maand('bekend_vanaf') }} as maand,
    waarde
from feit
