-- Eén rij per niveau, object, grondslag, peildatum en thema (en TOT): score 0..100, hoger = grotere
-- opgave. Thema: 100 maal Phi(z / kappa) (label.md stap 4). Totaal: machtsgemiddelde met p = 2,
-- zodat één slecht thema niet wordt afgekocht; er zijn genoeg thema's nodig, OVL en SHV erbij (stap
-- 5).
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

geschaald as (
    select
        z.niveau,
        z.grondslag,
        z.object_id,
        z.peildatum,
        z.thema_code,
        z.verhuureenheden_aantal,
        z.gewicht_dekking,
        thema.gewicht,
        thema.is_verplicht,
        z.z is not null as is_gemeten,
        cast(z.z as double) / schaal.kappa as z_geschaald
    from z
    inner join thema on z.thema_code = thema.thema_code
    left join schaal
        on
            z.niveau = schaal.niveau
            and z.grondslag = schaal.grondslag
            and z.thema_code = schaal.thema_code
),

verdeeld as (
    select
        *,
        100.0 * ({{ phi('z_geschaald') }}) as score_precies
    from geschaald
),

themascore as (
    select
        verdeeld.*,
        {{ rond12('verdeeld.score_precies') }} as score,
        {{ vast12(
            'verdeeld.gewicht * power(' ~ rond12('verdeeld.score_precies')
            ~ ', parameter.macht_totaal)'
        ) }} as macht_score
    from verdeeld
    cross join parameter
),

vereist as (
    select
        count(case when is_verplicht then 1 end) as aantal_verplicht,
        sum(gewicht) as gewicht
    from thema
),

opgeteld as (
    select
        niveau,
        grondslag,
        object_id,
        peildatum,
        max(verhuureenheden_aantal) as verhuureenheden_aantal,
        count(score) as aantal_themas,
        count(case when is_verplicht then score end) as aantal_verplicht,
        sum(case when score is not null then gewicht end) as som_gewicht,
        cast(sum(macht_score) as double) as som_macht,
        {{ som12('gewicht * gewicht_dekking') }} as som_dekking
    from themascore
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
        opgeteld.som_dekking / vereist.gewicht as gewicht_dekking,
        opgeteld.aantal_themas >= case
            when opgeteld.grondslag = 'eigen' then parameter.minimum_themas_eigen
            else parameter.minimum_themas_openbaar
        end
        and opgeteld.aantal_verplicht = vereist.aantal_verplicht as is_volledig,
        power(
            opgeteld.som_macht / opgeteld.som_gewicht, 1.0 / parameter.macht_totaal
        ) as score_precies
    from opgeteld
    cross join vereist
    cross join parameter
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
        when totaal.is_volledig and totaal.som_macht > 0
            then {{ rond12('cast(themascore.macht_score as double) / totaal.som_macht') }}
    end as aandeel_van_totaal,
    totaal.aantal_themas,
    themascore.is_gemeten
from themascore
inner join totaal
    on
        themascore.niveau = totaal.niveau
        and themascore.grondslag = totaal.grondslag
        and themascore.object_id = totaal.object_id
        and themascore.peildatum = totaal.peildatum
union all
select
    niveau,
    grondslag,
    object_id,
    peildatum,
    'TOT' as thema_code,
    verhuureenheden_aantal,
    case when is_volledig then {{ rond12('score_precies') }} end as score,
    {{ rond12('coalesce(gewicht_dekking, 0)') }} as gewicht_dekking,
    cast(null as double) as aandeel_van_totaal,
    aantal_themas,
    is_volledig as is_gemeten
from totaal
