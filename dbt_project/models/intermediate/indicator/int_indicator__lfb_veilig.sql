-- Eén rij per complex en peildatum: cijfer van huurders voor veiligheid.
{{ gemiddelde_indicator(
    'LFB_VEILIG', ref('int_huurdersonderzoek__antwoord'), 'score', "vraag_code = 'veilig'"
) }}
