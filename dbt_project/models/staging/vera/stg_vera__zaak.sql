-- Eén rij per zaak (VERA Zaak met Zaaktype), per versie die bekend was.
with

bron as (
    select * from {{ source('vera', 'zaak') }}
),

versies as (
    {{ kennisversies('bron', ['zaak_id'], 'registratiedatum') }}
)

select
    zaak_id,
    zaaktype_soort_code,
    zaaktype_detail_soort_code,
    eenheid_id,
    cluster_id,
    registratiedatum,
    begindatum,
    einddatum,
    bekend_vanaf,
    bekend_tot
from versies
