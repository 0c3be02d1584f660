-- Eén rij per niveau, object, grondslag, peildatum en thema waarvan ten minste twee derde van het
-- gewicht aanwezig is: z (label.md stap 4).
with

parameter as (
    select * from {{ ref('int_methode__parameter') }}
),

bijdrage as (
    select * from {{ ref('int_label__gestandaardiseerd') }}
),

opgeteld as (
    select
        niveau,
        grondslag,
        object_id,
        peildatum,
        thema_code,
        max(verhuureenheden_aantal) as verhuureenheden_aantal,
        sum(bijdrage) as z,
        max(gewicht_aanwezig) / max(gewicht_thema) as gewicht_dekking
    from bijdrage
    group by 1, 2, 3, 4, 5
)

select
    opgeteld.niveau,
    opgeteld.grondslag,
    opgeteld.object_id,
    opgeteld.peildatum,
    opgeteld.thema_code,
    opgeteld.verhuureenheden_aantal,
    {{ rond12('opgeteld.gewicht_dekking') }} as gewicht_dekking,
    case
        when opgeteld.gewicht_dekking >= parameter.minimum_gewicht_thema
            then {{ rond12('opgeteld.z') }}
    end as z
from opgeteld
cross join parameter
