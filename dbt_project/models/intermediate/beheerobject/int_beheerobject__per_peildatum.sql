-- Eén rij per niveau, beheerobject, grondslag en peildatum: alles wat een label hoort te hebben,
-- ook waar het onbekend is. object_id zegt onder welke naam het label is berekend: een buurt in een
-- Wijkprofielgebied heeft het label van dat gebied.
with

complex as (
    select * from {{ ref('int_complex__beheereenheid') }}
),

omvang as (
    select * from {{ ref('int_beheereenheid__omvang') }}
),

zelf as (
    select
        'complex' as niveau,
        complex_id as beheerobject_id,
        'eigen' as grondslag,
        peildatum,
        case when not is_klein then complex_id end as object_id,
        verhuureenheden_aantal,
        case
            when is_klein and beheereenheid_id is not null
                then concat('Minder dan 10 woningen: zie beheercluster ', beheereenheid_id)
            when is_klein then 'Minder dan 10 woningen: zie het label van de buurt'
        end as reden_zonder_label
    from complex
),

beheercluster as (
    select
        'complex' as niveau,
        beheereenheid_id as beheerobject_id,
        'eigen' as grondslag,
        peildatum,
        beheereenheid_id as object_id,
        verhuureenheden_aantal,
        cast(null as {{ dbt.type_string() }}) as reden_zonder_label
    from omvang
    where is_beheercluster
),

gebied as (
    select
        niveau,
        gebied_id as beheerobject_id,
        'eigen' as grondslag,
        peildatum,
        gebied_id as object_id,
        verhuureenheden_aantal,
        cast(null as {{ dbt.type_string() }}) as reden_zonder_label
    from {{ ref('int_gebied__omvang') }}
),

openbaar as (
    select
        gebied.niveau,
        gebied.beheerobject_id,
        'openbaar' as grondslag,
        gebied.peildatum,
        gebied.meeteenheid_id as object_id,
        gebied.verhuureenheden_aantal,
        cast(null as {{ dbt.type_string() }}) as reden_zonder_label
    from {{ ref('int_openbaar__gebied_per_peildatum') }} as gebied
)

select * from zelf
union all
select * from beheercluster
union all
select * from gebied
union all
select * from openbaar
