-- Eén rij per boeking, per versie die bekend was.
with

bron as (
    select * from {{ source('vera', 'boeking') }}
),

versies as (
    {{ kennisversies('bron', ['boeking_id'], 'boekdatum') }}
)

select
    boeking_id,
    overeenkomst_id,
    soort_code,
    detail_soort_code,
    boekdatum,
    vervaldatum,
    bedrag_eur,
    bekend_vanaf,
    bekend_tot
from versies
