-- Eén rij per complex en peildatum: defecten aan sloten en verlichting die langer dan 14 dagen
-- openstonden, voor zover dat op de peildatum al zo was en bekend was.
with

{{ in_gedekt_venster(
    'SHV_VEILIGHEIDSDEFECT', ref('int_onderhoud__defect'), "soort_code in ('SDE', 'SLU', 'VWE')"
) }},

parameter as (
    select * from {{ ref('int_methode__parameter') }}
),

open_tot as (
    select
        complex_id,
        peildatum,
        datum,
        case
            when gereed_bekend_vanaf < peildatum and technisch_gereeddatum < peildatum
                then technisch_gereeddatum
            else peildatum
        end as open_tot
    from geteld
    where is_uitvoering_bekend
),

lang_open as (
    select open_tot.*
    from open_tot
    cross join parameter
    where
        {{ dagen_tussen('open_tot.datum', 'open_tot.open_tot') }}
        > parameter.veiligheidsdefect_dagen
)

select
    {{ indicator_kolommen('SHV_VEILIGHEIDSDEFECT', 'count(*)') }}
from lang_open
group by complex_id, peildatum
