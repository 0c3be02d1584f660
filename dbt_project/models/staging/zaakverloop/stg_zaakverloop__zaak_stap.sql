-- Eén rij per stap in een zaak, per versie die bekend was.
with

bron as (
    select * from {{ source('zaakverloop', 'zaak_stap') }}
),

versies as (
    {{ kennisversies('bron', ['zaak_id', 'stap_code', 'begindatum'], 'begindatum') }}
)

select
    zaak_id,
    stap_code,
    begindatum,
    einddatum,
    bekend_vanaf,
    bekend_tot
from versies
