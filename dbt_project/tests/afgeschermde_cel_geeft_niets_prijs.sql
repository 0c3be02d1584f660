-- Eén rij per afgeschermde waarde waarvan toch iets exacts naar buiten gaat, of per FIN-cel van een
-- complex met minder dan 5 gevallen die niet is afgeschermd (trust.md, "Small counts").
select
    mart.niveau,
    mart.beheerobject_id,
    mart.peildatum,
    mart.indicator_code
from {{ ref('mart_label__indicatorwaarde') }} as mart
where
    mart.is_gebandeerd
    and (
        mart.waarde is not null
        or mart.gestandaardiseerd is not null
        or mart.bijdrage is not null
    )
union all
select
    mart.niveau,
    mart.beheerobject_id,
    mart.peildatum,
    mart.indicator_code
from {{ ref('mart_label__indicatorwaarde') }} as mart
inner join {{ ref('int_label__posterior') }} as posterior
    on
        mart.beheerobject_id = posterior.beheereenheid_id
        and mart.peildatum = posterior.peildatum
        and mart.indicator_code = posterior.indicator_code
where
    mart.niveau = 'complex'
    and mart.thema_code = 'FIN'
    and posterior.teller < 5
    and mart.waarde is not null
