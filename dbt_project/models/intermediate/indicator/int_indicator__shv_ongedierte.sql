-- Eén rij per complex en peildatum: defecten door ratten, muizen, kakkerlakken of wandluizen.
{{ tel_indicator(
    'SHV_ONGEDIERTE', ref('int_onderhoud__defect'), "soort_code in ('RAT', 'MUI', 'KKL', 'WAN')"
) }}
