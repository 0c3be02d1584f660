-- Eén rij per complex en peildatum: bewonersinitiatieven die in het venster liepen. Een
-- initiatief voor de hele buurt telt bij elk complex in die buurt.
with

initiatief as (
    select * from {{ ref('stg_wijkbeheer__bewonersinitiatief') }}
    where coalesce(status_code, 'toegekend') in ('toegekend', 'afgerond')
),

peildatum as (
    select * from {{ ref('int_tijd__peildatum') }}
),

kenmerk as (
    select * from {{ ref('int_complex__kenmerk') }}
),

lopend as (
    select
        initiatief.bewonersinitiatief_id,
        initiatief.cluster_id,
        initiatief.buurt_id,
        peildatum.peildatum
    from initiatief
    inner join peildatum
        on
            initiatief.begindatum < peildatum.peildatum
            and coalesce(initiatief.einddatum, date '9999-12-31') >= peildatum.venster_begin
            and {{ is_bekend('initiatief', 'peildatum.peildatum') }}
),

per_complex as (
    select
        cluster_id as complex_id,
        peildatum
    from lopend
    where cluster_id is not null
    union all
    select
        kenmerk.complex_id,
        lopend.peildatum
    from lopend
    inner join kenmerk on lopend.buurt_id = kenmerk.eigen_buurt_id
    where lopend.cluster_id is null
)

select
    {{ indicator_kolommen('SOC_INITIATIEF', 'count(*)') }}
from per_complex
group by complex_id, peildatum
