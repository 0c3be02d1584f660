-- Eén rij per onderhoudsorder, per versie die bekend was.
with

bron as (
    select * from {{ source('vera', 'onderhoudsorder') }}
),

versies as (
    {{ kennisversies('bron', ['onderhoudsorder_id'], 'opdrachtdatum') }}
)

select
    onderhoudsorder_id,
    onderhoudsverzoek_id,
    opdrachtdatum,
    technisch_gereeddatum,
    bekend_vanaf,
    bekend_tot
from versies
