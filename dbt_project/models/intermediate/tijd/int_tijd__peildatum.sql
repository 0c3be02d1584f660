-- Eén rij per kwartaalpeildatum waarop een label op eigen gegevens wordt bepaald.
-- De eerste peildatum heeft een vol venster achter zich; de laatste is hooguit de klok.
with

parameter as (
    select * from {{ ref('int_methode__parameter') }}
),

begin_van_bron as (
    select * from {{ ref('int_dekking__begin') }}
    where tabel in ('vera.zaak', 'vera.onderhoudsverzoek', 'wijkbeheer.schouw')
),

begin_eerste as (
    select min(eerste_datum) as eerste_datum from begin_van_bron
),

grenzen as (
    select
        {{ kwartaal_vanaf(tel_maanden(
            begin_maand('begin_eerste.eerste_datum'), 'cast(parameter.venster_maanden as integer)'
        )) }} as eerste,
        {{ begin_kwartaal('parameter.klok') }} as laatste,
        cast(parameter.venster_maanden as integer) as venster_maanden
    from parameter
    cross join begin_eerste
    where begin_eerste.eerste_datum is not null
),

teller as (
    {{ getallenreeks(400) }}
),

reeks as (
    select
        {{ tel_maanden('grenzen.eerste', '3 * cast(teller.nummer as integer)') }} as peildatum,
        grenzen.laatste,
        grenzen.venster_maanden
    from grenzen
    cross join teller
)

select
    peildatum,
    {{ tel_maanden('peildatum', '-venster_maanden') }} as venster_begin,
    row_number() over (order by peildatum) as volgnummer
from reeks
where peildatum <= laatste
