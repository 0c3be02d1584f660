-- Eén rij per huurovereenkomst, volgens de laatste levering.
with

bron as (
    select * from {{ source('vera', 'huurovereenkomst') }}
),

laatste as (
    {{ laatste_levering('bron') }}
)

select
    overeenkomst_id,
    eenheid_id,
    status_code,
    begindatum,
    einddatum,
    opzegdatum,
    einde_detail_reden_code
from laatste
