"""What all stores of our own share: each has its own lock, setting and migrations."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator

import serving
from serving.opslag import Opslag, Soort


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


def test_every_store_has_migrations_of_its_own() -> None:
    mappen = {naam: soort.migraties for naam, soort in list_soorten().items()}

    assert len(set(mappen.values())) == len(mappen)
    assert [naam for naam, map_ in mappen.items() if not (map_ / "env.py").is_file()] == []
