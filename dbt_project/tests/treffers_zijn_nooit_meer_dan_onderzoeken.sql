-- Eén rij per complex en maand met meer bevestigde vermoedens dan afgeronde onderzoeken zonder tip.
select
    complex_id,
    maand
from {{ ref('int_woonfraude__complexmaand') }}
where aantal_treffers_proactief > aantal_onderzoeken_proactief
