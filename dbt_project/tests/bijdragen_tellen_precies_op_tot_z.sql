-- Eén rij per thema waarvan de bijdragen niet precies optellen tot z (label.md, "Explanation"). Ook
-- in de mart, waar zij gebroken getallen zijn: op 12 decimalen, en alleen waar niets verborgen is.
with

z as (
    select * from {{ ref('int_label__thema_z') }}
    where z is not null
),

opgeteld as (
    select
        niveau,
        grondslag,
        object_id,
        peildatum,
        thema_code,
        sum(bijdrage) as som
    from {{ ref('int_label__gestandaardiseerd') }}
    group by 1, 2, 3, 4, 5
)

select
    z.niveau,
    z.grondslag,
    z.object_id,
    z.peildatum,
    z.thema_code,
    z.z,
    opgeteld.som
from z
left join opgeteld
    on
        z.niveau = opgeteld.niveau
        and z.grondslag = opgeteld.grondslag
        and z.object_id = opgeteld.object_id
        and z.peildatum = opgeteld.peildatum
        and z.thema_code = opgeteld.thema_code
where opgeteld.som is null or opgeteld.som != z.z
