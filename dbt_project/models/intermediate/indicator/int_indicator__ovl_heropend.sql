-- Eén rij per complex en peildatum: van de overlastzaken die in het venster voor het eerst zijn
-- afgerond, hoeveel er op de peildatum al eens heropend waren.
with

{{ in_venster(ref('int_overlast__afgerond')) }}

select
    {{ indicator_kolommen(
        'OVL_HEROPEND',
        'sum(case when heropend_datum < peildatum and heropend_bekend_vanaf < peildatum '
        ~ 'then 1 else 0 end)',
        'count(*)'
    ) }}
from in_venster
group by complex_id, peildatum
