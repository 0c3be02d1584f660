-- Eén rij per niveau, object, peildatum en indicator op eigen gegevens die niet exact naar buiten
-- mag: een te kleine cel, of een buurt of wijk waaruit een te kleine som van verborgen complexen
-- af te trekken is (trust.md, "Small counts": complex < buurt < wijk).
with

parameter as (
    select * from {{ ref('int_methode__parameter') }}
),

indicator as (
    select * from {{ ref('indicator_eigen') }}
    where toon_minimum > 0
),

wijk as (
    select * from {{ ref('stg_vera__wijk') }}
),

ligging as (
    select
        omvang.beheereenheid_id,
        omvang.peildatum,
        omvang.buurt_id,
        coalesce(wijk.id_gegevensbeheerder, omvang.eigen_wijk_id) as wijk_id
    from {{ ref('int_beheereenheid__omvang') }} as omvang
    left join wijk on omvang.eigen_wijk_id = wijk.wijk_id
),

cel as (
    select
        gestandaardiseerd.niveau,
        gestandaardiseerd.object_id,
        gestandaardiseerd.peildatum,
        gestandaardiseerd.indicator_code,
        gestandaardiseerd.teller,
        gestandaardiseerd.noemer,
        indicator.soort_meting,
        indicator.toon_minimum,
        {{ is_kleine_cel(
            'indicator.soort_meting', 'gestandaardiseerd.teller', 'gestandaardiseerd.noemer',
            'indicator.toon_minimum', 'parameter.cel_minimum_teller'
        ) }} as is_klein
    from {{ ref('int_label__gestandaardiseerd') }} as gestandaardiseerd
    inner join indicator on gestandaardiseerd.indicator_code = indicator.indicator_code
    cross join parameter
    where gestandaardiseerd.grondslag = 'eigen'
),

verborgen as (
    select
        cel.*,
        ligging.buurt_id,
        ligging.wijk_id
    from cel
    inner join ligging
        on cel.object_id = ligging.beheereenheid_id and cel.peildatum = ligging.peildatum
    where cel.niveau = 'complex' and cel.is_klein
),

-- wat een lezer overhoudt als hij van een buurt alle getoonde complexen aftrekt
rest_buurt as (
    select
        buurt_id,
        peildatum,
        indicator_code,
        soort_meting,
        toon_minimum,
        sum(teller) as teller,
        sum(noemer) as noemer
    from verborgen
    group by 1, 2, 3, 4, 5
),

buurt as (
    select
        cel.object_id,
        cel.peildatum,
        cel.indicator_code,
        cel.is_klein or coalesce({{ is_kleine_cel(
            'rest_buurt.soort_meting', 'rest_buurt.teller', 'rest_buurt.noemer',
            'rest_buurt.toon_minimum', 'parameter.cel_minimum_teller'
        ) }}, false) as is_verborgen
    from cel
    left join rest_buurt
        on
            cel.object_id = rest_buurt.buurt_id
            and cel.peildatum = rest_buurt.peildatum
            and cel.indicator_code = rest_buurt.indicator_code
    cross join parameter
    where cel.niveau = 'buurt'
),

-- van een wijk: alle getoonde buurten, en in de andere buurten alle getoonde complexen
rest_wijk as (
    select
        verborgen.wijk_id,
        verborgen.peildatum,
        verborgen.indicator_code,
        verborgen.soort_meting,
        verborgen.toon_minimum,
        sum(verborgen.teller) as teller,
        sum(verborgen.noemer) as noemer
    from verborgen
    left join buurt
        on
            verborgen.buurt_id = buurt.object_id
            and verborgen.peildatum = buurt.peildatum
            and verborgen.indicator_code = buurt.indicator_code
    where coalesce(buurt.is_verborgen, true)
    group by 1, 2, 3, 4, 5
),

wijk_verborgen as (
    select
        cel.object_id,
        cel.peildatum,
        cel.indicator_code,
        cel.is_klein or coalesce({{ is_kleine_cel(
            'rest_wijk.soort_meting', 'rest_wijk.teller', 'rest_wijk.noemer',
            'rest_wijk.toon_minimum', 'parameter.cel_minimum_teller'
        ) }}, false) as is_verborgen
    from cel
    left join rest_wijk
        on
            cel.object_id = rest_wijk.wijk_id
            and cel.peildatum = rest_wijk.peildatum
            and cel.indicator_code = rest_wijk.indicator_code
    cross join parameter
    where cel.niveau = 'wijk'
)

select
    'complex' as niveau,
    object_id,
    peildatum,
    indicator_code
from verborgen
union all
select
    'buurt' as niveau,
    object_id,
    peildatum,
    indicator_code
from buurt
where is_verborgen
union all
select
    'wijk' as niveau,
    object_id,
    peildatum,
    indicator_code
from wijk_verborgen
where is_verborgen
