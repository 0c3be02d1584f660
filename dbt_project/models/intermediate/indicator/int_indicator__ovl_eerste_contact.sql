-- Eén rij per complex en peildatum: gemiddeld aantal dagen tot het eerste contact.
{{ gemiddelde_indicator('OVL_EERSTE_CONTACT', ref('int_overlast__eerste_contact'), 'dagen') }}
