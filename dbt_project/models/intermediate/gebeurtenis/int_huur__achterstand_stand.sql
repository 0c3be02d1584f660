-- Eén rij per overeenkomst met achterstand en peildatum. Een stand die de bron maandelijks
-- levert gaat voor; waar die voor een peildatum ontbreekt en er boekingen zijn, wordt hij
-- herbouwd: vorderingen met vervaldatum voor de peildatum min ontvangsten tot de peildatum.
-- Het saldo van vandaag wordt nooit gebruikt.
with

peildatum as (
    select peildatum from {{ ref('int_tijd__peildatum') }}
),

huurachterstand as (
    select * from {{ ref('stg_vera__huurachterstand') }}
),

boeking as (
    select * from {{ ref('stg_vera__boeking') }}
),

geleverd as (
    select
        huurachterstand.overeenkomst_id,
        peildatum.peildatum,
        huurachterstand.maanden_achterstand
    from huurachterstand
    inner join peildatum on huurachterstand.peildatum = peildatum.peildatum
    -- de stand op de eerste dag van de maand is er pas op die dag: hier telt hij mee
    where huurachterstand.bekend_vanaf <= peildatum.peildatum
        and (
            huurachterstand.bekend_tot is null
            or huurachterstand.bekend_tot > peildatum.peildatum
        )
),

zonder_stand as (
    select peildatum.peildatum
    from peildatum
    where not exists (
        select 1 from huurachterstand where huurachterstand.peildatum = peildatum.peildatum
    )
),

herbouwd as (
    select
        boeking.overeenkomst_id,
        zonder_stand.peildatum,
        sum(case
            when boeking.soort_code = 'VOR' and boeking.vervaldatum < zonder_stand.peildatum
                then boeking.bedrag_eur
            when boeking.soort_code = 'ONT' and boeking.boekdatum < zonder_stand.peildatum
                then -boeking.bedrag_eur
            else 0
        end) as achterstand_eur,
        max(case
            when
                boeking.soort_code = 'VOR' and boeking.detail_soort_code = 'PRO'
                and boeking.vervaldatum < zonder_stand.peildatum
                then boeking.bedrag_eur
        end) as maandhuur_eur
    from boeking
    inner join zonder_stand
        on {{ is_bekend('boeking', 'zonder_stand.peildatum') }}
    group by 1, 2
)

select
    overeenkomst_id,
    peildatum,
    maanden_achterstand
from geleverd
union all
select
    overeenkomst_id,
    peildatum,
    cast(achterstand_eur / maandhuur_eur as decimal(6, 2)) as maanden_achterstand
from herbouwd
where achterstand_eur > 0 and maandhuur_eur > 0
