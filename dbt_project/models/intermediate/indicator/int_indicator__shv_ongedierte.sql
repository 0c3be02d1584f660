-- Eén rij per complex en peildatum: meldingen van en defecten door ratten, muizen, kakkerlakken of
-- wandluizen (telset ongedierte en DEFECTSOORT).
{{ tel_indicator('SHV_ONGEDIERTE', ref('int_onderhoud__ongedierte')) }}
