-- Eén rij per beheerobject waarvan de oorzaken niet precies optellen tot de verandering van het
-- totaal (label.md, "Explanation"), en per thema dat toen en nu bekend was en waarvan de oorzaken
-- niet optellen tot wat het thema veranderde. De tweede bewaakt de sluitpost van de eerste: die
-- vangt afronding op, geen fout. Met een andere methode is er maar één oorzaak.
with

parameter as (
    select * from {{ ref('int_methode__parameter') }}
),

thema as (
    select * from {{ ref('thema') }}
),

-- de twee peildata die worden vergeleken; de andere doen er niet toe
vergeleken as (
    select
        niveau,
        grondslag,
        peildatum
    from {{ ref('mart_label__verandering') }}
    union distinct
    select
        niveau,
        grondslag,
        vorige_peildatum as peildatum
    from {{ ref('mart_label__verandering') }}
),

label as (
    select
        gepubliceerd.*,
        sum(case when gepubliceerd.score is not null then thema.gewicht end) over (
            partition by
                gepubliceerd.niveau,
                gepubliceerd.beheerobject_id,
                gepubliceerd.grondslag,
                gepubliceerd.peildatum
        ) as som_gewicht,
        thema.gewicht * power(gepubliceerd.score, parameter.macht_totaal) as macht
    from {{ ref('mart_label__sociaal_beheer_label') }} as gepubliceerd
    inner join vergeleken
        on
            gepubliceerd.niveau = vergeleken.niveau
            and gepubliceerd.grondslag = vergeleken.grondslag
            and gepubliceerd.peildatum = vergeleken.peildatum
    left join thema on gepubliceerd.thema_code = thema.thema_code
    cross join parameter
),

verandering as (
    select
        *,
        max(case when soort_code = 'nieuwe_methode' then 1 else 0 end) over (
            partition by niveau, beheerobject_id, grondslag
        ) as is_nieuwe_methode,
        max(case
            when indicator_code = '' and soort_code in ('dekking_weg', 'dekking_terug') then 1
            else 0
        end) over (partition by niveau, beheerobject_id, grondslag) as is_ander_rijtje
    from {{ ref('mart_label__verandering') }}
),

tijdvak as (
    select distinct
        niveau,
        beheerobject_id,
        grondslag,
        peildatum,
        vorige_peildatum,
        is_nieuwe_methode,
        is_ander_rijtje
    from verandering
),

verschil as (
    select
        tijdvak.niveau,
        tijdvak.beheerobject_id,
        tijdvak.grondslag,
        nu.thema_code,
        tijdvak.is_nieuwe_methode,
        tijdvak.is_ander_rijtje,
        {{ vast12('power(nu.score, parameter.macht_totaal)') }}
        - {{ vast12('power(vorig.score, parameter.macht_totaal)') }} as totaal,
        nu.macht / nu.som_gewicht - vorig.macht / vorig.som_gewicht as thema
    from tijdvak
    inner join label as nu
        on
            tijdvak.niveau = nu.niveau
            and tijdvak.beheerobject_id = nu.beheerobject_id
            and tijdvak.grondslag = nu.grondslag
            and tijdvak.peildatum = nu.peildatum
    inner join label as vorig
        on
            nu.niveau = vorig.niveau
            and nu.beheerobject_id = vorig.beheerobject_id
            and nu.grondslag = vorig.grondslag
            and nu.thema_code = vorig.thema_code
            and tijdvak.vorige_peildatum = vorig.peildatum
    cross join parameter
),

per_thema as (
    select
        niveau,
        beheerobject_id,
        grondslag,
        thema_code,
        sum(effect) as effect
    from verandering
    group by 1, 2, 3, 4
),

per_object as (
    select
        niveau,
        beheerobject_id,
        grondslag,
        sum(effect) as effect
    from verandering
    group by 1, 2, 3
)

select
    verschil.niveau,
    verschil.beheerobject_id,
    verschil.grondslag,
    verschil.thema_code,
    cast(verschil.totaal as double) as verwacht,
    cast(per_object.effect as double) as gevonden
from verschil
inner join per_object
    on
        verschil.niveau = per_object.niveau
        and verschil.beheerobject_id = per_object.beheerobject_id
        and verschil.grondslag = per_object.grondslag
where
    verschil.thema_code = 'TOT'
    and verschil.totaal is not null
    and coalesce(per_object.effect, 0) != verschil.totaal
union all
select
    verschil.niveau,
    verschil.beheerobject_id,
    verschil.grondslag,
    verschil.thema_code,
    verschil.thema as verwacht,
    cast(per_thema.effect as double) as gevonden
from verschil
inner join verschil as totaal
    on
        verschil.niveau = totaal.niveau
        and verschil.beheerobject_id = totaal.beheerobject_id
        and verschil.grondslag = totaal.grondslag
        and totaal.thema_code = 'TOT'
        and totaal.totaal is not null
left join per_thema
    on
        verschil.niveau = per_thema.niveau
        and verschil.beheerobject_id = per_thema.beheerobject_id
        and verschil.grondslag = per_thema.grondslag
        and verschil.thema_code = per_thema.thema_code
where
    verschil.thema_code != 'TOT'
    and verschil.is_nieuwe_methode = 0
    and verschil.is_ander_rijtje = 0
    and abs(verschil.thema - coalesce(per_thema.effect, 0)) > 1e-6
