-- Eén rij per niveau, object, grondslag, peildatum en thema met gegevens: z, waar ten minste twee
-- derde van het gewicht aanwezig is (label.md stap 4). Een indicator waarvan de corporatie de bron
-- (nog) niet heeft, telt niet mee in dat gewicht zolang de andere samen twee derde van de catalogus
-- zijn. Anders zou zonder die bron alleen een complex met zaken een label voor overlast krijgen.
with

parameter as (
    select * from {{ ref('int_methode__parameter') }}
),

bijdrage as (
    select * from {{ ref('int_label__gestandaardiseerd') }}
),

dekking as (
    select
        bron.dekkingsbron,
        venster.peildatum,
        count(case when bron.is_gedekt then 1 end) as kwartalen_gedekt
    from {{ ref('int_tijd__venster') }} as venster
    inner join {{ ref('int_dekking__bron_kwartaal') }} as bron on venster.kwartaal = bron.kwartaal
    group by 1, 2
),

vastgelegd as (
    select
        dekking.peildatum,
        indicator.thema_code,
        sum(indicator.gewicht) as gewicht
    from {{ ref('indicator_eigen') }} as indicator
    inner join dekking on indicator.dekkingsbron = dekking.dekkingsbron
    cross join parameter
    where dekking.kwartalen_gedekt >= parameter.minimum_kwartalen_gedekt
    group by 1, 2
),

opgeteld as (
    select
        niveau,
        grondslag,
        object_id,
        peildatum,
        thema_code,
        max(verhuureenheden_aantal) as verhuureenheden_aantal,
        cast(sum(bijdrage) as decimal(28, 12)) as z,
        -- wat de indicatoren delen, telt één keer: het middelt niet uit
        {{ som12('power(gewicht / gewicht_aanwezig, 2) * (var_u - lading_u * lading_u)') }}
        + power({{ som12('gewicht / gewicht_aanwezig * lading_u') }}, 2) as var_z,
        max(gewicht_aanwezig) as gewicht_aanwezig,
        max(gewicht_thema) as gewicht_catalogus
    from bijdrage
    group by 1, 2, 3, 4, 5
),

met_basis as (
    select
        opgeteld.*,
        parameter.minimum_gewicht_thema,
        case
            when
                opgeteld.grondslag = 'eigen'
                and {{ rond12('vastgelegd.gewicht / opgeteld.gewicht_catalogus') }}
                >= parameter.minimum_gewicht_thema
                then vastgelegd.gewicht
            else opgeteld.gewicht_catalogus
        end as gewicht_basis
    from opgeteld
    cross join parameter
    left join vastgelegd
        on
            opgeteld.peildatum = vastgelegd.peildatum
            and opgeteld.thema_code = vastgelegd.thema_code
)

-- delen zijn op 12 cijfers afgerond, zoals de drempel: precies twee derde is genoeg
select
    niveau,
    grondslag,
    object_id,
    peildatum,
    thema_code,
    verhuureenheden_aantal,
    {{ rond12('gewicht_aanwezig / gewicht_catalogus') }} as gewicht_dekking,
    case
        when {{ rond12('gewicht_aanwezig / gewicht_basis') }} >= minimum_gewicht_thema then z
    end as z,
    {{ rond12('var_z') }} as var_z
from met_basis
