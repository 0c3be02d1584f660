-- Eén rij per complex en peildatum: cijfer van huurders voor hoe schoon het is.
{{ gemiddelde_indicator(
    'LFB_SCHOON', ref('int_huurdersonderzoek__antwoord'), 'score', "vraag_code = 'schoon'"
) }}
