-- Eén rij per complex en peildatum: cijfer van huurders voor de inzet van de corporatie.
{{ gemiddelde_indicator(
    'LFB_INZET', ref('int_huurdersonderzoek__antwoord'), 'score', "vraag_code = 'inzet'"
) }}
