"""``bronnen.yml``: names are names, questions only read, and no address stands in it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from sources.databank.bronnen import BESTAND, Databank, check_vraag, keep_bronnen, read_bronnen
from vera.contract import Contract
from vera.errors import GebruikFout


@pytest.fixture
def lees(tmp_path: Path, contract: Contract) -> Any:
    def read(inhoud: object) -> tuple[Databank, ...]:
        tekst = inhoud if isinstance(inhoud, str) else yaml.safe_dump(inhoud)
        (tmp_path / BESTAND).write_text(tekst, encoding="utf-8")
        return read_bronnen(tmp_path, contract)

    return read


def say(**zaak: object) -> dict[str, Any]:
    return {"databases": {"primair": {"tabellen": {"vera.zaak": zaak}}}}


def test_without_the_file_nothing_comes_from_a_database(tmp_path: Path, contract: Contract) -> None:
    assert read_bronnen(tmp_path, contract) == ()


def test_tables_are_read_in_the_order_of_the_contract(lees: Any) -> None:
    (databank,) = lees(
        {
            "databases": {
                "primair": {
                    "tabellen": {
                        "vera.zaak": {"uit": "dwh.v_zaak", "cursor": "gewijzigd_op"},
                        "vera.eenheid": {"vraag": "select * from eenheid;"},
                    }
                }
            }
        }
    )
    eenheid, zaak = databank.tabellen
    assert (eenheid.tabel.id, eenheid.vraag) == ("vera.eenheid", "select * from eenheid")
    assert (zaak.uit, zaak.cursor, zaak.speling_dagen) == ("dwh.v_zaak", "gewijzigd_op", 3)


@pytest.mark.parametrize(
    "naam",
    [
        "zaak; drop table zaak", "zaak--", 'zaak"', "zaak where 1=1", "(select 1)", "a.b.c.d",
        "zaak\n", "zaak'", "1zaak", "zaak/**/", "pg_sleep(9)", "", " ",
    ],
)  # fmt: skip
def test_name_that_is_more_than_a_name_is_refused(lees: Any, naam: str) -> None:
    with pytest.raises(GebruikFout):
        lees(say(uit=naam))
    if naam:
        with pytest.raises(GebruikFout, match="geen naam"):
            lees(say(uit="zaak", cursor=naam))


@pytest.mark.parametrize(
    "vraag",
    [
        "delete from zaak", "select 1; select 2", "select * into kopie from zaak",
        "with weg as (delete from zaak returning *) select * from weg",
        "select * from zaak for update", "drop table zaak", "update zaak set zaak_id = 1",
        "create table x as select 1", "copy zaak to '/tmp/x'", "vacuum", "set role baas",
        "select * from (", "",
    ],
)  # fmt: skip
def test_question_that_does_more_than_read_is_refused(lees: Any, vraag: str) -> None:
    with pytest.raises(GebruikFout):
        lees(say(vraag=vraag))


@pytest.mark.parametrize(
    "vraag",
    [
        "select * from zaak where soort <> 'X' order by 1",
        "with z as (select * from zaak) select z.* from z join e on e.id = z.id",
        "select a from x union all select b from y",
        "select cast(dag as date) as begindatum, dag::date, omschrijving from zaak",
    ],
)
def test_question_that_reads_is_taken(vraag: str) -> None:
    check_vraag(vraag, "vera.zaak")


def test_address_of_a_database_is_refused_and_not_repeated(lees: Any) -> None:
    inhoud = say(uit="zaak")
    inhoud["databases"]["primair"]["url"] = "postgresql://baas:geheim-9@host/db"
    with pytest.raises(GebruikFout, match="adres van een database") as fout:
        lees(inhoud)
    assert "geheim-9" not in str(fout.value)


@pytest.mark.parametrize(
    ("inhoud", "zegt"),
    [
        ("databases: [", "geen leesbare YAML"),
        ({"databases": {}}, "niet de goede vorm"),
        ({"tabellen": {}}, "niet de goede vorm"),
        ({"databases": {"Primair!": {"tabellen": {}}}}, "naam die niet kan"),
        ({"databases": {"primair": {}}}, "geen tabellen"),
        ({"databases": {"primair": {"tabellen": {"vera.niets": {"uit": "x"}}}}}, "vera.niets"),
        ({"databases": {"primair": {"tabellen": {"geo.buurt": {"uit": "x"}}}}}, "geo.buurt"),
        (say(uit="x", vraag="select 1"), "waar de rijen staan"),
        (say(), "waar de rijen staan"),
        (say(uit="x", wachtwoord="y"), "niet hoort"),
        (say(uit="x", speling_dagen=-1), "speling"),
        (say(uit="x", speling_dagen=True), "speling"),
        (
            {"databases": {"a": {"tabellen": {"vera.eenheid": {"uit": "x", "cursor": "y"}}}}},
            "altijd heel geleverd",
        ),
        (
            {
                "databases": {
                    "een": {"tabellen": {"vera.zaak": {"uit": "x"}}},
                    "twee": {"tabellen": {"vera.zaak": {"uit": "x"}}},
                }
            },
            "twee databases",
        ),
    ],
)
def test_what_is_wrong_is_said_with_what_to_do(lees: Any, inhoud: object, zegt: str) -> None:
    with pytest.raises(GebruikFout, match=zegt) as fout:
        lees(inhoud)
    assert fout.value.verwacht
    assert fout.value.remedie


def test_one_source_or_table_can_be_chosen(lees: Any) -> None:
    databanken = lees(say(uit="zaak"))
    assert keep_bronnen(databanken, bron="vera") == databanken
    assert keep_bronnen(databanken, tabel="vera.zaak") == databanken
    with pytest.raises(GebruikFout, match="uit geen database"):
        keep_bronnen(databanken, bron="woonfraude")
