-- Eén rij per overeenkomst met achterstand en peildatum, uit de bron die voor die peildatum geldt.
-- Uit boekingen: vorderingen met vervaldatum voor de peildatum min ontvangsten tot de peildatum,
-- gedeeld door de maandhuur. Het saldo van vandaag wordt nooit gebruikt.
with

peildatum as (
    select * from {{ ref('int_huur__achterstand_peildatum') }}
),

huurachterstand as (
    select * from {{ ref('stg_vera__huurachterstand') }}
),

boeking as (
    select * from {{ ref('stg_vera__boeking') }}
    where soort_code in ('VOR', 'ONT')
),

geleverd as (
    select
        huurachterstand.overeenkomst_id,
        peildatum.peildatum,
        huurachterstand.maanden_achterstand
    from huurachterstand
    inner join peildatum on huurachterstand.peildatum = peildatum.standdatum
    where {{ is_bekend('huurachterstand', 'peildatum.peildatum') }}
),

-- elke boeking telt mee vanaf het eerste kwartaal na haar vervaldatum waarop zij bekend is, en
-- niet meer vanaf het kwartaal waarop er een nieuwe versie van is
wijziging as (
    select
        overeenkomst_id,
        {{ kwartaal_vanaf(tel_dagen(
            "greatest(case when soort_code = 'VOR' then vervaldatum else boekdatum end, bekend_vanaf)",
            1
        )) }} as vanaf,
        {{ kwartaal_vanaf(tel_dagen('bekend_tot', 1)) }} as tot,
        case when soort_code = 'VOR' then bedrag_eur else -bedrag_eur end as bedrag_eur,
        case when soort_code = 'VOR' and detail_soort_code = 'PRO' then bedrag_eur end
            as maandhuur_eur
    from boeking
),

per_kwartaal as (
    select
        overeenkomst_id,
        kwartaal,
        sum(bedrag_eur) as bedrag_eur,
        max(maandhuur_eur) as maandhuur_eur
    from (
        select
            overeenkomst_id,
            vanaf as kwartaal,
            bedrag_eur,
            maandhuur_eur
        from wijziging
        where tot is null or vanaf < tot
        union all
        select
            overeenkomst_id,
            tot as kwartaal,
            -bedrag_eur as bedrag_eur,
            null as maandhuur_eur
        from wijziging
        where vanaf < tot
    ) as beide
    group by overeenkomst_id, kwartaal
),

opgeteld as (
    select
        overeenkomst_id,
        kwartaal,
        lead(kwartaal) over (partition by overeenkomst_id order by kwartaal) as volgend_kwartaal,
        sum(bedrag_eur) over (partition by overeenkomst_id order by kwartaal) as achterstand_eur,
        max(maandhuur_eur) over (partition by overeenkomst_id order by kwartaal) as maandhuur_eur
    from per_kwartaal
),

herbouwd as (
    select
        opgeteld.overeenkomst_id,
        peildatum.peildatum,
        opgeteld.achterstand_eur,
        opgeteld.maandhuur_eur
    from opgeteld
    inner join peildatum
        on
            peildatum.herkomst_code = 'boeking'
            and opgeteld.kwartaal <= peildatum.peildatum
            and coalesce(opgeteld.volgend_kwartaal, date '9999-12-31') > peildatum.peildatum
    where opgeteld.achterstand_eur > 0 and opgeteld.maandhuur_eur > 0
)

select
    overeenkomst_id,
    peildatum,
    cast(maanden_achterstand as decimal(8, 2)) as maanden_achterstand
from geleverd
union all
select
    overeenkomst_id,
    peildatum,
    cast(achterstand_eur / maandhuur_eur as decimal(8, 2)) as maanden_achterstand
from herbouwd
