-- Eén rij per buurt, kenmerk en jaar: cijfers van buiten om naast een buurt te tonen, nooit in een
-- label.
with

context as (
    select * from {{ ref('int_openbaar__context') }}
    where cbs_buurtcode is not null
)

select
    cbs_buurtcode as beheerobject_id,
    kenmerk,
    {{ rond12(som12('waarde')) }} as waarde,
    cast(coalesce(jaar, 0) as integer) as jaar,
    min(bron) as bron
from context
group by cbs_buurtcode, kenmerk, coalesce(jaar, 0)
