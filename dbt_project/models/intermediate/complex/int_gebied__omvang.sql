-- Eén rij per buurt of wijk en peildatum: verhuureenheden en complexen van de corporatie daar,
-- ook die in complexen die te klein zijn voor een eigen label.
with

complex as (
    select
        complex.*,
        coalesce(wijk.id_gegevensbeheerder, complex.eigen_wijk_id) as wijk_id
    from {{ ref('int_complex__beheereenheid') }} as complex
    left join {{ ref('stg_vera__wijk') }} as wijk on complex.eigen_wijk_id = wijk.wijk_id
),

gebied as (
    select
        'buurt' as niveau,
        buurt_id as gebied_id,
        peildatum,
        verhuureenheden_aantal
    from complex
    union all
    select
        'wijk' as niveau,
        wijk_id as gebied_id,
        peildatum,
        verhuureenheden_aantal
    from complex
)

select
    niveau,
    gebied_id,
    peildatum,
    cast(sum(verhuureenheden_aantal) as bigint) as verhuureenheden_aantal,
    count(*) as aantal_complexen
from gebied
where gebied_id is not null
group by 1, 2, 3
