-- Eén rij per kwartaalpeildatum waarop een label op eigen gegevens wordt bepaald.
-- De eerste peildatum heeft een vol venster achter zich; de laatste is hooguit de klok.
with

parameter as (
    select * from {{ ref('int_methode__parameter') }}
),

eerste_gegeven as (
    select min(begindatum) as datum from {{ ref('stg_vera__zaak') }}
    union all
    select min(melddatum) as datum from {{ ref('stg_vera__onderhoudsverzoek') }}
    union all
    select min(schouwdatum) as datum from {{ ref('stg_wijkbeheer__schouw') }}
),

grenzen as (
    select
        {{ kwartaal_vanaf(tel_maanden(begin_maand('min(eerste_gegeven.datum)'), 12)) }} as eerste,
        {{ begin_kwartaal('max(parameter.klok)') }} as laatste
    from parameter
    cross join eerste_gegeven
),

teller as (
    {{ getallenreeks(400) }}
),

reeks as (
    select
        {{ tel_maanden('grenzen.eerste', '3 * cast(teller.nummer as integer)') }} as peildatum,
        grenzen.laatste
    from grenzen
    cross join teller
    where grenzen.eerste is not null
),

genummerd as (
    select
        peildatum,
        row_number() over (order by peildatum) as volgnummer
    from reeks
    where peildatum <= laatste
)

select
    genummerd.peildatum,
    {{ tel_maanden('genummerd.peildatum', -12) }} as venster_begin,
    genummerd.volgnummer
from genummerd
