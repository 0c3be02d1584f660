"""A search by the index finds what reading every text finds, in the same order."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serving.api.lijst import Vraag, find_objects
from serving.release import schema, zoekindex
from serving.release.winkel import Uitgave, open_release
from serving.release.zoekindex import read_zoekindex
from serving.toegang.inzage import look_as
from tests.unit.serving.voorbeeld_release import build_tables, publish_example, reseal
from vera.toegang import Lezer

STUKKEN = ("straat", "laan", "eik", "c0", "1", "a", "|", "van", "el", "x", "hof", "voor", "zz")


def make_store(teksten: list[str]) -> sqlite3.Connection:
    opzoek = sqlite3.connect(":memory:")
    opzoek.executescript(schema.OPZOEK_DDL)
    opzoek.executescript(zoekindex.DDL)
    opzoek.executemany(
        "insert into lijst (niveau, beheerobject_id, naam, zoek, body) values (?, ?, ?, ?, ?)",
        [("complex", f"C{k}", "naam", tekst, b"") for k, tekst in enumerate(teksten)],
    )
    zoekindex.fill(opzoek)
    return opzoek


class Los(Uitgave):
    """A store without a folder."""

    def __init__(self, opzoek: sqlite3.Connection) -> None:
        self._los = opzoek

    def _opzoek(self) -> sqlite3.Connection:
        return self._los


woorden = st.lists(st.sampled_from(STUKKEN), min_size=1, max_size=3).map("".join)
teksten = st.lists(woorden, min_size=1, max_size=5).map(" ".join)


@given(
    alle=st.lists(teksten, max_size=12),
    zoek=st.lists(woorden, max_size=3).map(" ".join),
    weinig=st.sampled_from([0, 1, 500]),
    veel=st.sampled_from([1, 3, 20_000]),
)
def test_index_and_texts_say_the_same(alle: list[str], zoek: str, weinig: int, veel: int) -> None:
    with pytest.MonkeyPatch.context() as anders, closing(make_store(alle)) as opzoek:
        anders.setattr(zoekindex, "WEINIG", weinig)
        anders.setattr(zoekindex, "_MAXIMUM_RIJEN", veel)
        index = read_zoekindex(Los(opzoek))
        assert index is not None
        treffers = index.find_treffers(zoek)

    kandidaten = range(1, len(alle) + 1) if treffers.rijen is None else treffers.rijen
    gevonden = {
        rij for rij in kandidaten if all(deel in alle[rij - 1] for deel in treffers.rest.split())
    }
    assert gevonden == {
        rij for rij, tekst in enumerate(alle, 1) if all(deel in tekst for deel in zoek.split())
    }


@pytest.mark.parametrize(("weinig", "veel"), [(500, 20_000), (0, 20_000), (0, 1)])
@pytest.mark.parametrize("sorteer", ["naam", "-score"])
def test_page_is_the_same_with_and_without_an_index(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, weinig: int, veel: int, sorteer: str
) -> None:
    monkeypatch.setattr("serving.api.lijst.WEINIG", weinig)
    monkeypatch.setattr(zoekindex, "WEINIG", weinig)
    monkeypatch.setattr(zoekindex, "_MAXIMUM_RIJEN", veel)
    zonder = publish_example(tmp_path / "zonder", build_tables())
    with open_release(zonder) as kaal, open_release(zonder) as uitgave:
        kaal.remember("zoekindex", lambda: None)
        for zoek in ("laan", "c00", "kwartier c001", "a e", "zzz", "  ", "%"):
            for labels in ((), (5, 0)):
                vraag = Vraag("complex", labels, zoek=zoek, sorteer=sorteer, per_pagina=2)  # type: ignore[arg-type]
                assert find_objects(uitgave, vraag) == find_objects(kaal, vraag), zoek


def test_same_complexes_give_the_same_bytes_in_any_order(tmp_path: Path) -> None:
    tabellen = build_tables()
    omgekeerd = {naam: t.take(list(range(t.num_rows))[::-1]) for naam, t in tabellen.items()}
    een = publish_example(tmp_path / "een", tabellen)
    ander = publish_example(tmp_path / "ander", omgekeerd)

    assert een.name == ander.name


def test_release_that_has_no_index_yet_is_searched_through_its_texts(tmp_path: Path) -> None:
    release = publish_example(tmp_path / "r", build_tables())
    opzoek = release / schema.BESTAND_OPZOEK
    opzoek.chmod(0o644)
    with closing(sqlite3.connect(opzoek)) as verbinding:
        verbinding.execute("drop table zoekindex")
        verbinding.commit()

    with open_release(reseal(release)) as uitgave:
        rijen = find_objects(uitgave, Vraag("complex", zoek="c001")).rijen

    assert [json.loads(rij)["id"] for rij in rijen] == ["C001"]


def test_words_of_complexes_are_not_in_what_a_reader_of_labels_alone_is_handed(
    tmp_path: Path,
) -> None:
    with open_release(publish_example(tmp_path / "r", build_tables())) as uitgave:
        gezien = look_as(uitgave, Lezer(None))

        assert read_zoekindex(uitgave) is not None
        assert read_zoekindex(gezien) is None
        assert find_objects(gezien, Vraag("complex", zoek="c001")).aantal == 0
