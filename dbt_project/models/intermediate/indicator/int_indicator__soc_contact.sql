-- Eén rij per complex en peildatum: cijfer van huurders voor contact met buren.
{{ gemiddelde_indicator(
    'SOC_CONTACT', ref('int_huurdersonderzoek__antwoord'), 'score', "vraag_code = 'contact'"
) }}
