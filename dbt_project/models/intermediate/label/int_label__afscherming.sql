-- Eén rij per niveau, object, peildatum en indicator op eigen gegevens waarvan niet alles exact
-- naar buiten mag (ADR 0027). Wat van zo'n waarde is afgeleid (u, bijdrage, themascore) gaat nooit
-- mee: in een gebied met verborgen complexen is dat een tweede vergelijking met die onbekenden.
-- De waarde zelf is verborgen (is_verborgen), op vijftallen (is_op_vijftal), of gaat gewoon mee.
-- Verborgen is een te kleine cel; een buurt, wijk of portefeuille waaruit, met alles wat wel wordt
-- getoond eraf, te veel volgt over wat verborgen is; en een waarde die zo weinig van een vorige
-- peildatum verschilt dat het verschil zelf een te kleine cel is.
-- Op vijftallen gaan tellingen van complexen en buurten: vensters van een jaar, elk kwartaal, geven
-- samen de kwartalen, want wat er elk jaar in een kwartaal minstens was, is vaak nul.
with

parameter as (
    select * from {{ ref('int_methode__parameter') }}
),

indicator as (
    select * from {{ ref('indicator_eigen') }}
    where toon_minimum > 0
),

wijk as (
    select * from {{ ref('stg_vera__wijk') }}
),

ligging as (
    select
        omvang.beheereenheid_id,
        omvang.peildatum,
        omvang.buurt_id,
        coalesce(wijk.id_gegevensbeheerder, omvang.eigen_wijk_id) as wijk_id
    from {{ ref('int_beheereenheid__omvang') }} as omvang
    left join wijk on omvang.eigen_wijk_id = wijk.wijk_id
),

meting as (
    select
        gestandaardiseerd.niveau,
        gestandaardiseerd.object_id,
        gestandaardiseerd.peildatum,
        gestandaardiseerd.indicator_code,
        gestandaardiseerd.teller,
        gestandaardiseerd.noemer,
        indicator.soort_meting,
        indicator.toon_minimum,
        parameter.cel_minimum_teller,
        parameter.cel_minimum_teller - 1 as band,
        {{ is_kleine_cel(
            'indicator.soort_meting', 'gestandaardiseerd.teller', 'gestandaardiseerd.noemer',
            'indicator.toon_minimum', 'parameter.cel_minimum_teller'
        ) }} as is_klein,
        lag(gestandaardiseerd.teller) over per_object as teller_ervoor,
        lag(gestandaardiseerd.noemer) over per_object as noemer_ervoor
    from {{ ref('int_label__gestandaardiseerd') }} as gestandaardiseerd
    inner join indicator on gestandaardiseerd.indicator_code = indicator.indicator_code
    cross join parameter
    where gestandaardiseerd.grondslag = 'eigen'
    window
        per_object as (
            partition by
                gestandaardiseerd.niveau,
                gestandaardiseerd.object_id,
                gestandaardiseerd.indicator_code
            order by gestandaardiseerd.peildatum
        )
),

-- een stand is wat over peildata heen gelijk bleef; vergeleken wordt met de stand ervoor
genummerd as (
    select
        *,
        sum(case
            when teller = teller_ervoor and noemer = noemer_ervoor then 0
            else 1
        end) over (
            partition by niveau, object_id, indicator_code
            order by peildatum
            rows between unbounded preceding and current row
        ) as stand
    from meting
),

stand as (
    select
        niveau,
        object_id,
        indicator_code,
        stand + 1 as volgende_stand,
        max(teller) as teller,
        max(noemer) as noemer,
        max(case when is_klein then 1 else 0 end) as is_klein
    from genummerd
    group by 1, 2, 3, 4
),

cel as (
    select
        nu.niveau,
        nu.object_id,
        nu.peildatum,
        nu.indicator_code,
        nu.soort_meting,
        nu.toon_minimum,
        nu.cel_minimum_teller,
        nu.band,
        nu.teller,
        nu.noemer,
        nu.is_klein,
        nu.is_klein or coalesce(
            vorig.is_klein = 0
            and case nu.soort_meting
                -- een kwartaal dekking erbij of eraf: het verschil is de telling van dat kwartaal
                when 'telling'
                    then
                        abs(nu.noemer - vorig.noemer) * 6 > least(nu.noemer, vorig.noemer)
                        and (nu.noemer > vorig.noemer) = (nu.teller >= vorig.teller)
                        and abs(nu.teller - vorig.teller) < nu.cel_minimum_teller
                -- dezelfde antwoorden op een paar na: het verschil zijn de antwoorden van die paar
                when 'gemiddelde'
                    then
                        abs(nu.noemer - vorig.noemer) between 1 and nu.toon_minimum - 1
                        and (nu.teller - vorig.teller) / (nu.noemer - vorig.noemer)
                        between 1 and 10
                else false
            end,
            false
        ) as is_dicht
    from genummerd as nu
    left join stand as vorig
        on
            nu.niveau = vorig.niveau
            and nu.object_id = vorig.object_id
            and nu.indicator_code = vorig.indicator_code
            and nu.stand = vorig.volgende_stand
),

-- wat een lezer van een verborgen complex al weet: bijna geen, bijna alle, of niets
verborgen as (
    select
        cel.*,
        ligging.buurt_id,
        ligging.wijk_id,
        case
            when cel.soort_meting = 'aandeel' and cel.is_klein and cel.teller > cel.band
                then greatest(cel.noemer - cel.band, 0)
            else 0
        end as onder,
        case
            when not cel.is_klein then cel.teller + cel.noemer
            when cel.soort_meting = 'aandeel' and cel.teller > cel.band then cel.noemer
            else cel.band
        end as boven
    from cel
    inner join ligging
        on cel.object_id = ligging.beheereenheid_id and cel.peildatum = ligging.peildatum
    where cel.niveau = 'complex' and cel.is_dicht
),

-- wat een lezer overhoudt als hij van een buurt alle getoonde complexen aftrekt
rest_buurt as (
    select
        buurt_id as object_id,
        peildatum,
        indicator_code,
        count(*) as aantal,
        sum(teller) as teller,
        sum(noemer) as noemer,
        sum(onder) as onder,
        sum(boven) as boven
    from verborgen
    where buurt_id is not null
    group by 1, 2, 3
),

buurt as (
    select
        cel.object_id,
        cel.peildatum,
        cel.indicator_code,
        rest.object_id is not null as heeft_verborgen,
        cel.is_dicht or coalesce({{ is_herleidbaar(
            'cel.soort_meting', 'rest.aantal', 'rest.teller', 'rest.noemer', 'rest.onder',
            'rest.boven', 'cel.toon_minimum', 'cel.cel_minimum_teller'
        ) }}, false) as is_verborgen,
        rest.aantal,
        rest.teller,
        rest.noemer,
        -- van een te kleine buurt weet een lezer ook dat zij te klein is
        case
            when cel.is_klein and cel.soort_meting = 'aandeel' and cel.teller > cel.band
                then greatest(
                    rest.onder, cel.noemer - cel.band - (cel.teller - rest.teller)
                )
            else rest.onder
        end as onder,
        case
            when cel.is_klein and cel.soort_meting != 'gemiddelde' and cel.teller <= cel.band
                then least(rest.boven, cel.band - (cel.teller - rest.teller))
            else rest.boven
        end as boven
    from cel
    left join rest_buurt as rest
        on
            cel.object_id = rest.object_id
            and cel.peildatum = rest.peildatum
            and cel.indicator_code = rest.indicator_code
    where cel.niveau = 'buurt'
),

-- in welke wijk een buurt ligt
buurt_in_wijk as (
    select
        buurt_id,
        peildatum,
        min(wijk_id) as wijk_id
    from ligging
    where buurt_id is not null
    group by 1, 2
),

-- de onbekenden van een wijk: verborgen buurten, en verborgen complexen zonder cijfer van een buurt
onbekend_in_wijk as (
    select
        buurt_in_wijk.wijk_id,
        buurt.peildatum,
        buurt.indicator_code,
        buurt.aantal,
        buurt.teller,
        buurt.noemer,
        buurt.onder,
        buurt.boven
    from buurt
    inner join buurt_in_wijk
        on buurt.object_id = buurt_in_wijk.buurt_id and buurt.peildatum = buurt_in_wijk.peildatum
    where buurt.is_verborgen and buurt.heeft_verborgen
    union all
    select
        verborgen.wijk_id,
        verborgen.peildatum,
        verborgen.indicator_code,
        1 as aantal,
        verborgen.teller,
        verborgen.noemer,
        verborgen.onder,
        verborgen.boven
    from verborgen
    left join buurt
        on
            verborgen.buurt_id = buurt.object_id
            and verborgen.peildatum = buurt.peildatum
            and verborgen.indicator_code = buurt.indicator_code
    where buurt.object_id is null
),

rest_wijk as (
    select
        wijk_id as object_id,
        peildatum,
        indicator_code,
        sum(aantal) as aantal,
        sum(teller) as teller,
        sum(noemer) as noemer,
        sum(onder) as onder,
        sum(boven) as boven
    from onbekend_in_wijk
    where wijk_id is not null
    group by 1, 2, 3
),

met_verborgen_in_wijk as (
    select distinct
        wijk_id,
        peildatum,
        indicator_code
    from verborgen
),

wijk_cel as (
    select
        cel.object_id,
        cel.peildatum,
        cel.indicator_code,
        met_verborgen_in_wijk.wijk_id is not null as heeft_verborgen,
        cel.is_dicht or coalesce({{ is_herleidbaar(
            'cel.soort_meting', 'rest.aantal', 'rest.teller', 'rest.noemer', 'rest.onder',
            'rest.boven', 'cel.toon_minimum', 'cel.cel_minimum_teller'
        ) }}, false) as is_verborgen
    from cel
    left join rest_wijk as rest
        on
            cel.object_id = rest.object_id
            and cel.peildatum = rest.peildatum
            and cel.indicator_code = rest.indicator_code
    left join met_verborgen_in_wijk
        on
            cel.object_id = met_verborgen_in_wijk.wijk_id
            and cel.peildatum = met_verborgen_in_wijk.peildatum
            and cel.indicator_code = met_verborgen_in_wijk.indicator_code
    where cel.niveau = 'wijk'
),

-- wat een lezer van de portefeuille overhoudt: de onbekenden buiten elke getoonde wijk
rest_portefeuille as (
    select
        onbekend.peildatum,
        onbekend.indicator_code,
        sum(onbekend.aantal) as aantal,
        sum(onbekend.teller) as teller,
        sum(onbekend.noemer) as noemer,
        sum(onbekend.onder) as onder,
        sum(onbekend.boven) as boven
    from onbekend_in_wijk as onbekend
    left join wijk_cel
        on
            onbekend.wijk_id = wijk_cel.object_id
            and onbekend.peildatum = wijk_cel.peildatum
            and onbekend.indicator_code = wijk_cel.indicator_code
    where coalesce(wijk_cel.is_verborgen, true)
    group by 1, 2
),

portefeuille as (
    select
        rest.peildatum,
        rest.indicator_code
    from rest_portefeuille as rest
    inner join indicator on rest.indicator_code = indicator.indicator_code
    cross join parameter
    where {{ is_herleidbaar(
        'indicator.soort_meting', 'rest.aantal', 'rest.teller', 'rest.noemer', 'rest.onder',
        'rest.boven', 'indicator.toon_minimum', 'parameter.cel_minimum_teller'
    ) }}
),

samen as (
    select
        'complex' as niveau,
        object_id,
        peildatum,
        indicator_code,
        true as is_verborgen
    from verborgen
    union all
    select
        'buurt' as niveau,
        object_id,
        peildatum,
        indicator_code,
        is_verborgen
    from buurt
    where is_verborgen or heeft_verborgen
    union all
    select
        'wijk' as niveau,
        object_id,
        peildatum,
        indicator_code,
        is_verborgen
    from wijk_cel
    where is_verborgen or heeft_verborgen
    union all
    select
        'portefeuille' as niveau,
        'alle' as object_id,
        peildatum,
        indicator_code,
        true as is_verborgen
    from portefeuille
),

vijftal as (
    select
        niveau,
        object_id,
        peildatum,
        indicator_code
    from cel
    where soort_meting = 'telling' and niveau != 'wijk'
)

select
    coalesce(samen.niveau, vijftal.niveau) as niveau,
    coalesce(samen.object_id, vijftal.object_id) as object_id,
    coalesce(samen.peildatum, vijftal.peildatum) as peildatum,
    coalesce(samen.indicator_code, vijftal.indicator_code) as indicator_code,
    coalesce(samen.is_verborgen, false) as is_verborgen,
    vijftal.niveau is not null as is_op_vijftal
from samen
full outer join vijftal
    on
        samen.niveau = vijftal.niveau
        and samen.object_id = vijftal.object_id
        and samen.peildatum = vijftal.peildatum
        and samen.indicator_code = vijftal.indicator_code
