-- Eén rij per complex en peildatum: schouwcijfer heel over de laatste 12 maanden.
{{ gemiddelde_indicator('SHV_HEEL', ref('int_schouw__ronde'), 'heel_cijfer') }}
