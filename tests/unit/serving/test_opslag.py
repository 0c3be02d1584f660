"""What all stores of our own share: each has its own lock, setting and migrations."""

from __future__ import annotations

import importlib
import pkgutil
import traceback
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text

import serving
from serving.initiatief.register import Initiatiefregister
from serving.opslag import Opslag, Soort, url_of_file


def list_soorten() -> dict[str, Soort]:
    """Return what every store is, by the name of the class that says it."""
    for module in pkgutil.walk_packages(serving.__path__, "serving."):
        if ".migraties" not in module.name:
            importlib.import_module(module.name)
    return {
        klasse.__qualname__: klasse.soort for klasse in iter_klassen() if "soort" in vars(klasse)
    }


def iter_klassen(van: type[Opslag] = Opslag) -> Iterator[type[Opslag]]:
    for klasse in van.__subclasses__():
        yield klasse
        yield from iter_klassen(klasse)


def test_writers_of_one_store_never_wait_for_those_of_another() -> None:
    sloten = {naam: soort.slot for naam, soort in list_soorten().items()}

    assert {"Besluitopslag", "Signaalopslag", "Initiatiefregister", "Toegangsregister"} <= set(
        sloten
    )
    assert len(set(sloten.values())) == len(sloten), sloten


def test_error_of_a_store_tells_no_value(tmp_path: Path) -> None:
    register = Initiatiefregister(url_of_file(tmp_path / "initiatieven.sqlite"))
    waarde = "".join(["Ge", "heim"])  # not as it is in this line, which a traceback quotes

    with (
        closing(register),
        pytest.raises(register.soort.fout) as fout,
        register._write() as verbinding,
    ):
        verbinding.execute(text("insert into bestaat_niet values (:naam)"), {"naam": waarde})
    assert fout.value.__cause__ is not None
    assert waarde not in "".join(traceback.format_exception(fout.value.__cause__))


def test_every_store_has_migrations_of_its_own() -> None:
    mappen = {naam: soort.migraties for naam, soort in list_soorten().items()}

    assert len(set(mappen.values())) == len(mappen)
    assert [naam for naam, map_ in mappen.items() if not (map_ / "env.py").is_file()] == []
