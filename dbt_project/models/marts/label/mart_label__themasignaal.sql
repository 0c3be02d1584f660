-- Eén rij per complex, maand en thema met een themasignaal: het aantal meldingen nam waarschijnlijk
-- met ten minste de helft toe (label.md stap 9). Los van het label. Wat gepubliceerd is, blijft.
with

parameter as (
    select * from {{ ref('int_methode__parameter') }}
),

gepubliceerd as (
    select * from {{ source('buurtpeil', 'gepubliceerd_themasignaal') }}
),

nieuw as (
    select
        'complex' as niveau,
        telling.beheereenheid_id as beheerobject_id,
        telling.peildatum,
        telling.thema_code,
        telling.aantal_recent,
        telling.aantal_eerder,
        telling.maanden_recent,
        telling.maanden_eerder,
        signaal.kans
    from {{ ref('int_signaal__telling') }} as telling
    inner join {{ source('buurtpeil', 'themasignaal') }} as signaal
        on
            telling.beheereenheid_id = signaal.beheereenheid_id
            and telling.peildatum = signaal.peildatum
            and telling.thema_code = signaal.thema_code
    cross join parameter
    where signaal.kans > parameter.kans_signaal
)

select
    niveau,
    beheerobject_id,
    peildatum,
    thema_code,
    aantal_recent,
    aantal_eerder,
    maanden_recent,
    maanden_eerder,
    kans
from gepubliceerd
union all
select
    niveau,
    beheerobject_id,
    peildatum,
    thema_code,
    aantal_recent,
    aantal_eerder,
    cast(maanden_recent as integer) as maanden_recent,
    cast(maanden_eerder as integer) as maanden_eerder,
    kans
from nieuw
