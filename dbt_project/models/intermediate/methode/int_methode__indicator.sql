-- Eén rij per indicator: de catalogus, eigen en openbaar onder elkaar met dezelfde kolommen.
select
    indicator_code,
    'eigen' as grondslag,
    thema_code,
    naam,
    omschrijving,
    eenheid,
    richting,
    soort_meting,
    cast(gewicht as double) as gewicht,
    bron,
    doel,
    is_subjectief,
    cel_minimum,
    toon_minimum
from {{ ref('indicator_eigen') }}
union all
select
    indicator_code,
    'openbaar' as grondslag,
    thema_code,
    naam,
    omschrijving,
    eenheid,
    richting,
    'waarde' as soort_meting,
    cast(gewicht as double) as gewicht,
    concat(bron, '.', tabel) as bron,
    doel,
    is_subjectief,
    0 as cel_minimum,
    0 as toon_minimum
from {{ ref('indicator_openbaar') }}
