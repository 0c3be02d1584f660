-- Eén rij per complex en peildatum: defecten aan sloten en verlichting die langer dan 14 dagen
-- openstonden, voor zover dat op de peildatum al zo was.
with

{{ in_venster(ref('int_onderhoud__defect'), "soort_code in ('SDE', 'SLU', 'VWE')") }},

parameter as (
    select * from {{ ref('int_methode__parameter') }}
),

lang_open as (
    select in_venster.*
    from in_venster
    cross join parameter
    where
        {{ dagen_tussen(
            'in_venster.datum',
            'least(coalesce(in_venster.technisch_gereeddatum, in_venster.peildatum), '
            ~ 'in_venster.peildatum)'
        ) }} > parameter.veiligheidsdefect_dagen
)

select
    {{ indicator_kolommen('SHV_VEILIGHEIDSDEFECT', 'count(*)') }}
from lang_open
where complex_id is not null
group by complex_id, peildatum
