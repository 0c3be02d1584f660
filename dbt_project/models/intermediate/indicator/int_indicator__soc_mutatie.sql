-- Eén rij per complex en peildatum: beëindigde huurovereenkomsten.
{{ tel_indicator('SOC_MUTATIE', ref('int_huur__einde')) }}
