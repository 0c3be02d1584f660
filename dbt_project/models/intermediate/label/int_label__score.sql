-- Eén rij per niveau, object, grondslag, peildatum en thema (en TOT): score 0..100, hoger = grotere
-- opgave. Thema: 100 maal Phi(z / kappa) (label.md stap 4). Totaal: machtsgemiddelde met p = 2, zodat
-- één slecht thema niet wordt afgekocht; er zijn genoeg thema's nodig, OVL en SHV erbij (stap 5).
with

parameter as (
    select * from {{ ref('int_methode__parameter') }}
),

thema as (
    select * from {{ ref('thema') }}
),

z as (
    select * from {{ ref('int_label__thema_z') }}
),

schaal as (
    select * from {{ ref('int_referentie__schaal') }}
),

themascore as (
    select
        z.niveau,
        z.grondslag,
        z.object_id,
        z.peildatum,
        z.thema_code,
        z.verhuureenheden_aantal,
        z.gewicht_dekking,
        z.z,
        thema.gewicht,
        thema.is_verplicht,
        {{ rond12('100.0 * (' ~ phi('z.z / schaal.kappa') ~ ')') }} as score
    from z
    inner join thema on z.thema_code = thema.thema_code
    left join schaal
        on
            z.niveau = schaal.niveau
            and z.grondslag = schaal.grondslag
            and z.thema_code = schaal.thema_code
),

verplicht as (
    select count(*) as aantal from thema
    where is_verplicht
),

gewicht_alle as (
    select sum(gewicht) as gewicht from thema
),

opgeteld as (
    select
        themascore.niveau,
        themascore.grondslag,
        themascore.object_id,
        themascore.peildatum,
        max(themascore.verhuureenheden_aantal) as verhuureenheden_aantal,
        count(themascore.score) as aantal_themas,
        count(case when themascore.is_verplicht then themascore.score end) as aantal_verplicht,
        sum(case when themascore.score is not null then themascore.gewicht end) as som_gewicht,
        sum(themascore.gewicht * power(themascore.score, parameter.macht_totaal)) as som_macht,
        max(case
            when themascore.grondslag = 'eigen' then parameter.minimum_themas_eigen
            else parameter.minimum_themas_openbaar
        end) as minimum_themas,
        max(parameter.macht_totaal) as macht
    from themascore
    cross join parameter
    group by 1, 2, 3, 4
),

totaal as (
    select
        opgeteld.niveau,
        opgeteld.grondslag,
        opgeteld.object_id,
        opgeteld.peildatum,
        opgeteld.verhuureenheden_aantal,
        opgeteld.aantal_themas,
        opgeteld.som_macht,
        opgeteld.som_gewicht / gewicht_alle.gewicht as gewicht_dekking,
        opgeteld.aantal_themas >= opgeteld.minimum_themas
        and opgeteld.aantal_verplicht = verplicht.aantal as is_volledig,
        power(opgeteld.som_macht / opgeteld.som_gewicht, 1.0 / opgeteld.macht) as score
    from opgeteld
    cross join verplicht
    cross join gewicht_alle
)

select
    themascore.niveau,
    themascore.grondslag,
    themascore.object_id,
    themascore.peildatum,
    themascore.thema_code,
    themascore.verhuureenheden_aantal,
    themascore.score,
    themascore.gewicht_dekking,
    case
        when totaal.is_volledig
            then {{ rond12(
                'themascore.gewicht * power(themascore.score, parameter.macht_totaal) '
                ~ '/ totaal.som_macht'
            ) }}
    end as aandeel_van_totaal,
    totaal.aantal_themas
from themascore
inner join totaal
    on
        themascore.niveau = totaal.niveau
        and themascore.grondslag = totaal.grondslag
        and themascore.object_id = totaal.object_id
        and themascore.peildatum = totaal.peildatum
cross join parameter
union all
select
    niveau,
    grondslag,
    object_id,
    peildatum,
    'TOT' as thema_code,
    verhuureenheden_aantal,
    case when is_volledig then {{ rond12('score') }} end as score,
    {{ rond12('gewicht_dekking') }} as gewicht_dekking,
    cast(null as double) as aandeel_van_totaal,
    aantal_themas
from totaal
