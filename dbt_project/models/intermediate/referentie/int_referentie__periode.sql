-- Eén rij per grondslag: de peildata van de referentie R. Eigen: de eerste 8 volledige kwartalen;
-- openbaar: de eerste editie. Is R al bevroren, dan geldt die en niets anders.
with

parameter as (
    select * from {{ ref('int_methode__parameter') }}
),

bevroren as (
    select * from {{ source('buurtpeil', 'referentie_periode') }}
),

eigen as (
    select
        'eigen' as grondslag,
        min(peildatum.peildatum) as eerste_peildatum,
        max(peildatum.peildatum) as laatste_peildatum,
        count(*) as aantal_peildata,
        count(*) < max(parameter.referentie_kwartalen) as is_voorlopig
    from {{ ref('int_tijd__peildatum') }} as peildatum
    cross join parameter
    where peildatum.volgnummer <= parameter.referentie_kwartalen
),

openbaar as (
    select
        'openbaar' as grondslag,
        min(peildatum) as eerste_peildatum,
        min(peildatum) as laatste_peildatum,
        1 as aantal_peildata,
        false as is_voorlopig
    from {{ ref('int_openbaar__indicator') }}
),

geschat as (
    select * from eigen
    union all
    select * from openbaar
)

select
    grondslag,
    eerste_peildatum,
    laatste_peildatum,
    aantal_peildata,
    is_voorlopig
from bevroren
union all
select
    grondslag,
    eerste_peildatum,
    laatste_peildatum,
    aantal_peildata,
    is_voorlopig
from geschat
where
    eerste_peildatum is not null
    and grondslag not in (select bevroren.grondslag from bevroren)
