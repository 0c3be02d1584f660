-- Eén rij per complex en peildatum: schouwcijfer veilig over de laatste 12 maanden.
{{ gemiddelde_indicator('SHV_VEILIG', ref('int_schouw__ronde'), 'veilig_cijfer') }}
