-- Eén rij per meting van een aandeel met meer gevallen dan waaruit, of van een cel zonder noemer.
select
    cel.beheereenheid_id,
    cel.peildatum,
    cel.indicator_code,
    cel.teller,
    cel.noemer
from {{ ref('int_label__cel') }} as cel
where cel.teller < 0 or (cel.soort_meting = 'aandeel' and cel.teller > cel.noemer)
