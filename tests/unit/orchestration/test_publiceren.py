"""Publishing that is stopped halfway leaves nothing that can be shown without being judged."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from orchestration.assets import release as stap
from orchestration.cli.releases import rollback_to
from orchestration.goedkeuring import Grenzen, read_besluit
from orchestration.instellingen import Instellingen
from orchestration.resources import Werkplaats
from orchestration.voortgang import Voortgang
from serving.release import schema
from serving.release.wijzer import current
from tests.unit.orchestration.test_goedkeuring import write_archief
from tests.unit.serving.voorbeeld_release import INHOUD, build_tables, rename_object
from vera.errors import GebruikFout, PoortUitFout

TELEFOON = "06-12345678"


class Gedood(BaseException):
    """Stands for kill -9: nothing of the run tidies up after it."""


def die(*_: object, **__: object) -> None:
    raise Gedood


Publiceer = Callable[..., dict[str, Any]]


@pytest.fixture
def werkplaats(tmp_path: Path) -> Werkplaats:
    return Werkplaats(data=str(tmp_path / "data"), leveringen=str(tmp_path))


@pytest.fixture
def publiceer(werkplaats: Werkplaats, monkeypatch: pytest.MonkeyPatch) -> Publiceer:
    """Publish the example with a name for one complex; the warehouse behind it is not there."""
    tabellen: dict[str, pa.Table] = {}

    def read(naam: str) -> pa.Table:
        leeg = schema.TABELLEN[naam].kolommen.empty_table()
        return tabellen.get(naam, leeg)

    @contextmanager
    def build_tabellen(_: object, archief_map: Path, __: object) -> Iterator[Path]:
        bouw = write_archief(archief_map / ".bouw", [3] * 40)
        yield bouw
        shutil.rmtree(bouw)

    for naam, doe in {
        "find_referenties": lambda *_: ({}, {}),
        "_count": lambda *_: 0,
        "list_verslagen": lambda *_: (),
        "read_standen": lambda *_: (),
        "open_warehouse": nullcontext,
        "archief.read_tabel": lambda _, naam, *__: read(naam),
        "_describe_inhoud": lambda *_: INHOUD,
        "read_papieren": lambda *_: {},
        "publish_adresindex": lambda *_: 0,
        "write_invoer": lambda *_: None,
        "hash_organisatie": lambda *_: "",
        "read_toegestaan": lambda *_: (),
        "write_verslagen": lambda *_: None,
        "archief.build_archief": build_tabellen,
        "duiding.measure_aandeel": lambda *_: None,
        "duiding.read_table": lambda *_: (),
        "poortmelding.read_meldingen": lambda *_: [],
    }.items():
        monkeypatch.setattr(f"{stap.__name__}.{naam}", doe)

    def publish(naam: str) -> dict[str, Any]:
        tabellen.update(rename_object(build_tables(), "C001", naam))
        uitkomst = stap.publish(werkplaats, Voortgang(), Grenzen())
        map_ = werkplaats.map.archief / str(uitkomst["release"])
        for bestand in ("indicatorwaarde.parquet", "themasignaal.parquet", "leveringen.json"):
            (map_ / bestand).touch()
        return uitkomst

    return publish


def list_geschreven(werkplaats: Werkplaats) -> set[str]:
    return {pad.name for pad in werkplaats.map.releases.iterdir() if pad.is_dir()}


@pytest.mark.parametrize(
    "moment", ["publish_adresindex", "archief.place_archief", "voor_publicatie.check_release",
               "goedkeuring.hold_back"],
)  # fmt: skip
def test_release_of_a_run_that_was_killed_is_not_shown_until_a_run_judged_it(
    moment: str, werkplaats: Werkplaats, publiceer: Publiceer, monkeypatch: pytest.MonkeyPatch
) -> None:
    vorige = publiceer("Eerste")["release"]
    with monkeypatch.context() as kapot:
        kapot.setattr(f"{stap.__name__}.{moment}", die)
        with pytest.raises(Gedood):
            publiceer("Tweede")
    (nieuw,) = list_geschreven(werkplaats) - {vorige}
    with pytest.raises(GebruikFout, match="is niet gekeurd"):
        rollback_to(Instellingen(data=werkplaats.map.data), nieuw)
    assert current(werkplaats.map.releases) == vorige

    assert publiceer("Tweede")["release"] == nieuw
    assert current(werkplaats.map.releases) == nieuw
    assert read_besluit(werkplaats.map, nieuw) is None
    rollback_to(Instellingen(data=werkplaats.map.data), vorige)
    rollback_to(Instellingen(data=werkplaats.map.data), nieuw)


def test_release_that_was_left_by_a_killed_run_goes_when_the_next_one_refuses_it(
    werkplaats: Werkplaats, publiceer: Publiceer, monkeypatch: pytest.MonkeyPatch
) -> None:
    vorige = publiceer("Eerste")["release"]
    with monkeypatch.context() as kapot:
        kapot.setattr(f"{stap.__name__}.voor_publicatie.check_release", die)
        with pytest.raises(Gedood):
            publiceer(f"Bel {TELEFOON}")
    assert len(list_geschreven(werkplaats)) == 2
    with pytest.raises(PoortUitFout, match="telefoonnummer"):
        publiceer(f"Bel {TELEFOON}")
    assert list_geschreven(werkplaats) == {vorige}


def test_release_that_was_left_by_a_killed_run_goes_when_the_next_one_gives_another(
    werkplaats: Werkplaats, publiceer: Publiceer, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as kapot:
        kapot.setattr(f"{stap.__name__}.voor_publicatie.check_release", die)
        with pytest.raises(Gedood):
            publiceer("Eerste")
    tweede = publiceer("Tweede")["release"]
    assert list_geschreven(werkplaats) == {tweede}
    assert {pad.name for pad in werkplaats.map.archief.iterdir()} == {tweede}


def test_release_that_was_shown_before_stays_when_it_is_refused_now(
    werkplaats: Werkplaats, publiceer: Publiceer, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as soepel:
        soepel.setattr(f"{stap.__name__}.voor_publicatie.check_release", lambda *_, **__: [])
        eerste = publiceer(f"Bel {TELEFOON}")["release"]
    tweede = publiceer("Tweede")["release"]
    with pytest.raises(PoortUitFout, match="telefoonnummer"):
        publiceer(f"Bel {TELEFOON}")
    assert list_geschreven(werkplaats) == {eerste, tweede}
    assert current(werkplaats.map.releases) == tweede
