-- Eén rij per niveau, beheerobject, grondslag, peildatum (de laatste), soort, thema en indicator:
-- wat het totaal veranderde sinds de peildatum ervoor (label.md, "Explanation"). Ontleed wordt wat
-- gepubliceerd is: S tot de macht p is de som van gewicht maal thema tot de macht p, gedeeld door
-- het gewicht van de bekende thema's. Zo telt de verandering precies op uit de thema's, en in een
-- thema naar rato van wat elke indicator aan z veranderde. Veranderde het rijtje thema's of
-- indicatoren zelf, dan is dat een oorzaak apart.
-- Een thema waarin op een van beide peildata iets verborgen is, is één rij ('afgeschermd'): wat
-- daarbinnen veranderde, geeft anders de verborgen waarde prijs.
with

parameter as (
    select * from {{ ref('int_methode__parameter') }}
),

thema as (
    select * from {{ ref('thema') }}
),

lidmaatschap as (
    select * from {{ ref('int_complex__lidmaatschap') }}
),

gepubliceerd as (
    select * from {{ ref('mart_label__sociaal_beheer_label') }}
),

genummerd as (
    select
        niveau,
        grondslag,
        peildatum,
        lag(peildatum) over reeks as vorige_peildatum,
        row_number() over (
            partition by niveau, grondslag
            order by peildatum desc
        ) as nummer
    from (
        select distinct
            niveau,
            grondslag,
            peildatum
        from gepubliceerd
    ) as dagen
    window reeks as (partition by niveau, grondslag order by peildatum)
),

tijdvak as (
    select * from genummerd
    where nummer = 1 and vorige_peildatum is not null
),

-- van alle peildata alleen de twee die worden vergeleken, voor er iets aan iets wordt gekoppeld
label as (
    select
        gepubliceerd.*,
        -- wat deze run beslist, krijgt zijn referentie pas bij het publiceren
        case
            when gepubliceerd.referentie_id != '' then gepubliceerd.referentie_id
            when gepubliceerd.grondslag = 'eigen' then parameter.referentie_id
        end as referentie
    from gepubliceerd
    inner join tijdvak
        on
            gepubliceerd.niveau = tijdvak.niveau
            and gepubliceerd.grondslag = tijdvak.grondslag
            and gepubliceerd.peildatum in (tijdvak.peildatum, tijdvak.vorige_peildatum)
    cross join parameter
),

indicatorwaarde as (
    select gemeten.*
    from {{ ref('mart_label__indicatorwaarde') }} as gemeten
    inner join tijdvak
        on
            gemeten.niveau = tijdvak.niveau
            and gemeten.grondslag = tijdvak.grondslag
            and gemeten.peildatum in (tijdvak.peildatum, tijdvak.vorige_peildatum)
),

-- woningen die er wel en niet meer bij horen: ook wie ruilt, houdt hetzelfde aantal
lid_toen_en_nu as (
    select
        lidmaatschap.complex_id,
        lidmaatschap.eenheid_id,
        max(case
            when
                lidmaatschap.begindatum <= tijdvak.peildatum
                and tijdvak.peildatum < lidmaatschap.einddatum
                then 1
            else 0
        end) as is_nu,
        max(case
            when
                lidmaatschap.begindatum <= tijdvak.vorige_peildatum
                and tijdvak.vorige_peildatum < lidmaatschap.einddatum
                then 1
            else 0
        end) as was_toen
    from lidmaatschap
    inner join tijdvak
        on
            tijdvak.niveau = 'complex'
            and tijdvak.grondslag = 'eigen'
            and lidmaatschap.begindatum <= tijdvak.peildatum
            and lidmaatschap.einddatum > tijdvak.vorige_peildatum
    group by 1, 2
),

gewisseld as (
    select distinct complex_id from lid_toen_en_nu
    where is_nu != was_toen
),

object as (
    select
        nu.niveau,
        nu.beheerobject_id,
        nu.grondslag,
        nu.peildatum,
        tijdvak.vorige_peildatum,
        parameter.macht_totaal,
        nu.verhuureenheden_aantal,
        vorig.verhuureenheden_aantal as vorig_verhuureenheden_aantal,
        {{ vast12('power(nu.score, parameter.macht_totaal)') }}
        - {{ vast12('power(vorig.score, parameter.macht_totaal)') }} as verschil_totaal,
        coalesce(
            nu.methodeversie != vorig.methodeversie or nu.referentie != vorig.referentie, false
        ) as is_nieuwe_methode
    from tijdvak
    inner join label as nu
        on
            tijdvak.niveau = nu.niveau
            and tijdvak.grondslag = nu.grondslag
            and tijdvak.peildatum = nu.peildatum
            and nu.thema_code = 'TOT'
    inner join label as vorig
        on
            nu.niveau = vorig.niveau
            and nu.beheerobject_id = vorig.beheerobject_id
            and nu.grondslag = vorig.grondslag
            and tijdvak.vorige_peildatum = vorig.peildatum
            and vorig.thema_code = 'TOT'
    cross join parameter
),

-- per indicator de stand toen en nu
meting as (
    select
        object.niveau,
        object.beheerobject_id,
        object.grondslag,
        nu.thema_code,
        nu.indicator_code,
        case when nu.dekking_code != 'geen_dekking' then nu.gewicht end as gewicht,
        case when vorig.dekking_code != 'geen_dekking' then vorig.gewicht end as vorig_gewicht,
        nu.bijdrage,
        vorig.bijdrage as vorige_bijdrage,
        nu.is_gebandeerd or vorig.is_gebandeerd as is_gebandeerd,
        nu.waarde,
        vorig.waarde as vorige_waarde,
        nu.leeftijd_kwartalen,
        nu.leeftijd_kwartalen > vorig.leeftijd_kwartalen as is_ouder
    from object
    inner join indicatorwaarde as nu
        on
            object.niveau = nu.niveau
            and object.beheerobject_id = nu.beheerobject_id
            and object.grondslag = nu.grondslag
            and object.peildatum = nu.peildatum
    inner join indicatorwaarde as vorig
        on
            object.niveau = vorig.niveau
            and object.beheerobject_id = vorig.beheerobject_id
            and object.grondslag = vorig.grondslag
            and object.vorige_peildatum = vorig.peildatum
            and nu.indicator_code = vorig.indicator_code
    where not object.is_nieuwe_methode
),

gewogen as (
    select
        *,
        sum(gewicht) over in_thema as som_gewicht,
        sum(vorig_gewicht) over in_thema as vorige_som_gewicht,
        max(case when is_gebandeerd then 1 else 0 end) over in_thema = 1 as thema_is_gebandeerd,
        max(case when is_gebandeerd then 1 else 0 end) over (
            partition by niveau, beheerobject_id, grondslag
        ) = 1 as object_is_gebandeerd,
        gewicht is not null and vorig_gewicht is not null as is_beide,
        count(case when (gewicht is null) != (vorig_gewicht is null) then 1 end) over in_thema
            as aantal_gewijzigd
    from meting
    window in_thema as (partition by niveau, beheerobject_id, grondslag, thema_code)
),

-- wat erbij kwam of wegviel, verdeelt samen dat de andere zwaarder of lichter gaan tellen
verschoven as (
    select
        *,
        sum(case
            when is_beide
                then {{ vast12('vorige_bijdrage * (vorige_som_gewicht / som_gewicht - 1)') }}
        end) over (partition by niveau, beheerobject_id, grondslag, thema_code) as rest
    from gewogen
),

per_indicator as (
    select
        *,
        cast(case
            when is_gebandeerd or (gewicht is null and vorig_gewicht is null) then null
            when is_beide
                then {{ vast12('bijdrage - vorige_bijdrage * vorige_som_gewicht / som_gewicht') }}
            when thema_is_gebandeerd then null
            else
                {{ vast12('coalesce(bijdrage, 0) - coalesce(vorige_bijdrage, 0)') }}
                + coalesce(cast(rest as decimal(28, 12)) / aantal_gewijzigd, 0)
        end as decimal(28, 12)) as verschil
    from verschoven
),

-- per thema: hetzelfde, een verdieping hoger
themapaar as (
    select
        object.niveau,
        object.beheerobject_id,
        object.grondslag,
        thema.thema_code,
        thema.gewicht * power(nu.score, object.macht_totaal) as macht,
        thema.gewicht * power(vorig.score, object.macht_totaal) as vorige_macht,
        case when nu.score is not null then thema.gewicht end as gewicht,
        case when vorig.score is not null then thema.gewicht end as vorig_gewicht
    from object
    cross join thema
    left join label as nu
        on
            object.niveau = nu.niveau
            and object.beheerobject_id = nu.beheerobject_id
            and object.grondslag = nu.grondslag
            and object.peildatum = nu.peildatum
            and thema.thema_code = nu.thema_code
    left join label as vorig
        on
            object.niveau = vorig.niveau
            and object.beheerobject_id = vorig.beheerobject_id
            and object.grondslag = vorig.grondslag
            and object.vorige_peildatum = vorig.peildatum
            and thema.thema_code = vorig.thema_code
    where not object.is_nieuwe_methode and (nu.score is not null or vorig.score is not null)
),

themagewogen as (
    select
        *,
        sum(gewicht) over in_object as som_gewicht,
        sum(vorig_gewicht) over in_object as vorige_som_gewicht,
        count(case when (gewicht is null) != (vorig_gewicht is null) then 1 end) over in_object
            as aantal_gewijzigd
    from themapaar
    window in_object as (partition by niveau, beheerobject_id, grondslag)
),

themaverschoven as (
    select
        *,
        sum(case
            when gewicht is not null and vorig_gewicht is not null
                then {{ vast12('vorige_macht / som_gewicht - vorige_macht / vorige_som_gewicht') }}
        end) over (partition by niveau, beheerobject_id, grondslag) as rest
    from themagewogen
),

per_thema as (
    select
        niveau,
        beheerobject_id,
        grondslag,
        thema_code,
        gewicht is not null and vorig_gewicht is not null as is_beide,
        gewicht is not null as is_bekend,
        case
            when gewicht is not null and vorig_gewicht is not null
                then {{ vast12('(macht - vorige_macht) / som_gewicht') }}
            else
                {{ vast12(
                    'coalesce(macht / som_gewicht, 0) '
                    ~ '- coalesce(vorige_macht / vorige_som_gewicht, 0)'
                ) }}
                + cast(coalesce(rest / aantal_gewijzigd, 0) as decimal(28, 12))
        end as effect
    from themaverschoven
),

indicatorverdeling as (
    select
        per_indicator.*,
        per_thema.effect as effect_thema,
        cast(sum(per_indicator.verschil) over (
            partition by
                per_indicator.niveau,
                per_indicator.beheerobject_id,
                per_indicator.grondslag,
                per_indicator.thema_code
        ) as double) as verschil_thema
    from per_indicator
    inner join per_thema
        on
            per_indicator.niveau = per_thema.niveau
            and per_indicator.beheerobject_id = per_thema.beheerobject_id
            and per_indicator.grondslag = per_thema.grondslag
            and per_indicator.thema_code = per_thema.thema_code
            and per_thema.is_beide
    where per_indicator.verschil is not null
),

band as (
    select
        niveau,
        beheerobject_id,
        grondslag,
        thema_code,
        max(case when thema_is_gebandeerd then 1 else 0 end) = 1 as thema_is_gebandeerd,
        max(case when object_is_gebandeerd then 1 else 0 end) = 1 as object_is_gebandeerd
    from gewogen
    group by 1, 2, 3, 4
),

oorzaak as (
    select
        niveau,
        beheerobject_id,
        grondslag,
        case
            when vorig_gewicht is null then 'dekking_terug'
            when gewicht is null then 'dekking_weg'
            when is_ouder then 'verouderd'
            else 'waarde'
        end as soort_code,
        thema_code,
        indicator_code,
        case
            when thema_is_gebandeerd then null
            when verschil_thema = 0 then cast(0 as decimal(28, 12))
            else
                {{ vast12('cast(effect_thema as double) * (cast(verschil as double) '
                ~ '/ verschil_thema)') }}
        end as effect,
        verschil,
        waarde,
        vorige_waarde,
        leeftijd_kwartalen,
        false as is_gebandeerd
    from indicatorverdeling
    union all
    select
        per_thema.niveau,
        per_thema.beheerobject_id,
        per_thema.grondslag,
        case
            when per_thema.is_beide then 'afgeschermd'
            when per_thema.is_bekend then 'dekking_terug'
            else 'dekking_weg'
        end as soort_code,
        per_thema.thema_code,
        '' as indicator_code,
        per_thema.effect,
        cast(null as decimal(28, 12)) as verschil,
        cast(null as double) as waarde,
        cast(null as double) as vorige_waarde,
        cast(null as integer) as leeftijd_kwartalen,
        -- een thema dat komt of gaat, verdeelt mee wat de andere thema's wogen
        coalesce(band.object_is_gebandeerd, false) as is_gebandeerd
    from per_thema
    left join band
        on
            per_thema.niveau = band.niveau
            and per_thema.beheerobject_id = band.beheerobject_id
            and per_thema.grondslag = band.grondslag
            and per_thema.thema_code = band.thema_code
    where not per_thema.is_beide or band.thema_is_gebandeerd
    union all
    select
        niveau,
        beheerobject_id,
        grondslag,
        'nieuwe_methode' as soort_code,
        'TOT' as thema_code,
        '' as indicator_code,
        verschil_totaal as effect,
        cast(null as decimal(28, 12)) as verschil,
        cast(null as double) as waarde,
        cast(null as double) as vorige_waarde,
        cast(null as integer) as leeftijd_kwartalen,
        -- met een andere methode is niet na te gaan wat erin verborgen is
        true as is_gebandeerd
    from object
    where is_nieuwe_methode
    union all
    select
        object.niveau,
        object.beheerobject_id,
        object.grondslag,
        'samenstelling' as soort_code,
        'TOT' as thema_code,
        '' as indicator_code,
        cast(null as decimal(28, 12)) as effect,
        cast(null as decimal(28, 12)) as verschil,
        cast(object.verhuureenheden_aantal as double) as waarde,
        cast(object.vorig_verhuureenheden_aantal as double) as vorige_waarde,
        cast(null as integer) as leeftijd_kwartalen,
        false as is_gebandeerd
    from object
    left join gewisseld
        on object.niveau = 'complex' and object.beheerobject_id = gewisseld.complex_id
    where
        object.grondslag = 'eigen'
        and (
            object.verhuureenheden_aantal != object.vorig_verhuureenheden_aantal
            or gewisseld.complex_id is not null
        )
),

-- delen worden op 12 decimalen afgerond; wat daarvan overblijft, komt bij één rij: een die toch
-- niet getoond wordt, anders de grootste
geordend as (
    select
        oorzaak.niveau,
        oorzaak.beheerobject_id,
        oorzaak.grondslag,
        oorzaak.soort_code,
        oorzaak.thema_code,
        oorzaak.indicator_code,
        -- zonder totaal toen of nu is er niets om op te tellen
        case when object.verschil_totaal is not null then oorzaak.effect end as effect,
        oorzaak.verschil,
        oorzaak.waarde,
        oorzaak.vorige_waarde,
        oorzaak.leeftijd_kwartalen,
        oorzaak.is_gebandeerd,
        object.peildatum,
        object.vorige_peildatum,
        object.verschil_totaal,
        row_number() over (
            partition by oorzaak.niveau, oorzaak.beheerobject_id, oorzaak.grondslag
            order by
                case when oorzaak.effect is null then 1 else 0 end asc,
                case when oorzaak.is_gebandeerd then 0 else 1 end asc,
                abs(oorzaak.effect) desc,
                oorzaak.thema_code asc,
                oorzaak.indicator_code asc
        ) as sluitpost
    from oorzaak
    inner join object
        on
            oorzaak.niveau = object.niveau
            and oorzaak.beheerobject_id = object.beheerobject_id
            and oorzaak.grondslag = object.grondslag
),

sluitend as (
    select
        *,
        cast(case
            when sluitpost = 1
                then
                    effect
                    + verschil_totaal
                    -- een som is breder dan wat zij optelt; Spark kort dan de decimalen in
                    - cast(sum(effect) over (
                        partition by niveau, beheerobject_id, grondslag
                    ) as decimal(28, 12))
            else effect
        end as decimal(28, 12)) as effect_precies
    from geordend
),

-- volgorde om te tonen: zij hangt nergens van af wat verborgen is
gerangschikt as (
    select
        *,
        row_number() over (
            partition by niveau, beheerobject_id, grondslag
            order by
                case when is_gebandeerd then 1 else 0 end asc,
                case when effect_precies is null then 1 else 0 end asc,
                case when not is_gebandeerd then abs(effect_precies) end desc,
                abs(verschil) desc,
                soort_code asc,
                thema_code asc,
                indicator_code asc
        ) as volgorde
    from sluitend
    where
        is_gebandeerd
        or soort_code in ('samenstelling', 'dekking_weg', 'dekking_terug')
        or coalesce(effect_precies, verschil, 0) != 0
)

select
    niveau,
    beheerobject_id,
    grondslag,
    peildatum,
    soort_code,
    thema_code,
    indicator_code,
    vorige_peildatum,
    effect_precies as effect,
    cast(verschil as double) as verschil,
    waarde,
    vorige_waarde,
    leeftijd_kwartalen,
    is_gebandeerd,
    cast(volgorde as integer) as volgorde
from gerangschikt
