-- Eén rij per complex, peildatum en meldend adres: schoon getelde episodes (label.md stap 1):
-- verschillende (adres, categorie, maand), hooguit 3 per adres per venster. Zonder adres (leeg)
-- telt een categorie in een maand één keer.
with

{{ in_gedekt_venster('OVL_EPISODE', ref('int_overlast__melding')) }},

parameter as (
    select * from {{ ref('int_methode__parameter') }}
),

episode as (
    select distinct
        complex_id,
        peildatum,
        eenheid_id,
        categorie_code,
        {{ begin_maand('datum') }} as maand
    from geteld
),

per_adres as (
    select
        complex_id,
        peildatum,
        eenheid_id,
        count(*) as episodes
    from episode
    group by 1, 2, 3
)

select
    per_adres.complex_id,
    per_adres.peildatum,
    per_adres.eenheid_id,
    case
        when per_adres.eenheid_id is null then per_adres.episodes
        else least(per_adres.episodes, cast(parameter.maximum_episodes_per_adres as bigint))
    end as episodes
from per_adres
cross join parameter
