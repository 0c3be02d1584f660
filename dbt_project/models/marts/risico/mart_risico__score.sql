-- Eén rij per model, complex en peildatum: de score zoals zij gepubliceerd is. Nooit over een
-- persoon of woning. Wat gepubliceerd is, blijft; een nieuwe peildatum komt erbij.
with

gepubliceerd as (
    select * from {{ source('buurtpeil', 'gepubliceerde_risicoscore') }}
),

nu as (
    select * from {{ source('buurtpeil', 'risicoscore') }}
),

nieuw as (
    select nu.*
    from nu
    where
        not exists (
            select 1 from gepubliceerd
            where gepubliceerd.model = nu.model and gepubliceerd.peildatum = nu.peildatum
        )
)

select
    model,
    complex_id,
    peildatum,
    scoreversie,
    is_regel,
    kans,
    kans_laag,
    kans_hoog,
    rang,
    kans_top_k,
    band,
    redenen,
    kans_piek
from gepubliceerd
union all
select
    model,
    complex_id,
    peildatum,
    scoreversie,
    is_regel,
    kans,
    kans_laag,
    kans_hoog,
    rang,
    kans_top_k,
    band,
    redenen,
    kans_piek
from nieuw
