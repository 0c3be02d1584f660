-- Eén rij per buurt of wijk en peildatum van een openbare editie, met de meeteenheid waaruit het
-- label komt; leeg = geen enkele editie meet deze buurt, het label is dan onbekend.
with

peildatum as (
    select peildatum from {{ ref('int_openbaar__peildatum') }}
),

eenheid as (
    select * from {{ ref('int_openbaar__eenheid_van_meting') }}
),

koppeling as (
    select * from {{ ref('int_openbaar__meeteenheid_buurt') }}
    where niveau = 'buurt'
),

buurt as (
    select cbs_buurtcode from {{ ref('int_openbaar__buurt') }}
),

gewicht as (
    select * from {{ ref('int_openbaar__gewicht') }}
),

object as (
    select
        'buurt' as niveau,
        buurt.cbs_buurtcode as beheerobject_id,
        koppeling.meeteenheid_id,
        coalesce(koppeling.is_gebied_gedeeld, false) as is_gebied_gedeeld
    from buurt
    left join koppeling on buurt.cbs_buurtcode = koppeling.cbs_buurtcode
    union all
    select
        eenheid.niveau,
        eenheid.meeteenheid_id as beheerobject_id,
        eenheid.meeteenheid_id,
        false as is_gebied_gedeeld
    from eenheid
    where eenheid.niveau = 'wijk' or eenheid.aantal_buurten = 0
)

select
    object.niveau,
    object.beheerobject_id,
    object.meeteenheid_id,
    object.is_gebied_gedeeld,
    peildatum.peildatum,
    -- in een gedeeld gebied is niet bekend welke buurt hoeveel woningen heeft
    case when not object.is_gebied_gedeeld then gewicht.corporatiewoningen_aantal end
        as verhuureenheden_aantal
from object
cross join peildatum
left join gewicht
    on
        object.niveau = gewicht.niveau
        and object.meeteenheid_id = gewicht.meeteenheid_id
        and peildatum.peildatum = gewicht.peildatum
