-- Eén rij per onderzoek van één adres in een complex, ook als er niets is gevonden, per versie die
-- bekend was.
with

bron as (
    select * from {{ source('woonfraude', 'onderzoek') }}
),

versies as (
    {{ kennisversies('bron', ['onderzoek_id'], 'datum') }}
)

select
    onderzoek_id,
    cluster_id,
    eenheid_id,
    reden_code,
    selectiekans,
    scoreversie,
    bureauonderzoek_code,
    uitkomst_code,
    datum,
    bekend_vanaf,
    bekend_tot
from versies
