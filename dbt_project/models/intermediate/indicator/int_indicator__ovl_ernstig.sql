-- Eén rij per complex en peildatum: overlastzaken die als ernstig zijn beoordeeld.
with

{{ in_gedekt_venster('OVL_ERNSTIG', ref('int_overlast__ernstige_melding')) }}

select
    {{ indicator_kolommen('OVL_ERNSTIG', 'count(distinct zaak_id)') }}
from geteld
group by complex_id, peildatum
