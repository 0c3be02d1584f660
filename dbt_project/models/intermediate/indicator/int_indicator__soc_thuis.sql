-- Eén rij per complex en peildatum: cijfer van huurders voor zich thuis voelen.
{{ gemiddelde_indicator(
    'SOC_THUIS', ref('int_huurdersonderzoek__antwoord'), 'score', "vraag_code = 'thuis'"
) }}
