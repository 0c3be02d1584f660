-- Eén rij per buurt met een vorm op de kaart (GeoJSON-geometrie, WGS84).
select
    'buurt' as niveau,
    cbs_buurtcode as beheerobject_id,
    geometrie as geojson
from {{ ref('int_openbaar__buurt') }}
where geometrie is not null
