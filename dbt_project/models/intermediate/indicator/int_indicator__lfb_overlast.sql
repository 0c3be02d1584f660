-- Eén rij per complex en peildatum: cijfer van huurders voor overlast.
{{ gemiddelde_indicator(
    'LFB_OVERLAST', ref('int_huurdersonderzoek__antwoord'), 'score', "vraag_code = 'overlast'"
) }}
