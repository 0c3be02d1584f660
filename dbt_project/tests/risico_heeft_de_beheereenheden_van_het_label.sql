-- Eén rij per complex en peildatum waarvoor het overlastmodel een andere beheereenheid of een ander
-- aantal woningen heeft dan het label. De regel staat er twee keer: het label telt per kwartaal en
-- zijn kalender hangt af van bronnen die dit model niet leest.
with

gevraagd as (
    select distinct maand from {{ ref('int_overlast__beheereenheid') }}
)

select
    van_label.complex_id,
    van_label.peildatum
from {{ ref('int_complex__beheereenheid') }} as van_label
inner join gevraagd on van_label.peildatum = gevraagd.maand
left join {{ ref('int_overlast__beheereenheid') }} as risico
    on van_label.complex_id = risico.complex_id and van_label.peildatum = risico.maand
where
    risico.complex_id is null
    or van_label.verhuureenheden_aantal != risico.aantal_eenheden
    or coalesce(van_label.beheereenheid_id, '') != coalesce(risico.beheereenheid_id, '')
