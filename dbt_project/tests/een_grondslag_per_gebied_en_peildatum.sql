-- Eén rij per gebied en peildatum waar twee grondslagen tegelijk de gepubliceerde zouden zijn, of
-- waar eigen geldt met minder dan 50 woningen (label.md stap 11).
select
    niveau,
    beheerobject_id,
    peildatum,
    count(distinct grondslag) as grondslagen,
    min(case when grondslag = 'eigen' then verhuureenheden_aantal end) as woningen
from {{ ref('mart_label__sociaal_beheer_label') }}
where niveau != 'complex' and is_gepubliceerde_grondslag
group by 1, 2, 3
having
    count(distinct grondslag) > 1
    or min(case when grondslag = 'eigen' then verhuureenheden_aantal end) < 50
