-- Eén rij per complex en peildatum: lopende overeenkomsten met een lopende betalingsregeling,
-- uit de lopende overeenkomsten. Peildata voor de eerste regeling, en peildata meer dan drie
-- maanden na de jongste levering, zijn onbekend, niet nul. Zo ook peildata van voor de
-- bewaargrens: wat toen liep, is er niet meer allemaal.
with

parameter as (
    select * from {{ ref('int_methode__parameter') }}
),

-- een geannuleerde regeling liep tot haar einddatum; zonder einddatum is zij er nooit gekomen
regeling as (
    select * from {{ ref('stg_vera__betalingsregeling') }}
    where
        status_code not in ('AAN', 'VER')
        and (status_code != 'ANN' or einddatum is not null)
),

contract as (
    select * from {{ ref('int_huur__contract_in_complex') }}
),

lopend as (
    select * from {{ ref('int_huur__lopend_contract') }}
),

begin_van_bron as (
    select * from {{ ref('int_dekking__begin') }}
    where tabel = 'vera.betalingsregeling'
),

geleverd_tot as (
    select
        max(
            coalesce(leveringsdatum, {{ tel_maanden(begin_maand('jongste_datum'), 1) }})
        ) as tot,
        max(bewaargrens) as bewaard_vanaf
    from {{ source('buurtpeil', 'levering') }}
    where tabel = 'vera.betalingsregeling'
),

peildatum as (
    select peildatum.peildatum
    from {{ ref('int_tijd__peildatum') }} as peildatum
    cross join begin_van_bron
    cross join geleverd_tot
    cross join parameter
    where
        peildatum.peildatum > begin_van_bron.eerste_datum
        and peildatum.peildatum <= {{ tel_maanden(
            'geleverd_tot.tot', 'cast(parameter.maximum_maanden_stand as integer)'
        ) }}
        and (
            geleverd_tot.bewaard_vanaf is null
            or peildatum.peildatum >= geleverd_tot.bewaard_vanaf
        )
),

met_regeling as (
    select
        contract.complex_id,
        peildatum.peildatum,
        count(distinct regeling.overeenkomst_id) as aantal
    from regeling
    inner join peildatum
        on
            regeling.begindatum < peildatum.peildatum
            and coalesce(regeling.einddatum, date '9999-12-31') >= peildatum.peildatum
            and {{ is_bekend('regeling', 'peildatum.peildatum') }}
    inner join contract
        on
            regeling.overeenkomst_id = contract.overeenkomst_id
            and peildatum.peildatum >= contract.begindatum
            and peildatum.peildatum < contract.einddatum
    group by 1, 2
),

samen as (
    select
        lopend.complex_id,
        lopend.peildatum,
        lopend.contracten_aantal,
        coalesce(met_regeling.aantal, 0) as aantal
    from lopend
    inner join peildatum on lopend.peildatum = peildatum.peildatum
    left join met_regeling
        on
            lopend.complex_id = met_regeling.complex_id
            and lopend.peildatum = met_regeling.peildatum
)

select
    {{ indicator_kolommen('FIN_REGELING', 'aantal', 'contracten_aantal') }}
from samen
