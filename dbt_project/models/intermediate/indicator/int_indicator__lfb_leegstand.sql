-- Eén rij per complex en peildatum: gemiddeld aantal dagen leeg voor een nieuwe verhuring.
{{ gemiddelde_indicator('LFB_LEEGSTAND', ref('int_huur__leegstand'), 'dagen') }}
