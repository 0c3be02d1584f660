-- Eén rij per niveau, meeteenheid, peildatum en indicator van de catalogus; waarde en x leeg =
-- onbekend. x is the published value signed so that higher = larger task (label.md step 11b).
with

indicator as (
    select * from {{ ref('indicator_openbaar') }}
),

peildatum as (
    select * from {{ ref('int_openbaar__peildatum') }}
),

eenheid as (
    select * from {{ ref('int_openbaar__eenheid_van_meting') }}
),

waarde as (
    select * from {{ ref('int_openbaar__waarde') }}
),

raster as (
    select
        eenheid.niveau,
        eenheid.meeteenheid_id,
        peildatum.peildatum,
        peildatum.jaar,
        indicator.indicator_code,
        indicator.thema_code,
        indicator.richting,
        indicator.bron,
        indicator.tabel,
        indicator.kolom
    from eenheid
    cross join peildatum
    cross join indicator
),

gevuld as (
    select
        raster.niveau,
        raster.meeteenheid_id,
        raster.peildatum,
        raster.thema_code,
        raster.indicator_code,
        waarde.waarde,
        raster.richting * waarde.waarde as x
    from raster
    left join waarde
        on
            raster.niveau = waarde.niveau
            and raster.meeteenheid_id = waarde.meeteenheid_id
            and raster.jaar = waarde.jaar
            and raster.bron = waarde.bron
            and raster.tabel = waarde.tabel
            and raster.kolom = waarde.kolom
)

select * from gevuld
