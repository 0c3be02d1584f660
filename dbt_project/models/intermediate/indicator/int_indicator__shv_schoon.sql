-- Eén rij per complex en peildatum: schouwcijfer schoon over de laatste 12 maanden.
{{ gemiddelde_indicator('SHV_SCHOON', ref('int_schouw__ronde'), 'schoon_cijfer') }}
