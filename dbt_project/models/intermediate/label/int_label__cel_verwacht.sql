-- Eén rij per beheereenheid, peildatum en indicator met gegevens, met wat in haar stratum te
-- verwachten was: het fijnste stratum dat in de referentie bestaat.
{{ config(materialized='view') }}
with

cel as (
    select * from {{ ref('int_label__cel') }}
),

stratum as (
    select * from {{ ref('int_referentie__stratum') }}
)

select
    cel.beheereenheid_id,
    cel.peildatum,
    cel.indicator_code,
    cel.soort_meting,
    cel.richting,
    cel.stratum_code,
    cel.gebouwtype_code,
    cel.verhuureenheden_aantal,
    cel.teller,
    cel.noemer,
    cel.som_kwadraat,
    cel.leeftijd_kwartalen,
    cast(cel.teller as double) as y,
    cast(cel.noemer as double) as n,
    coalesce(fijn.verwacht, per_type.verwacht, alles.verwacht) as verwacht,
    coalesce(fijn.waarde, per_type.waarde, alles.waarde) as stratum_waarde,
    coalesce(fijn.variantie, per_type.variantie, alles.variantie) as stratum_variantie
from cel
left join stratum as fijn
    on cel.indicator_code = fijn.indicator_code and cel.stratum_code = fijn.stratum_code
left join stratum as per_type
    on
        cel.indicator_code = per_type.indicator_code
        and cel.gebouwtype_code = per_type.stratum_code
left join stratum as alles
    on cel.indicator_code = alles.indicator_code and alles.stratum_code = 'alle'
where coalesce(fijn.verwacht, per_type.verwacht, alles.verwacht) is not null
