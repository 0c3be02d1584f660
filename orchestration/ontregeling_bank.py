"""The data folder that chaos trials break a copy of, and what is true of it.

Two releases are known to the byte: the one that is served at first, and the one that the next run
publishes when nothing happens. Everything that is ready for that run stands in the folder, so that
a trial may do the last step alone or the whole run.

Belongs here: making that folder, copying it, starting processes, telling what is served and what
lies where it should not. Does not belong here: faults (:mod:`orchestration.ontregeling`).
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from multiprocessing import get_context
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any, Final

from orchestration import archief
from orchestration.methode import compute_codeversie
from orchestration.ontregeling_werk import start
from serving.release import schema
from serving.release.wijzer import GeenRelease, activate, current
from serving.release.winkel import Uitgave, Winkel, hash_file, verify
from sources.demo.genereer import generate
from sources.organisatie import BESTAND as ORGANISATIE
from vera.errors import BuurtpeilError

EENHEDEN, JAREN = 400, 3
LEVERINGEN, DATA, FEITEN = "leveringen", "data", "bank.json"
GEDULD: Final = 900.0
"""Seconds that a process of a trial may take on a machine that does more."""

_ANDERS: Final = re.compile(
    r"(dagster|dbt|leveringen)/|.*\.sqlite-(wal|shm|journal)|leeslog/|run\.slot|demo\.json"
    r"|[a-z]+\.sqlite|mlflow.*|modellen/.*|sleutels/[a-z]+\.(sleutel|geheim|anker)"
)
"""What may be there or not: history, stores of people, and what belongs to an open store."""


@dataclass(frozen=True)
class Stap:
    """A line that a run prints at the end of a step, and how long after the one before."""

    regel: str
    seconden: float


@dataclass(frozen=True)
class Feiten:
    """What is true of the folder.

    Parameters
    ----------
    oud, nieuw
        Id of the release that is served at first, and of the one that a run publishes.
    sommen
        Per release a hash over everything that its store answers.
    bestanden
        What stands in the data folder after an undisturbed run.
    raak
        How often publishing touches a file or folder.
    duur
        Seconds that publishing takes.
    codeversie
        Of the code that made it; it is in every release, so other code makes others.
    stappen
        Of an undisturbed run; empty when none was made for this folder.
    """

    oud: str
    nieuw: str
    sommen: dict[str, str]
    bestanden: tuple[str, ...]
    raak: int
    duur: float
    codeversie: str
    stappen: tuple[Stap, ...] = ()


@dataclass(frozen=True)
class Bank:
    """A folder with ``data``, ``leveringen``, and a sound copy of the new release.

    Parameters
    ----------
    map_
        The folder.
    feiten
        What is true of it.
    """

    map_: Path
    feiten: Feiten

    @property
    def leveringen(self) -> Path:
        """The deliveries, which are only read."""
        return self.map_ / LEVERINGEN

    @property
    def data(self) -> Path:
        """The data folder, ready for the next run."""
        return self.map_ / DATA

    def copy_nieuw(self, naar: Path) -> None:
        """Put a sound copy of the new release somewhere."""
        shutil.copytree(self.map_ / self.feiten.nieuw, naar)

    @contextmanager
    def open_kopie(self, naam: str, waar: Path | None = None) -> Iterator[Path]:
        """Give a copy of the data folder to break; it goes afterwards."""
        data = (waar or self.map_) / naam
        shutil.rmtree(data, ignore_errors=True)
        # No hard links: a fault may write into a file.
        shutil.copytree(self.data, data, ignore=shutil.ignore_patterns("dagster", "run.slot"))
        try:
            yield data
        finally:
            shutil.rmtree(data, ignore_errors=True)


@dataclass(frozen=True)
class Einde:
    """How a process ended.

    Parameters
    ----------
    code
        Its exit code; negative = the signal that killed it.
    tekst
        What it said.
    """

    code: int
    tekst: str

    @property
    def is_gedood(self) -> bool:
        """Whether something killed it."""
        return self.code < 0

    @property
    def is_duidelijk(self) -> bool:
        """Whether a failure was told in our words, and not by a traceback."""
        return self.code > 0 and "Traceback" not in self.tekst and bool(self.tekst.strip())


class Proces:
    """A process of a trial.

    Parameters
    ----------
    werk
        Name of what it does (``orchestration.ontregeling_werk``).
    argumenten
        For that work.
    uit
        File that takes what it says.
    """

    def __init__(self, werk: str, argumenten: tuple[Any, ...], uit: Path) -> None:
        uit.unlink(missing_ok=True)
        self.uit = uit
        # The one that processes are forked from has no threads and no open store.
        omgeving = get_context("forkserver")
        omgeving.set_forkserver_preload(["orchestration.ontregeling_werk"])
        self.proces: BaseProcess = omgeving.Process(target=start, args=(werk, argumenten, uit))
        self.proces.start()

    def kill(self) -> None:
        """End it by kill -9."""
        self.proces.kill()

    def wait(self, geduld: float = GEDULD) -> Einde:
        """Wait for its end; one that does not end is killed."""
        self.proces.join(geduld)
        if self.proces.exitcode is None:
            self.proces.kill()
            self.proces.join()
        code = self.proces.exitcode
        self.proces.close()
        tekst = self.uit.read_text(encoding="utf-8", errors="replace") if self.uit.exists() else ""
        return Einde(-9 if code is None else code, tekst)


def call(werk: str, *argumenten: Any, uit: Path) -> Einde:
    """Let a process do its work to the end."""
    return Proces(werk, argumenten, uit).wait()


def build_bank(map_: Path, *, seed: int, heel: bool, basis: Path | None = None) -> Bank:
    """Make the folder, or take the one that stands there.

    Parameters
    ----------
    map_
        Where.
    seed
        Of the demo association.
    heel
        Make the new release by a whole run, which trials of whole runs need.
    basis
        A data folder with a release and its ``leveringen`` beside it; None = one is made, which
        takes a run.

    Raises
    ------
    BuurtpeilError
        When an undisturbed run fails.
    """
    feiten = _read_feiten(map_)
    versie = compute_codeversie()
    if feiten is not None and feiten.codeversie == versie and (feiten.stappen or not heel):
        return Bank(map_, feiten)
    shutil.rmtree(map_, ignore_errors=True)
    map_.mkdir(parents=True)
    data, leveringen, uit = map_ / DATA, map_ / LEVERINGEN, map_ / "uit.txt"
    if basis is None:
        generate(leveringen, eenheden=EENHEDEN, jaren=JAREN, seed=seed)
        _demand(call("opdracht", *command_run(data, leveringen), uit=uit))
    else:
        shutil.copytree(basis, data, ignore=shutil.ignore_patterns("leveringen"))
        shutil.copytree(basis.parent / LEVERINGEN, leveringen)
        # An archive from before there were sums gets them by being published again.
        _demand(call("publiceer", data, leveringen, uit=uit))
    oud = str(current(data / "releases"))
    _rename(leveringen / ORGANISATIE)
    stappen: tuple[Stap, ...] = ()
    if heel:
        stappen = _run_and_time(data, leveringen, uit)
        _forget_nieuw(data, oud)
    tel, begin = map_ / "raak.txt", time.monotonic()
    _demand(call("publiceer", data, leveringen, 0, 0, tel, uit=uit))
    duur, nieuw = time.monotonic() - begin, str(current(data / "releases"))
    feiten = Feiten(
        oud,
        nieuw,
        {id_: hash_antwoorden(Uitgave(data / "releases" / id_)) for id_ in (oud, nieuw)},
        tuple(sorted(list_bestanden(data))),
        int(tel.read_text(encoding="ascii")),
        duur,
        versie,
        stappen,
    )
    shutil.copytree(data / "releases" / nieuw, map_ / nieuw)
    _forget_nieuw(data, oud)
    (map_ / FEITEN).write_text(json.dumps(asdict(feiten), indent=1), encoding="utf-8")
    return Bank(map_, feiten)


def command_run(data: Path, leveringen: Path) -> tuple[str, ...]:
    """Return the arguments of a run."""
    return ("run", "--data", str(data), "--leveringen", str(leveringen))


def _read_feiten(map_: Path) -> Feiten | None:
    pad = map_ / FEITEN
    if not pad.exists():
        return None
    inhoud = json.loads(pad.read_text(encoding="utf-8"))
    stappen = tuple(Stap(**stap) for stap in inhoud.pop("stappen"))
    return Feiten(**{**inhoud, "bestanden": tuple(inhoud["bestanden"])}, stappen=stappen)


def _demand(einde: Einde) -> None:
    if einde.code:
        raise BuurtpeilError(
            f"De ongestoorde run mislukte (uitgang {einde.code}): {einde.tekst[-2000:]}",
            verwacht="een run die slaagt",
            remedie="herstel die eerst; er valt nog niets te ontregelen",
        )


def _rename(pad: Path) -> None:
    """Give the association another name: the same labels, and another release."""
    tekst = pad.read_text(encoding="utf-8")
    pad.write_text(re.sub(r'(?m)^naam: "?(.*?)"?$', r'naam: "\1, ontregeld"', tekst), "utf-8")


def _run_and_time(data: Path, leveringen: Path, uit: Path) -> tuple[Stap, ...]:
    proces = Proces("opdracht", command_run(data, leveringen), uit)
    stappen: list[Stap] = []
    vorige = time.monotonic()
    for regel in follow_stappen(proces):
        nu = time.monotonic()
        stappen.append(Stap(regel, nu - vorige))
        vorige = nu
    _demand(proces.wait())
    return tuple(stappen)


def follow_stappen(proces: Proces) -> Iterator[str]:
    """Yield the name of each step that a run says it ended, until its process ends."""
    gezien = 0
    while True:
        leeft = proces.proces.is_alive()
        tekst = proces.uit.read_text(encoding="utf-8") if proces.uit.exists() else ""
        namen = re.findall(r"(?m)^([a-z].*): \d+\.\d s$", tekst)
        yield from namen[gezien:]
        gezien = len(namen)
        if not leeft:
            return
        time.sleep(0.02)


def _forget_nieuw(data: Path, oud: str) -> None:
    """Take the new release away again: its content is known, the folder is ready to publish."""
    nieuw = str(current(data / "releases"))
    activate(data / "releases", oud)
    for deel in ("releases", "archief", "goedkeuring"):
        shutil.rmtree(data / deel / nieuw, ignore_errors=True)


def hash_antwoorden(uitgave: Uitgave) -> str:
    """Return a hash over every row of a release's store."""
    som = hashlib.sha256()
    tabellen = uitgave.query("select name from sqlite_master where type = 'table' order by name")
    for (tabel,) in tabellen:
        som.update(tabel.encode())
        for rij in uitgave.query(f'select * from "{tabel}" order by 1, 2'):
            som.update(repr(rij).encode())
    return som.hexdigest()


def list_bestanden(data: Path) -> set[str]:
    """Return the files and empty folders of a data folder, without what may be there or not."""
    paden = {
        pad.relative_to(data).as_posix()
        for pad in data.rglob("*")
        if pad.is_file() or not any(pad.iterdir())
    }
    return {pad for pad in paden if not _ANDERS.match(pad)}


@dataclass(frozen=True)
class Stand:
    """What is served.

    Parameters
    ----------
    getoond
        ``vorige``, ``nieuwe``, ``niets``, or ``andere``: of deliveries that a trial changed.
    fouten
        What is wrong with that, in Dutch.
    """

    getoond: str
    fouten: tuple[str, ...] = ()


def look(bank: Bank, data: Path, winkel: Winkel | None = None) -> Stand:
    """Judge what is served from a data folder, answer by answer.

    Parameters
    ----------
    bank
        What is true.
    data
        The folder.
    winkel
        A door that was open already; None = one that is opened now.
    """
    feiten = bank.feiten
    try:
        uitgave = (winkel or Winkel(data / "releases")).current()
        som = hash_antwoorden(uitgave)
    except (GeenRelease, BuurtpeilError):
        return Stand("niets")
    except (sqlite3.Error, OSError, ValueError) as fout:
        return Stand("niets", (f"een vraag eindigt met {type(fout).__name__}",))
    getoond = {feiten.oud: "vorige", feiten.nieuw: "nieuwe"}.get(uitgave.release_id, "andere")
    fouten = []
    if getoond == "andere":
        fouten += verify(data / "releases" / uitgave.release_id)
    elif som != feiten.sommen[uitgave.release_id]:
        fouten.append(f"release {uitgave.release_id} antwoordt anders dan zij is gepubliceerd")
    if getoond == "nieuwe":
        fouten += _check_heel(bank, data)
    return Stand(getoond, tuple(fouten))


def _check_heel(bank: Bank, data: Path) -> list[str]:
    """Return what a release that is served lacks: all of it stood there before the pointer."""
    nieuw = bank.feiten.nieuw
    fouten = [f"getoond en niet gaaf: {p}" for p in verify(data / "releases" / nieuw)[:1]]
    try:
        archief.check_archief(data / "archief", nieuw)
    except BuurtpeilError as fout:
        fouten.append(f"getoond zonder archief: {fout.gevonden}")
    return fouten


def judge_na_run(bank: Bank, data: Path, einde: Einde) -> list[str]:
    """Return what is wrong after the run that followed a fault: the same release, no rubbish."""
    fouten = []
    if einde.code:
        laatste = einde.tekst.strip().splitlines()[-1:] or ["zonder bericht"]
        fouten.append(f"de volgende run eindigt met {einde.code}: {laatste[0][:300]}")
    stand = look(bank, data)
    if stand.getoond != "nieuwe":
        fouten.append(f"na de volgende run wordt getoond: {stand.getoond}")
    fouten += stand.fouten
    if not einde.code:
        fouten += [f"blijft liggen: {pad}" for pad in find_afval(bank, data)[:5]]
        fouten += _compare_bytes(bank, data)
    return fouten


def find_afval(bank: Bank, data: Path) -> list[str]:
    """Return files that an undisturbed run does not leave."""
    return sorted(list_bestanden(data) - set(bank.feiten.bestanden))


def _compare_bytes(bank: Bank, data: Path) -> list[str]:
    goed, nu = (map_ / bank.feiten.nieuw for map_ in (bank.map_, data / "releases"))
    return [
        f"andere bytes dan een ongestoorde run: {pad.relative_to(goed)}"
        for pad in sorted(goed.rglob("*"))
        if pad.is_file()
        and pad.name not in schema.BUITEN_DE_INHOUD
        and (
            not (nu / pad.relative_to(goed)).is_file()
            or hash_file(pad) != hash_file(nu / pad.relative_to(goed))
        )
    ]
