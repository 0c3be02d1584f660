-- Eén rij per peildatum en kwartaal in het venster (12 maanden) ervoor.
-- Zo is "in het venster" een gelijkheid van kwartalen en blijft de join een hashjoin.
with

peildatum as (
    select * from {{ ref('int_tijd__peildatum') }}
),

parameter as (
    select cast(venster_maanden / 3 as integer) as kwartalen
    from {{ ref('int_methode__parameter') }}
),

teller as (
    {{ getallenreeks(100) }}
),

terug as (
    select cast(teller.nummer + 1 as integer) as kwartalen
    from teller
    inner join parameter on teller.nummer < parameter.kwartalen
)

select
    peildatum.peildatum,
    {{ tel_maanden('peildatum.peildatum', '-3 * terug.kwartalen') }} as kwartaal
from peildatum
cross join terug
