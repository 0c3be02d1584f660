-- Eén rij per eenheid (VERA Eenheid), volgens de laatste levering.
with

bron as (
    select * from {{ source('vera', 'eenheid') }}
),

laatste as (
    {{ laatste_levering('bron') }}
)

select
    eenheid_id,
    soort_code,
    detail_soort_code,
    status_code,
    bouwjaar,
    kamers_aantal,
    oppervlakte_m2,
    brutohuur_eur_per_maand,
    markthuur_eur_per_maand,
    in_exploitatiedatum,
    uit_exploitatiedatum
from laatste
