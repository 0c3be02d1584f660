"""Chaos trials: something dies, fills up or goes away; then what is left is judged.

Each trial hangs on its number and the seed alone. It takes a copy of a data folder in which one
release is served and the next is ready, lets a real process work there, does one thing to it, and
judges what is left: what is served is to the byte a release that was published, what was
acknowledged is still there, the next run gives what an undisturbed run gives and leaves nothing
lying about, and a failure is told in words.

Belongs here: the kinds of trial, choosing by number, running one. Does not belong here: what a
process does (:mod:`orchestration.ontregeling_werk`), what is true of the folder
(:mod:`orchestration.ontregeling_bank`), the service (:mod:`orchestration.ontregeling_dienst`).
"""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np

from orchestration.ontregeling_bank import (
    Bank,
    Einde,
    Proces,
    Stand,
    call,
    command_run,
    follow_stappen,
    judge_na_run,
    look,
)
from orchestration.ontregeling_dienst import ask_during
from orchestration.ontregeling_server import Server
from orchestration.ontregeling_werk import Opslagplaats, find_verloren, read_bon
from serving.release import schema
from serving.release.wijzer import current
from serving.release.winkel import Winkel
from vera.errors import GebruikFout

SNEL: Final = ("publicatie", "release", "besluit", "schijf", "database", "dienst")
"""Kinds that do the last step of a run, or none."""
HEEL: Final = ("stap", "levering")
"""Kinds that do whole runs."""
SOORTEN: Final = (*SNEL, *HEEL)
WAT: Final[Mapping[str, str]] = {
    "publicatie": "het publiceren wordt gedood tussen twee stappen op de schijf, of op een moment",
    "release": "bytes van een release, het archief of de wijzer zijn anders of weg",
    "besluit": "wie besluiten en signalen vastlegt, wordt gedood",
    "schijf": "de schijf is vol tijdens het publiceren en het vastleggen",
    "database": "PostgreSQL valt weg tijdens het vastleggen",
    "dienst": "de dienst wordt bevraagd en gedood terwijl een publicatie wordt gedood",
    "stap": "een hele run wordt gedood in een willekeurige stap",
    "levering": "een levering heeft een verkeerde klok",
}
SECONDEN_BESLUIT: Final = 1.5
"""How long somebody decides, at most, before a fault."""
BESLUITEN: Final = 60
ADEM: Final = 0.02
LATER: Final = 1000
"""Number of what is decided after a fault; past the complexes, which have a duiding by then."""
RUIMTE: Final = 6 * 1024 * 1024
"""Bytes that publishing writes, generously: a full disk has less room than this."""
RESERVE: Final = 256 * 1024 * 1024

LABELS: Final = f"{schema.MAP_EXPORTS}/sociaal_beheer_label.csv"

Kans = np.random.Generator


@dataclass(frozen=True)
class Uitslag:
    """What was done, and what became of it.

    Parameters
    ----------
    nummer
        Of the trial.
    soort, variant
        What was done.
    moment
        When or where, in Dutch.
    geraakt
        Whether it hit: a process may end before it is killed.
    getoond
        What was served right after it: ``vorige``, ``nieuwe`` or ``niets``.
    fouten
        What is wrong, in Dutch; empty = as it should be.
    """

    nummer: int
    soort: str
    variant: str
    moment: str
    geraakt: bool
    getoond: str
    fouten: tuple[str, ...]


@dataclass
class Omgeving:
    """What trials share.

    Parameters
    ----------
    bank
        The folder that is copied.
    plek
        Folder for copies and what processes say.
    server
        A database server; None = there is none.
    nummer
        Of the trial that runs now.
    """

    bank: Bank
    plek: Path
    server: Server | None = None
    nummer: int = 0
    uit: Path = field(init=False)

    def __post_init__(self) -> None:
        self.plek.mkdir(parents=True, exist_ok=True)
        self.uit = self.plek / "uit.txt"

    @contextmanager
    def open_kopie(self) -> Iterator[Path]:
        """Give a copy of the data folder."""
        with self.bank.open_kopie(f"proef-{self.nummer}", self.plek) as data:
            yield data

    def publish(self, data: Path, sterf_bij: int = 0, grootste: int = 0) -> Einde:
        """Publish in a process of its own."""
        argumenten = (data, self.bank.leveringen, sterf_bij, grootste)
        return call("publiceer", *argumenten, uit=self.uit)

    def start_publish(self, data: Path, sterf_bij: int = 0) -> Proces:
        """Begin to publish."""
        argumenten = (data, self.bank.leveringen, sterf_bij)
        return Proces("publiceer", argumenten, self.uit)


Proef = Callable[[Omgeving, Kans], Uitslag]


def run_proef(omgeving: Omgeving, nummer: int, seed: int, soorten: Sequence[str]) -> Uitslag:
    """Run one trial.

    Parameters
    ----------
    omgeving
        What trials share.
    nummer, seed
        Decide everything that is chosen.
    soorten
        Kinds to choose from, in turn.
    """
    soort = soorten[nummer % len(soorten)]
    omgeving.nummer = nummer
    return _PROEVEN[soort](omgeving, np.random.default_rng([seed, nummer]))


def choose_soorten(gevraagd: Sequence[str], *, met_database: bool) -> tuple[str, ...]:
    """Return the kinds to run; all quick ones when none is asked for.

    Raises
    ------
    GebruikFout
        When one is not known, or cannot be done here.
    """
    onbekend = [soort for soort in gevraagd if soort not in SOORTEN]
    if onbekend:
        raise GebruikFout(
            f"Soort {onbekend[0]} is er niet.",
            verwacht=", ".join(SOORTEN),
            remedie="geef --soort een van deze namen, of laat hem weg",
        )
    if "database" in gevraagd and not met_database:
        raise GebruikFout(
            "Voor soort database is PostgreSQL nodig.",
            verwacht="initdb en pg_ctl",
            remedie="installeer PostgreSQL, of kies andere soorten",
        )
    gekozen = tuple(dict.fromkeys(gevraagd)) or SNEL
    return tuple(soort for soort in gekozen if soort != "database" or met_database)


def _build(
    omgeving: Omgeving,
    soort: str,
    variant: str,
    moment: str,
    geraakt: bool,
    stand: Stand,
    fouten: Sequence[str],
) -> Uitslag:
    alle = tuple(dict.fromkeys([*stand.fouten, *fouten]))
    if stand.getoond == "andere" and soort != "levering":
        alle = ("er wordt een release getoond die niemand heeft gepubliceerd", *alle)
    return Uitslag(omgeving.nummer, soort, variant, moment, geraakt, stand.getoond, alle)


def kill_publicatie(omgeving: Omgeving, rng: Kans) -> Uitslag:
    """Kill publishing: before a touch of the disk, or at a moment; some twice."""
    feiten = omgeving.bank.feiten
    per_stap = bool(rng.random() < 0.75)
    sterf_bij = int(rng.integers(1, feiten.raak + 1)) if per_stap else 0
    wacht = float(rng.random() * feiten.duur)
    nog_eens = int(rng.integers(1, feiten.raak + 1)) if rng.random() < 0.3 else 0
    with omgeving.open_kopie() as data:
        proces = omgeving.start_publish(data, sterf_bij)
        if not per_stap:
            proces.proces.join(wacht)
            proces.kill()
        einde = proces.wait()
        stand = look(omgeving.bank, data)
        fouten = [] if einde.is_gedood else _judge_einde(einde, mag_slagen=True)
        if nog_eens:
            omgeving.publish(data, nog_eens)
            fouten += look(omgeving.bank, data).fouten
        fouten += judge_na_run(omgeving.bank, data, omgeving.publish(data))
    moment = f"voor aanraking {sterf_bij} van {feiten.raak}" if per_stap else f"na {wacht:.2f} s"
    if nog_eens:
        moment += f", en de volgende voor {nog_eens}"
    variant = "tussen twee stappen" if per_stap else "op een moment"
    return _build(omgeving, "publicatie", variant, moment, einde.is_gedood, stand, fouten)


def _judge_einde(einde: Einde, *, mag_slagen: bool) -> list[str]:
    """Return what is wrong with how a process ended that nobody killed."""
    if not einde.code:
        return [] if mag_slagen else ["de fout bleef onopgemerkt: uitgang 0"]
    if einde.is_duidelijk:
        return []
    laatste = (einde.tekst.strip().splitlines() or ["niets"])[-1]
    return [f"eindigt met {einde.code} en zonder uitleg: {laatste[:200]}"]


def _flip(inhoud: bytes, rng: Kans, aantal: int) -> bytes:
    uit = bytearray(inhoud)
    for plek in rng.integers(0, len(uit), aantal):
        uit[plek] ^= 1 << int(rng.integers(8))
    return bytes(uit)


def _zero(inhoud: bytes, rng: Kans) -> bytes:
    begin = int(rng.integers(0, len(inhoud)))
    return inhoud[:begin] + b"\0" * min(512, len(inhoud) - begin) + inhoud[begin + 512 :]


_SCHADE: Final[Mapping[str, Callable[[bytes, Kans], bytes]]] = {
    "één bit om": lambda b, rng: _flip(b, rng, 1),
    "zestien bits om": lambda b, rng: _flip(b, rng, 16),
    "afgekapt": lambda b, rng: b[: int(rng.integers(0, max(1, len(b))))],
    "leeg": lambda b, rng: b"",
    "blok nullen": _zero,
    "langer": lambda b, rng: b + rng.bytes(7),
}


def _choose_bestand(data: Path, oud: str, rng: Kans) -> tuple[str, Path]:
    """Return what is damaged: the store and the pointer often, each other part now and then."""
    release = data / "releases" / oud
    plekken = {
        "opzoekbestand": [release / schema.BESTAND_OPZOEK],
        "wijzer": [data / "releases" / schema.BESTAND_HUIDIG],
        "manifest": [release / schema.BESTAND_MANIFEST],
        "export": sorted((release / schema.MAP_EXPORTS).iterdir()),
        "ander bestand": sorted(
            pad
            for pad in release.rglob("*")
            if pad.is_file()
            and pad.parent.name != schema.MAP_EXPORTS
            and pad.name not in {schema.BESTAND_OPZOEK, schema.BESTAND_MANIFEST}
        ),
        "archief": sorted((data / "archief" / oud).iterdir()),
    }
    naam = list(plekken)[int(rng.choice(len(plekken), p=[0.3, 0.15, 0.1, 0.15, 0.1, 0.2]))]
    paden = plekken[naam]
    return naam, paden[int(rng.integers(len(paden)))]


def damage_release(omgeving: Omgeving, rng: Kans) -> Uitslag:
    """Damage a file of what is served, before or after it is opened."""
    bank = omgeving.bank
    with omgeving.open_kopie() as data:
        naam, pad = _choose_bestand(data, bank.feiten.oud, rng)
        winkel = Winkel(data / "releases")
        is_open = bool(rng.random() < 0.5)
        goed = read_bestanden(winkel)
        if not is_open:
            winkel = Winkel(data / "releases")
        soort, was = list(_SCHADE)[int(rng.integers(len(_SCHADE)))], pad.read_bytes()
        weg = bool(rng.random() < 0.1)
        wordt = b"" if weg else _SCHADE[soort](was, rng)
        pad.chmod(0o600)
        pad.unlink() if weg else pad.write_bytes(wordt)
        stand = look(bank, data, winkel)
        fouten = [*_compare_bestanden(goed, winkel)]
        einde = omgeving.publish(data)
        if einde.code:
            # Refusing is right where nobody may guess: then what the message says must help.
            fouten += _judge_einde(einde, mag_slagen=False)
            fouten += look(bank, data).fouten
            _repair(omgeving, data, naam, pad, was)
            einde = omgeving.publish(data)
        fouten += judge_na_run(bank, data, einde)
    variant = f"{naam}, {'open' if is_open else 'daarna geopend'}"
    moment = f"{pad.name}: {'weg' if weg else soort}"
    return _build(omgeving, "release", variant, moment, weg or was != wordt, stand, fouten)


def _repair(omgeving: Omgeving, data: Path, naam: str, pad: Path, was: bytes) -> None:
    """Do what the message of a refused run says: choose the release, or put the back-up there."""
    if naam == "wijzer":
        oud = omgeving.bank.feiten.oud
        call("opdracht", "release", "rollback", oud, "--data", str(data), uit=omgeving.uit)
        return
    pad.write_bytes(was)


def read_bestanden(winkel: Winkel) -> dict[str, bytes]:
    """Return the files of what is served as readers get them; one that is refused is not there."""
    gelezen: dict[str, bytes] = {}
    with suppress(Exception):  # nothing is served: nothing is wrong
        uitgave = winkel.current()
        for naam in uitgave.manifest["bestanden"]:
            if naam != schema.BESTAND_OPZOEK:
                with suppress(Exception):
                    gelezen[naam] = uitgave.find_bestand(naam).read_bytes()
    return gelezen


def _compare_bestanden(goed: Mapping[str, bytes], winkel: Winkel) -> Iterator[str]:
    for naam, inhoud in read_bestanden(winkel).items():
        if goed.get(naam) != inhoud:
            yield f"{naam} wordt anders gegeven dan gepubliceerd"


def kill_besluit(omgeving: Omgeving, rng: Kans) -> Uitslag:
    """Kill who decides, in SQLite; then decide again."""
    with omgeving.open_kopie() as data:
        wacht = float(rng.random() * SECONDEN_BESLUIT)
        einde, fouten = _decide_and(omgeving, Opslagplaats(data), wacht, lambda p: p.kill())
        stand = look(omgeving.bank, data)
        fouten += [f"blijft liggen: {pad}" for pad in _list_half(data)]
    return _build(
        omgeving, "besluit", "SQLite", f"na {wacht:.2f} s", einde.is_gedood, stand, fouten
    )


def _list_half(data: Path) -> list[str]:
    """Return files that a killed writer left and no later one took away."""
    return sorted(
        pad.name
        for pad in (data / "sleutels").iterdir()
        if pad.name.startswith("leeslog.") and pad.name != "leeslog.anker"
    )


def stop_database(omgeving: Omgeving, rng: Kans) -> Uitslag:
    """Take PostgreSQL away while somebody decides; give it back, and decide again."""
    server = omgeving.server
    if server is None:
        raise GebruikFout("Er is geen databaseserver.", verwacht="PostgreSQL")
    urls = tuple(
        (f"{naam}_url", server.make_database(naam)) for naam in ("besluiten", "toegang", "signalen")
    )
    wacht = float(rng.random() * SECONDEN_BESLUIT)
    with omgeving.open_kopie() as data:

        def take_away(_: Proces) -> None:
            server.stop()

        try:
            einde, fouten = _decide_and(
                omgeving, Opslagplaats(data, urls), wacht, take_away, server.start
            )
        finally:
            server.start()
        stand = look(omgeving.bank, data)
    geraakt = einde.code != 0
    fouten += _judge_einde(einde, mag_slagen=True)
    return _build(omgeving, "database", "PostgreSQL", f"na {wacht:.2f} s", geraakt, stand, fouten)


def _decide_and(
    omgeving: Omgeving,
    plaats: Opslagplaats,
    wacht: float,
    fault: Callable[[Proces], None],
    mend: Callable[[], None] = lambda: None,
) -> tuple[Einde, list[str]]:
    """Let somebody decide, do something to that, and look for what was acknowledged."""
    bon, later = omgeving.plek / "bon.txt", omgeving.plek / "later.txt"
    for pad in (bon, later):
        pad.unlink(missing_ok=True)
    proces = Proces("besluit", (plaats, BESLUITEN, bon, ADEM), omgeving.uit)
    tot = time.monotonic() + 60
    # Opening the stores takes longer than a decision: from the first one on the moment is drawn.
    while not bon.exists() and proces.proces.is_alive() and time.monotonic() < tot:
        time.sleep(0.01)
    proces.proces.join(wacht)
    fault(proces)
    einde = proces.wait()
    mend()
    fouten = find_verloren(plaats, read_bon(bon))
    volgende = call("besluit", plaats, 1, later, 0.0, LATER, uit=omgeving.uit)
    if volgende.code:
        fouten.append(f"daarna valt er niets vast te leggen: {volgende.tekst[-200:]}")
    fouten += find_verloren(plaats, read_bon(later))
    return einde, fouten


def fill_schijf(omgeving: Omgeving, rng: Kans) -> Uitslag:
    """Let the disk be full while publishing and deciding; then make room."""
    rest = int(RUIMTE * rng.random() ** 2)
    with _open_schijf(omgeving) as (data, groei):
        variant = "volle schijf" if groei is not None else "grens aan een bestand"
        if groei is not None:
            groei(rest)
            einde = omgeving.publish(data)
        else:
            einde = omgeving.publish(data, 0, max(rest, 4096))
        stand = look(omgeving.bank, data)
        fouten = _judge_einde(einde, mag_slagen=True)
        if groei is not None:
            bon = omgeving.plek / "bon.txt"
            bon.unlink(missing_ok=True)
            besluit = call("besluit", Opslagplaats(data), 3, bon, 0.0, uit=omgeving.uit)
            fouten += _judge_einde(besluit, mag_slagen=True)
            groei(RESERVE)
            fouten += find_verloren(Opslagplaats(data), read_bon(bon))
        fouten += judge_na_run(omgeving.bank, data, omgeving.publish(data))
    return _build(
        omgeving, "schijf", variant, f"{rest // 1024} kB over", einde.code != 0, stand, fouten
    )


@contextmanager
def _open_schijf(omgeving: Omgeving) -> Iterator[tuple[Path, Callable[[int], None] | None]]:
    """Give a copy on a small disk of its own and what sets its room; else a plain copy."""
    schijf = omgeving.plek / f"schijf-{omgeving.nummer}"
    schijf.mkdir(exist_ok=True)
    if not _mount("-t", "tmpfs", "-o", f"size={RESERVE}", "tmpfs", str(schijf)):
        with omgeving.open_kopie() as data:
            yield data, None
        return

    def groei(over: int) -> None:
        stand = os.statvfs(schijf)
        in_gebruik = (stand.f_blocks - stand.f_bfree) * stand.f_frsize
        _mount("-o", f"remount,size={in_gebruik + over}", str(schijf))

    try:
        with omgeving.bank.open_kopie("data", schijf) as data:
            yield data, groei
    finally:
        subprocess.run(["umount", "-l", str(schijf)], check=False)  # noqa: S603, S607
        shutil.rmtree(schijf, ignore_errors=True)


def _mount(*argumenten: str) -> bool:
    """Mount; False when this account or this container may not."""
    if os.geteuid() != 0 or shutil.which("mount") is None:
        return False
    uitkomst = subprocess.run(  # noqa: S603
        ["mount", *argumenten],  # noqa: S607
        check=False,
        capture_output=True,
    )
    return uitkomst.returncode == 0


def disturb_dienst(omgeving: Omgeving, rng: Kans) -> Uitslag:
    """Ask the service and report to it, while publishing and the service itself are killed."""
    feiten = omgeving.bank.feiten
    sterf_bij = int(rng.integers(1, feiten.raak + 1))
    dood_dienst = bool(rng.random() < 0.5)
    with omgeving.open_kopie() as data:
        with ask_during(omgeving.bank, data, omgeving.plek) as gesprek:
            einde = omgeving.publish(data, sterf_bij)
            if dood_dienst:
                gesprek.kill_and_restart()
            stand = look(omgeving.bank, data)
            volgende = omgeving.publish(data)
            gesprek.wait_for(feiten.nieuw)
        fouten = [*gesprek.fouten, *find_verloren(Opslagplaats(data), gesprek.bon)]
        fouten += judge_na_run(omgeving.bank, data, volgende)
    moment = f"voor aanraking {sterf_bij} van {feiten.raak}, {gesprek.aantal} vragen"
    variant = "dienst ook gedood" if dood_dienst else "dienst blijft"
    return _build(omgeving, "dienst", variant, moment, einde.is_gedood, stand, fouten)


def kill_stap(omgeving: Omgeving, rng: Kans) -> Uitslag:
    """Kill a whole run in a step; without what a run can make anew, every second time."""
    stappen = omgeving.bank.feiten.stappen
    plaats = int(rng.integers(len(stappen)))
    wacht = float(rng.random() * stappen[plaats].seconden)
    kaal = bool(rng.random() < 0.5)
    with omgeving.open_kopie() as data:
        if kaal:
            shutil.rmtree(data / "landing")
            (data / "warehouse.duckdb").unlink()
        proces = Proces("opdracht", command_run(data, omgeving.bank.leveringen), omgeving.uit)
        if plaats:
            for klaar, _ in enumerate(follow_stappen(proces), 1):
                if klaar == plaats:
                    break
        proces.proces.join(wacht)
        proces.kill()
        einde = proces.wait()
        stand = look(omgeving.bank, data)
        run = call("opdracht", *command_run(data, omgeving.bank.leveringen), uit=omgeving.uit)
        fouten = judge_na_run(omgeving.bank, data, run)
    variant = "zonder landing en warehouse" if kaal else "na een eerdere run"
    moment = f"{stappen[plaats].regel}, na {wacht:.1f} s"
    return _build(omgeving, "stap", variant, moment, einde.is_gedood, stand, fouten)


_KLOKKEN: Final = ("tijden van bestanden", "datum in de naam", "datums in de rijen")


def skew_levering(omgeving: Omgeving, rng: Kans) -> Uitslag:
    """Let a delivery come from a machine with a wrong clock."""
    bank = omgeving.bank
    variant = _KLOKKEN[int(rng.integers(len(_KLOKKEN)))]
    leveringen = omgeving.plek / "leveringen"
    shutil.rmtree(leveringen, ignore_errors=True)
    shutil.copytree(bank.leveringen, leveringen)
    jaren = int(rng.choice([-40, -1, 1, 30]))
    bestanden = sorted(leveringen.rglob("*_2026-01-01.csv"))
    pad = bestanden[int(rng.integers(len(bestanden)))]
    if variant == _KLOKKEN[0]:
        for bestand in sorted(leveringen.rglob("*")):
            os.utime(bestand, (0, float(rng.integers(0, 2**33))))
    elif variant == _KLOKKEN[1]:
        nieuw = pad.with_name(pad.name.replace("2026", str(2026 + jaren)))
        pad.rename(nieuw)
    else:
        tekst = pad.read_text(encoding="utf-8")
        for jaar in range(2023, 2027):
            tekst = tekst.replace(f"{jaar}-", f"J{jaar + jaren}-")
        pad.write_text(tekst.replace("J", ""), encoding="utf-8")
    with omgeving.open_kopie() as data:
        run = call("opdracht", *command_run(data, leveringen), uit=omgeving.uit)
        stand = look(bank, data)
        if variant == _KLOKKEN[0]:
            fouten = judge_na_run(bank, data, run)
        else:
            fouten = _judge_einde(run, mag_slagen=True)
            # Another delivery is another release; what was published may not change by it.
            if stand.getoond == "andere":
                fouten += _compare_verleden(bank, data)
        if variant != _KLOKKEN[0] and run.code:
            goed = call("opdracht", *command_run(data, bank.leveringen), uit=omgeving.uit)
            fouten += judge_na_run(bank, data, goed)
    moment = f"{pad.name}, {jaren:+d} jaar" if variant != _KLOKKEN[0] else "alle bestanden"
    return _build(omgeving, "levering", variant, moment, True, stand, fouten)


def _compare_verleden(bank: Bank, data: Path) -> Iterator[str]:
    """Yield what is wrong with published labels in the release that is served now."""
    oud, nu = (
        (data / "releases" / id_ / LABELS).read_text(encoding="utf-8").splitlines()
        for id_ in (bank.feiten.oud, str(current(data / "releases")))
    )
    weg = set(oud) - set(nu)
    if weg:
        yield f"{len(weg)} gepubliceerde labels zijn veranderd of weg"


_PROEVEN: Final[Mapping[str, Proef]] = {
    "publicatie": kill_publicatie,
    "release": damage_release,
    "besluit": kill_besluit,
    "schijf": fill_schijf,
    "database": stop_database,
    "dienst": disturb_dienst,
    "stap": kill_stap,
    "levering": skew_levering,
}
