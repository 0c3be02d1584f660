-- Eén rij per complex met iets op openbare grondslag: gegevens over de buurt van buiten zeggen
-- niets over een complex (mission.md, "What it never does").
select
    beheerobject_id,
    peildatum,
    thema_code
from {{ ref('mart_label__sociaal_beheer_label') }}
where niveau = 'complex' and grondslag != 'eigen'
union all
select
    beheerobject_id,
    peildatum,
    thema_code
from {{ ref('mart_label__indicatorwaarde') }}
where niveau = 'complex' and grondslag != 'eigen'
union all
select
    object_id as beheerobject_id,
    peildatum,
    indicator_code as thema_code
from {{ ref('int_label__positie') }}
where niveau = 'complex' and (grondslag != 'eigen' or indicator_code not in (
    select eigen.indicator_code from {{ ref('indicator_eigen') }} as eigen
))
