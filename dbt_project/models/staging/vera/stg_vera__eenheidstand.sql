-- Eén rij per eenheid per levering: wat er van de woning bekend was, en vanaf wanneer. De eerste
-- levering geldt ook voor de tijd ervoor; daarna telt een stand vanaf de dag na haar levering.
with

bron as (
    select * from {{ source('vera', 'eenheid') }}
),

levering as (
    select
        _volgnummer,
        min(_leveringsdatum) as leveringsdatum
    from bron
    group by _volgnummer
),

opgevolgd as (
    select
        _volgnummer,
        case
            when _volgnummer = min(_volgnummer) over () then date '1900-01-01'
            else leveringsdatum
        end as bekend_vanaf,
        lead(leveringsdatum) over (order by _volgnummer) as bekend_tot
    from levering
)

select
    bron.eenheid_id,
    bron.oppervlakte_m2,
    bron.brutohuur_eur_per_maand,
    bron.markthuur_eur_per_maand,
    opgevolgd.bekend_vanaf,
    opgevolgd.bekend_tot
from bron
inner join opgevolgd on bron._volgnummer = opgevolgd._volgnummer
