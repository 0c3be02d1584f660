-- Eén rij per niveau, meeteenheid, jaar, bron, tabel en kolom: de gepubliceerde waarde.
-- Only contract columns with purpose `label` come in; the catalogue picks from them.
with

{%- for tabel in ['vi', 'si', 'fi_obj', 'fi_subj'] %}

    {{ tabel }} as (
        select * from {{ ref('stg_wijkprofiel__' ~ tabel) }}
    ),
{%- endfor %}

kerncijfers as (
    select * from {{ ref('stg_cbs_kwb__kerncijfers') }}
    where soort_regio = 'Buurt'
),

misdrijf as (
    select * from {{ ref('stg_politie__misdrijf') }}
),

meeteenheid_buurt as (
    select * from {{ ref('int_openbaar__meeteenheid_buurt') }}
),

wijkprofiel_lang as (
    {%- for tabel in ['vi', 'si', 'fi_obj', 'fi_subj'] %}
        {{ lange_vorm(tabel, 'wijkprofiel', tabel, ['jaar', 'wijknr'], 'label') }}
        {{ 'union all' if not loop.last }}
    {%- endfor %}
),

wijkprofiel as (
    {{ naar_meeteenheid('wijkprofiel_lang') }}
),

kerncijfers_lang as (
    {{ lange_vorm(
        'kerncijfers', 'cbs_kwb', 'kerncijfers', ['jaar', 'regio_code'], 'label', met_weging=true
    ) }}
),

-- the sum counts every crime about twice: a rate to compare with, not a number of crimes
misdrijf_lang as (
    select
        misdrijf.jaar,
        misdrijf.buurtcode as regio_code,
        'misdrijf' as tabel,
        'misdrijven_per_1000_inwoners' as kolom,
        1000.0 * misdrijf.misdrijven_som / nullif(kerncijfers.inwoners_aantal, 0) as waarde,
        cast(kerncijfers.inwoners_aantal as double) as weging
    from misdrijf
    inner join kerncijfers
        on
            misdrijf.buurtcode = kerncijfers.regio_code
            and misdrijf.jaar = kerncijfers.jaar
),

buurt_lang as (
    select
        'cbs_kwb' as bron,
        kerncijfers_lang.*
    from kerncijfers_lang
    union all
    select
        'politie' as bron,
        misdrijf_lang.*
    from misdrijf_lang
),

van_buurten as (
    select
        meeteenheid_buurt.niveau,
        meeteenheid_buurt.meeteenheid_id,
        buurt_lang.jaar,
        buurt_lang.bron,
        buurt_lang.tabel,
        buurt_lang.kolom,
        {{ gewogen_gemiddelde('buurt_lang.waarde', 'buurt_lang.weging') }} as waarde
    from buurt_lang
    inner join meeteenheid_buurt
        on buurt_lang.regio_code = meeteenheid_buurt.cbs_buurtcode
    where buurt_lang.waarde is not null
    group by
        meeteenheid_buurt.niveau,
        meeteenheid_buurt.meeteenheid_id,
        buurt_lang.jaar,
        buurt_lang.bron,
        buurt_lang.tabel,
        buurt_lang.kolom
),

samen as (
    select * from wijkprofiel
    union all
    select * from van_buurten
),

afgerond as (
    select
        niveau,
        meeteenheid_id,
        jaar,
        bron,
        tabel,
        kolom,
        {{ rond12('waarde') }} as waarde
    from samen
)

select * from afgerond
