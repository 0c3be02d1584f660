-- Eén rij per afgerond onderzoek in een complex van ten minste 10 woningen, met de maand waarvan de
-- kenmerken gelden. Een onderzoek telt met de uitkomst die het eerst bekend werd. Een treffer is
-- een bevestigd vermoeden, geen vaststelling.
with

afgerond as (
    {{ eerste_versie(
        ref('stg_woonfraude__onderzoek'),
        'onderzoek_id',
        "uitkomst_code in ('bevestigd', 'niets_gevonden')"
    ) }}
),

complex as (
    select * from {{ ref('int_woonfraude__omvang') }}
)

select
    afgerond.onderzoek_id,
    afgerond.cluster_id as complex_id,
    {{ begin_maand('afgerond.datum') }} as maand,
    afgerond.reden_code,
    cast(afgerond.selectiekans as double) as selectiekans,
    afgerond.scoreversie,
    case when afgerond.uitkomst_code = 'bevestigd' then 1 else 0 end as is_treffer,
    afgerond.bekend_vanaf
from afgerond
inner join complex
    on
        afgerond.cluster_id = complex.complex_id
        and {{ begin_maand('afgerond.datum') }} = complex.maand
