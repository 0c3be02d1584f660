-- Eén rij per schouwronde van een complex, drie cijfers van 1 (slecht) tot 10 (goed), per versie
-- die bekend was.
with

bron as (
    select * from {{ source('wijkbeheer', 'schouw') }}
),

versies as (
    {{ kennisversies('bron', ['schouw_id'], 'schouwdatum') }}
)

select
    schouw_id,
    cluster_id,
    schouwdatum,
    schoon_cijfer,
    heel_cijfer,
    veilig_cijfer,
    bekend_vanaf,
    bekend_tot
from versies
