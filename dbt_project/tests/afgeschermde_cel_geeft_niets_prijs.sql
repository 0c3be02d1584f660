-- Eén rij per afgeschermde waarde waarvan toch iets exacts naar buiten gaat, of per te kleine cel
-- van FIN of SOC die een waarde toont (ADR 0027).
with

mart as (
    select * from {{ ref('mart_label__indicatorwaarde') }}
    where grondslag = 'eigen'
),

-- wat al gepubliceerd is, hoort bij de cijfers van toen; die kunnen sindsdien verbeterd zijn
al_beslist as (
    select distinct
        niveau,
        peildatum
    from {{ source('buurtpeil', 'gepubliceerde_indicatorwaarde') }}
    where grondslag = 'eigen'
),

meting as (
    select
        gestandaardiseerd.*,
        indicator.soort_meting,
        {{ is_kleine_cel(
            'indicator.soort_meting', 'gestandaardiseerd.teller', 'gestandaardiseerd.noemer',
            'indicator.toon_minimum', 'parameter.cel_minimum_teller'
        ) }} as is_klein
    from {{ ref('int_label__gestandaardiseerd') }} as gestandaardiseerd
    inner join {{ ref('indicator_eigen') }} as indicator
        on gestandaardiseerd.indicator_code = indicator.indicator_code
    cross join {{ ref('int_methode__parameter') }} as parameter
    left join al_beslist
        on
            gestandaardiseerd.niveau = al_beslist.niveau
            and gestandaardiseerd.peildatum = al_beslist.peildatum
    where
        gestandaardiseerd.grondslag = 'eigen'
        and indicator.toon_minimum > 0
        and al_beslist.niveau is null
)

select
    niveau,
    beheerobject_id,
    peildatum,
    indicator_code
from mart
where is_gebandeerd and (gestandaardiseerd is not null or bijdrage is not null)
union all
select
    mart.niveau,
    mart.beheerobject_id,
    mart.peildatum,
    mart.indicator_code
from mart
inner join meting
    on
        mart.niveau = meting.niveau
        and mart.beheerobject_id = meting.object_id
        and mart.peildatum = meting.peildatum
        and mart.indicator_code = meting.indicator_code
where
    mart.waarde is not null
    and (
        meting.is_klein
        or (
            mart.is_gebandeerd
            and mart.niveau = 'complex'
            and abs(4.0 * {{ rond_op_5('meting.teller') }} / meting.noemer - mart.waarde) > 1e-9
        )
    )
