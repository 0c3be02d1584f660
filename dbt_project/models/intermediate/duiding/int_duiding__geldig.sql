-- Eén rij per niveau, beheerobject en kwartaalpeildatum waarop een duiding telt (label.md stap 10).
-- Welke duiding telt (bevestigd, niet ingetrokken, de jongste als er meer zijn) is al beslist waar
-- zij zijn vastgelegd; namen en toelichtingen komen hier niet.
with

vastgelegd as (
    select * from {{ source('buurtpeil', 'duiding') }}
),

kwartaal as (
    select * from {{ ref('int_tijd__peildatum') }}
)

select
    vastgelegd.niveau,
    vastgelegd.beheerobject_id,
    vastgelegd.peildatum,
    cast(vastgelegd.delta as integer) as duiding_delta,
    vastgelegd.reden_code as duiding_reden_code
from vastgelegd
inner join kwartaal
    on vastgelegd.peildatum = kwartaal.peildatum
