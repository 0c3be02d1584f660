-- Eén rij per antwoord op één vraag van één respondent in een complex; cijfer 1 tot 10, hoger is
-- beter, per versie die bekend was.
with

bron as (
    select * from {{ source('huurdersonderzoek', 'antwoord') }}
),

versies as (
    {{ kennisversies('bron', ['respons_id', 'vraag_code'], 'meetdatum') }}
)

select
    respons_id,
    cluster_id,
    meetdatum,
    vraag_code,
    score,
    bekend_vanaf,
    bekend_tot
from versies
