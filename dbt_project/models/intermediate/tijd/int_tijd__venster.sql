-- Eén rij per peildatum en kwartaal in het venster van 12 maanden ervoor.
-- Zo is "in het venster" een gelijkheid van kwartalen en blijft de join een hashjoin.
with

peildatum as (
    select * from {{ ref('int_tijd__peildatum') }}
)

select
    peildatum.peildatum,
    {{ tel_maanden('peildatum.peildatum', '-3 * terug.kwartalen') }} as kwartaal
from peildatum
cross join (values (1), (2), (3), (4)) as terug (kwartalen)
