-- Eén rij per beheereenheid, thema en peildatum (eerste van een maand) met ten minste één
-- gebeurtenis in de laatste zes maanden: hoeveel er toen waren en hoeveel in de 24 maanden ervoor,
-- met hoeveel maanden daarvan gedekt zijn (label.md stap 9). Schoon geteld: verschillende (adres,
-- soort, maand), en per half jaar hooguit zoveel van één adres, voor en na gelijk, zodat een vaste
-- melder geen signaal geeft.
with

parameter as (
    select * from {{ ref('int_methode__parameter') }}
),

maand as (
    select * from {{ ref('int_signaal__maand') }}
    where is_gedekt
),

gebeurtenis as (
    select * from {{ ref('int_signaal__gebeurtenis') }}
),

lidmaatschap as (
    select * from {{ ref('int_complex__lidmaatschap') }}
),

beheereenheid as (
    select
        complex_id,
        peildatum,
        beheereenheid_id
    from {{ ref('int_complex__beheereenheid') }}
    where beheereenheid_id is not null
),

uitzondering as (
    select * from {{ ref('int_dekking__uitzondering') }}
    where not is_gedekt
),

-- waar een gebeurtenis telt: het complex dat zij noemt, anders dat van de woning zolang die er lag
geplaatst as (
    select
        thema_code,
        dekkingsbron,
        soort,
        eenheid_id,
        cluster_id as complex_id,
        {{ begin_maand('datum') }} as maand,
        bekend_vanaf,
        bekend_tot,
        cast(null as date) as begindatum,
        cast(null as date) as einddatum
    from gebeurtenis
    where cluster_id is not null
    union all
    select
        gebeurtenis.thema_code,
        gebeurtenis.dekkingsbron,
        gebeurtenis.soort,
        gebeurtenis.eenheid_id,
        lidmaatschap.complex_id,
        {{ begin_maand('gebeurtenis.datum') }} as maand,
        gebeurtenis.bekend_vanaf,
        gebeurtenis.bekend_tot,
        lidmaatschap.begindatum,
        lidmaatschap.einddatum
    from gebeurtenis
    inner join lidmaatschap on gebeurtenis.eenheid_id = lidmaatschap.eenheid_id
    where gebeurtenis.cluster_id is null
),

-- alles wat niet van de peildatum afhangt, voor een gebeurtenis bij elk van dertig peildata staat
gedekte_gebeurtenis as (
    select
        geplaatst.*,
        count(*) over (
            partition by
                geplaatst.thema_code,
                geplaatst.soort,
                geplaatst.eenheid_id,
                geplaatst.complex_id,
                geplaatst.maand
        ) as aantal_gelijk,
        geplaatst.eenheid_id is not null
        and count(*) over (partition by geplaatst.thema_code, geplaatst.eenheid_id)
        > parameter.maximum_episodes_per_adres_halfjaar as is_vaak
    from geplaatst
    cross join parameter
    left join uitzondering
        on
            geplaatst.dekkingsbron = uitzondering.dekkingsbron
            and geplaatst.complex_id = uitzondering.complex_id
            and {{ begin_kwartaal('geplaatst.maand') }} = uitzondering.kwartaal
    where uitzondering.complex_id is null
),

bij_peildatum as (
    select
        gebeurtenis.thema_code,
        gebeurtenis.dekkingsbron,
        gebeurtenis.soort,
        gebeurtenis.eenheid_id,
        gebeurtenis.complex_id,
        gebeurtenis.aantal_gelijk,
        gebeurtenis.is_vaak,
        maand.peildatum,
        maand.maand,
        maand.halfjaar
    from gedekte_gebeurtenis as gebeurtenis
    inner join maand
        on gebeurtenis.dekkingsbron = maand.dekkingsbron and gebeurtenis.maand = maand.maand
    where
        {{ is_bekend('gebeurtenis', 'maand.peildatum') }}
        and (gebeurtenis.begindatum is null or maand.peildatum >= gebeurtenis.begindatum)
        and (gebeurtenis.einddatum is null or maand.peildatum < gebeurtenis.einddatum)
),

-- alleen wat vaker voorkomt, hoeft te worden ontdubbeld
episode as (
    select * from bij_peildatum
    where aantal_gelijk = 1
    union all
    select distinct * from bij_peildatum
    where aantal_gelijk > 1
),

-- alleen van een adres met meer dan het maximum kan er een half jaar te veel zijn
per_complex as (
    select
        thema_code,
        dekkingsbron,
        complex_id,
        peildatum,
        halfjaar,
        case when is_vaak then eenheid_id end as vast_adres,
        count(*) as episodes
    from episode
    group by 1, 2, 3, 4, 5, 6
),

per_adres as (
    select
        per_complex.thema_code,
        per_complex.dekkingsbron,
        beheereenheid.beheereenheid_id,
        per_complex.peildatum,
        per_complex.halfjaar,
        per_complex.vast_adres,
        case
            when per_complex.vast_adres is null then sum(per_complex.episodes)
            else least(
                sum(per_complex.episodes), max(parameter.maximum_episodes_per_adres_halfjaar)
            )
        end as episodes
    from per_complex
    inner join beheereenheid
        on
            per_complex.complex_id = beheereenheid.complex_id
            and {{ begin_kwartaal('per_complex.peildatum') }} = beheereenheid.peildatum
    cross join parameter
    group by 1, 2, 3, 4, 5, 6
),

geteld as (
    select
        thema_code,
        dekkingsbron,
        beheereenheid_id,
        peildatum,
        cast(sum(case when halfjaar = 0 then episodes else 0 end) as integer) as aantal_recent,
        cast(sum(case when halfjaar > 0 then episodes else 0 end) as integer) as aantal_eerder
    from per_adres
    group by 1, 2, 3, 4
),

gedekt as (
    select
        dekkingsbron,
        peildatum,
        cast(count(case when halfjaar = 0 then 1 end) as integer) as maanden_recent,
        cast(count(case when halfjaar > 0 then 1 end) as integer) as maanden_eerder
    from maand
    group by 1, 2
),

-- in een beheercluster telt de maand die ook maar in één van zijn complexen niet gedekt was, niet
niet_gedekt as (
    select
        uitzondering.dekkingsbron,
        beheereenheid.beheereenheid_id,
        maand.peildatum,
        cast(count(distinct case when maand.halfjaar = 0 then maand.maand end) as integer)
            as maanden_recent,
        cast(count(distinct case when maand.halfjaar > 0 then maand.maand end) as integer)
            as maanden_eerder
    from uitzondering
    inner join maand
        on
            uitzondering.dekkingsbron = maand.dekkingsbron
            and uitzondering.kwartaal = {{ begin_kwartaal('maand.maand') }}
    inner join beheereenheid
        on
            uitzondering.complex_id = beheereenheid.complex_id
            and {{ begin_kwartaal('maand.peildatum') }} = beheereenheid.peildatum
    group by 1, 2, 3
),

samen as (
    select
        geteld.beheereenheid_id,
        geteld.thema_code,
        geteld.peildatum,
        geteld.aantal_recent,
        geteld.aantal_eerder,
        gedekt.maanden_recent - coalesce(niet_gedekt.maanden_recent, 0) as maanden_recent,
        gedekt.maanden_eerder - coalesce(niet_gedekt.maanden_eerder, 0) as maanden_eerder
    from geteld
    inner join gedekt
        on geteld.dekkingsbron = gedekt.dekkingsbron and geteld.peildatum = gedekt.peildatum
    left join niet_gedekt
        on
            geteld.dekkingsbron = niet_gedekt.dekkingsbron
            and geteld.beheereenheid_id = niet_gedekt.beheereenheid_id
            and geteld.peildatum = niet_gedekt.peildatum
    where geteld.aantal_recent > 0
),

overspreiding as (
    select
        indicator.thema_code,
        max(spreiding.phi) as phi
    from {{ ref('int_referentie__spreiding') }} as spreiding
    inner join {{ ref('indicator_eigen') }} as indicator
        on spreiding.indicator_code = indicator.indicator_code
    where indicator.indicator_code in ('OVL_EPISODE', 'SHV_VANDALISME', 'SHV_ONGEDIERTE')
    group by 1
)

select
    samen.beheereenheid_id,
    samen.thema_code,
    samen.peildatum,
    samen.aantal_recent,
    samen.aantal_eerder,
    samen.maanden_recent,
    samen.maanden_eerder,
    coalesce(overspreiding.phi, 1.0) as phi,
    parameter.signaal_toename
from samen
left join overspreiding on samen.thema_code = overspreiding.thema_code
cross join parameter
-- met minder verleden valt er niets te vergelijken
where samen.maanden_recent >= 3 and samen.maanden_eerder >= parameter.venster_maanden
