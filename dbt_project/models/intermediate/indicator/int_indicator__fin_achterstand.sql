-- Eén rij per complex en peildatum: lopende overeenkomsten met twee of meer maanden achterstand,
-- uit de lopende overeenkomsten. Alleen peildata waarvan de stand bekend is.
with

stand as (
    select * from {{ ref('int_huur__achterstand_stand') }}
),

contract as (
    select * from {{ ref('int_huur__contract_in_complex') }}
),

lopend as (
    select * from {{ ref('int_huur__lopend_contract') }}
),

met_stand as (
    select distinct peildatum from stand
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
            and contract.begindatum <= stand.peildatum
            and stand.peildatum < contract.einddatum
    where stand.maanden_achterstand >= 2
    group by 1, 2
),

samen as (
    select
        lopend.complex_id,
        lopend.peildatum,
        coalesce(achter.aantal, 0) as aantal,
        lopend.contracten_aantal
    from lopend
    inner join met_stand on lopend.peildatum = met_stand.peildatum
    left join achter
        on lopend.complex_id = achter.complex_id and lopend.peildatum = achter.peildatum
)

select
    {{ indicator_kolommen('FIN_ACHTERSTAND', 'aantal', 'contracten_aantal') }}
from samen
