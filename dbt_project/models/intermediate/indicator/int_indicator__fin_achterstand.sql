-- Eén rij per complex en peildatum: lopende overeenkomsten met twee of meer maanden achterstand,
-- uit de lopende overeenkomsten. Alleen peildata waarvan de stand bekend is.
with

parameter as (
    select * from {{ ref('int_methode__parameter') }}
),

peildatum as (
    select * from {{ ref('int_huur__achterstand_peildatum') }}
),

stand as (
    select * from {{ ref('int_huur__achterstand_stand') }}
),

contract as (
    select * from {{ ref('int_huur__contract_in_complex') }}
),

lopend as (
    select * from {{ ref('int_huur__lopend_contract') }}
),

achter as (
    select
        contract.complex_id,
        stand.peildatum,
        count(*) as aantal
    from stand
    inner join contract
        on
            stand.overeenkomst_id = contract.overeenkomst_id
            and stand.peildatum >= contract.begindatum
            and stand.peildatum < contract.einddatum
    cross join parameter
    where stand.maanden_achterstand >= parameter.minimum_maanden_achterstand
    group by 1, 2
),

samen as (
    select
        lopend.complex_id,
        lopend.peildatum,
        lopend.contracten_aantal,
        coalesce(achter.aantal, 0) as aantal
    from lopend
    inner join peildatum on lopend.peildatum = peildatum.peildatum
    left join achter
        on lopend.complex_id = achter.complex_id and lopend.peildatum = achter.peildatum
)

select
    {{ indicator_kolommen('FIN_ACHTERSTAND', 'aantal', 'contracten_aantal') }}
from samen
