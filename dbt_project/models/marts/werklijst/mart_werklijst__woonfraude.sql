-- Eén rij per complex dat nu bestaat: wat bij een regel van de werklijst woonfraude staat, voor wie
-- er nog zelf over oordeelt. Feiten uit het jaar voor deze maand; geen score en geen uitkomsten.
with

maand as (
    select * from {{ ref('int_woonfraude__complexmaand') }}
),

laatste as (
    select max(maand) as nu from maand
),

venster as (
    select maand.*
    from maand
    cross join laatste
    where maand.maand >= {{ tel_maanden('laatste.nu', -12) }} and maand.maand < laatste.nu
),

geteld as (
    select
        complex_id,
        count(case when is_gedekt_weigering and is_gedekt_advertentie then 1 end)
            as maanden_bekend,
        sum(aantal_weigeringen) as weigeringen,
        sum(aantal_advertenties) as advertenties,
        sum(aantal_onderzoeken_proactief) as onderzoeken
    from venster
    group by complex_id
)

select
    maand.complex_id,
    laatste.nu as peildatum,
    cast(coalesce(geteld.maanden_bekend, 0) as integer) as maanden_bekend,
    cast(geteld.weigeringen as integer) as weigeringen,
    cast(geteld.advertenties as integer) as advertenties,
    cast(geteld.onderzoeken as integer) as onderzoeken
from maand
inner join laatste on maand.maand = laatste.nu
left join geteld on maand.complex_id = geteld.complex_id
where maand.aantal_eenheden > 0
