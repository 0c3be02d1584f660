-- Eén rij per complex en peildatum: lopende overeenkomsten met een lopende betalingsregeling,
-- uit de lopende overeenkomsten. Peildata voor de eerste regeling zijn onbekend, niet nul.
with

regeling as (
    select * from {{ ref('stg_vera__betalingsregeling') }}
    where status_code not in ('AAN', 'ANN', 'VER')
),

contract as (
    select * from {{ ref('int_huur__contract_in_complex') }}
),

lopend as (
    select * from {{ ref('int_huur__lopend_contract') }}
),

eerste as (
    select min(begindatum) as datum from regeling
),

met_regeling as (
    select
        contract.complex_id,
        peildatum.peildatum,
        count(distinct regeling.overeenkomst_id) as aantal
    from regeling
    inner join {{ ref('int_tijd__peildatum') }} as peildatum
        on
            regeling.begindatum < peildatum.peildatum
            and coalesce(regeling.einddatum, date '9999-12-31') >= peildatum.peildatum
            and {{ is_bekend('regeling', 'peildatum.peildatum') }}
    inner join contract
        on
            regeling.overeenkomst_id = contract.overeenkomst_id
            and contract.begindatum <= peildatum.peildatum
            and peildatum.peildatum < contract.einddatum
    group by 1, 2
),

samen as (
    select
        lopend.complex_id,
        lopend.peildatum,
        coalesce(met_regeling.aantal, 0) as aantal,
        lopend.contracten_aantal
    from lopend
    inner join eerste on lopend.peildatum > eerste.datum
    left join met_regeling
        on
            lopend.complex_id = met_regeling.complex_id
            and lopend.peildatum = met_regeling.peildatum
)

select
    {{ indicator_kolommen('FIN_REGELING', 'aantal', 'contracten_aantal') }}
from samen
