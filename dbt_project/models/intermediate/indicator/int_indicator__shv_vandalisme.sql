-- Eén rij per complex en peildatum: defecten door vandalisme (DEFECTOORZAAK VAN).
{{ tel_indicator('SHV_VANDALISME', ref('int_onderhoud__defect'), "oorzaak_code = 'VAN'") }}
