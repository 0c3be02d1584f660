-- Eén rij per complex en peildatum: overlastzaken die als ernstig zijn beoordeeld.
with

{{ in_venster(ref('int_overlast__ernstige_melding')) }}

select
    {{ indicator_kolommen('OVL_ERNSTIG', 'count(distinct zaak_id)') }}
from in_venster
where complex_id is not null
group by complex_id, peildatum
