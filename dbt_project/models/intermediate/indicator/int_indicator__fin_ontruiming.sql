-- Eén rij per complex en peildatum: overeenkomsten die eindigden door ontruiming
-- (EINDEDETAILREDEN ONT).
{{ tel_indicator('FIN_ONTRUIMING', ref('int_huur__einde'), "einde_detail_reden_code = 'ONT'") }}
