-- Eén rij per ernstbeoordeling van een zaak, per versie die bekend was.
with

bron as (
    select * from {{ source('zaakverloop', 'zaak_ernst') }}
),

versies as (
    {{ kennisversies('bron', ['zaak_id', 'begindatum'], 'begindatum') }}
)

select
    zaak_id,
    ernst_code,
    begindatum,
    bekend_vanaf,
    bekend_tot
from versies
