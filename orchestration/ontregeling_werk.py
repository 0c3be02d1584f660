"""What a process of a chaos trial does, until something happens to it.

Each of these runs in a process of its own, forked from one that has imported everything, so that a
trial costs its work and no start-up. What a fault does to the process is done here as well: dying
at the n-th touch of the data folder, files that may grow no further.

Belongs here: the work. Does not belong here: choosing faults and judging what is left
(:mod:`orchestration.ontregeling`).
"""

from __future__ import annotations

import json
import os
import resource
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from orchestration.assets.release import publish
from orchestration.cli import main, tell_errors
from orchestration.goedkeuring import Grenzen
from orchestration.instellingen import Instellingen
from orchestration.resources import Werkplaats
from orchestration.signaal import open_signalen
from orchestration.slot import hold_slot
from orchestration.voortgang import Voortgang
from orchestration.werkmap import Werkmap
from serving.besluit.duiding import Voorstel
from serving.besluit.publicatie import find_model_label, read_publicatie
from serving.besluit.register import Besluitregister
from serving.leeslog.keten import MAP as MAP_LEESLOG
from serving.leeslog.keten import Keten
from serving.leeslog.regel import Lezing
from serving.release.winkel import current_path, open_release
from serving.signaal.regels import Voorstel as Melding
from serving.toegang.peper import load_geheim
from serving.toegang.register import Toegangsregister
from vera.toegang import ROLLEN, Lezer

RAAKT: Final = frozenset(
    {"open", "os.rename", "os.mkdir", "os.remove", "os.rmdir", "os.chmod", "os.truncate",
     "shutil.rmtree", "sqlite3.connect"}
)  # fmt: skip
"""Events of Python that come before a file or folder is touched; between any two is a moment."""
MEESTE: Final = 100_000
"""More signals than a trial makes."""


@dataclass(frozen=True)
class Opslagplaats:
    """Where decisions go: the data folder, or a database for each kind.

    Parameters
    ----------
    data
        The data folder.
    urls
        Fields of ``Instellingen`` to their address.
    """

    data: Path
    urls: tuple[tuple[str, str], ...] = ()

    @property
    def instellingen(self) -> Instellingen:
        """The settings that say so."""
        velden: dict[str, Any] = dict(self.urls)
        return replace(Instellingen(data=self.data), **velden)


def start(naam: str, argumenten: tuple[Any, ...], uit: Path) -> None:
    """Do one of the works in this process, with what it says in a file.

    Parameters
    ----------
    naam
        Which work.
    argumenten
        Its arguments.
    uit
        File for standard output and error.
    """
    nummer = os.open(uit, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    for stroom in (1, 2):
        os.dup2(nummer, stroom)
    with tell_errors():
        _WERK[naam](*argumenten)


def publish_release(
    data: Path, leveringen: Path, sterf_bij: int = 0, grootste: int = 0, tel: Path | None = None
) -> None:
    """Publish what stands in the warehouse, as the last step of a run does.

    Parameters
    ----------
    data, leveringen
        Data folder and deliveries.
    sterf_bij
        Die (kill -9) just before so many touches of the data folder; 0 = never.
    grootste
        Bytes that a file may have at most; 0 = no limit.
    tel
        File to leave the number of touches in.
    """
    plaats = Werkplaats(data=str(data), leveringen=str(leveringen))
    geteld = _follow(data, sterf_bij)
    if grootste:
        resource.setrlimit(resource.RLIMIT_FSIZE, (grootste, resource.RLIM_INFINITY))
    with hold_slot(plaats.map.slot):
        publish(plaats, Voortgang(), Grenzen())
    if tel is not None:
        tel.write_text(str(geteld()), encoding="ascii")


def _follow(map_: Path, sterf_bij: int) -> Callable[[], int]:
    """Count touches of a folder from now on; die before number ``sterf_bij``."""
    waar = str(map_)
    aantal = 0

    def look(gebeurtenis: str, waarden: tuple[Any, ...]) -> None:
        nonlocal aantal
        if gebeurtenis not in RAAKT or not any(waar in str(waarde) for waarde in waarden[:2]):
            return
        aantal += 1
        if aantal == sterf_bij:
            os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(look)
    return lambda: aantal


def call_command(*argumenten: str) -> None:
    """Run a command of ``buurtpeil``."""
    sys.argv = ["buurtpeil", *argumenten]
    main()


def serve(data: Path, poort: int) -> None:
    """Run the service without a limit on how much one asks."""
    os.environ["BUURTPEIL_GRENS_PROGRAMMA"] = "0"
    call_command("serve", "--data", str(data), "--port", str(poort))


def decide(plaats: Opslagplaats, aantal: int, bon: Path, adem: float = 0.0, vanaf: int = 0) -> None:
    """Take decisions one after another, and note each after it was acknowledged.

    A duiding, a Sociaal Signaal, a key and a line of the read log in turn.

    Parameters
    ----------
    plaats
        Where they go.
    aantal
        How many of each.
    bon
        File that takes a line of JSON for each one acknowledged.
    adem
        Seconds between two.
    vanaf
        Number of the first; past the number of complexes there is no duiding any more.
    """
    instellingen = plaats.instellingen
    with (
        _open_bon(bon) as note,
        closing(Besluitregister(instellingen.besluiten_adres)) as besluiten,
        closing(Toegangsregister(instellingen.toegang_adres)) as toegang,
        closing(open_signalen(instellingen)) as signalen,
        open_release(current_path(plaats.data / "releases")) as uitgave,
    ):
        publicatie = read_publicatie(uitgave)
        complexen = [
            id_
            for (id_,) in uitgave.query(
                "select beheerobject_id from lijst where niveau = 'complex' order by 1"
            )
        ]
        keten = Keten(plaats.data / MAP_LEESLOG, plaats.data / "sleutels")
        peper = load_geheim(plaats.data / "sleutels")
        for nummer in range(vanaf, vanaf + aantal):
            if nummer < len(complexen):
                id_ = complexen[nummer]
                voorstel = Voorstel(
                    id_, 1, "recente_maatregel", "Het trappenhuis is verlicht.", "Anna de Wit"
                )
                label = find_model_label(uitgave, id_)
                note("duiding", besluiten.add_duiding(voorstel, publicatie, label).id)
            stand = signalen.add(make_melding(complexen[nummer % len(complexen)]), None)
            note("signaal", stand.kenmerk)
            sleutel, _ = toegang.issue(
                peper, f"proef {nummer}", ["lezer"], organisatie="Proef", door="Anna", dagen=30
            )
            note("sleutel", sleutel)
            lezer = Lezer("proef", (ROLLEN["lezer"],))
            keten.add([Lezing(time.time(), lezer, "complex", "/v1/complexen/{complexId}")])
            note("lezing", nummer)
            time.sleep(adem)


def make_melding(complex_id: str) -> Melding:
    """Return a Sociaal Signaal about a complex, as somebody fills it in."""
    return Melding(
        complex_id=complex_id,
        buurt_id="",
        signaal_code="dementie",
        urgentie="deze_week",
        organisatie="onderhoud",
    )


@contextmanager
def _open_bon(pad: Path) -> Iterator[Callable[[str, object], None]]:
    """Give what notes an acknowledged decision: with the system at once, whoever dies next."""
    nummer = os.open(pad, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def note(soort: str, sleutel: object) -> None:
        os.write(nummer, json.dumps([soort, sleutel]).encode() + b"\n")

    try:
        yield note
    finally:
        os.close(nummer)


def read_bon(pad: Path) -> list[tuple[str, Any]]:
    """Return what was acknowledged; none when nothing was."""
    if not pad.exists():
        return []
    return [tuple(json.loads(regel)) for regel in pad.read_text(encoding="ascii").splitlines()]


def find_verloren(plaats: Opslagplaats, bon: list[tuple[str, Any]]) -> list[str]:
    """Return what was acknowledged and is not there, and what is wrong with the stores, in Dutch.

    Parameters
    ----------
    plaats
        Where decisions go.
    bon
        What was acknowledged.
    """
    instellingen = plaats.instellingen
    met = {soort: [sleutel for s, sleutel in bon if s == soort] for soort in _SOORTEN}
    fouten = []
    with (
        closing(Besluitregister(instellingen.besluiten_adres)) as besluiten,
        closing(Toegangsregister(instellingen.toegang_adres)) as toegang,
        closing(open_signalen(instellingen)) as signalen,
    ):
        er: dict[str, set[Any]] = {
            "duiding": {duiding.id for duiding in besluiten.list_duidingen()},
            "sleutel": {sleutel.id for sleutel in toegang.list_sleutels()},
            "signaal": {
                signaal.stand.kenmerk
                for signaal in signalen.list_signalen("Proef", maximum=MEESTE).signalen
            },
        }
        fout = signalen.check_log().fout
        fouten += [f"log van de signalen: {fout}"] if fout else []
    for soort, aanwezig in er.items():
        weg = [sleutel for sleutel in met[soort] if sleutel not in aanwezig]
        fouten += [f"{soort} bevestigd en niet meer te vinden: {len(weg)}"] if weg else []
    keuring = Keten(Werkmap.of(plaats.data).data / MAP_LEESLOG, plaats.data / "sleutels").check()
    fouten += [f"leeslog: {probleem}" for probleem in keuring.problemen]
    if keuring.aantal < len(met["lezing"]):
        fouten.append(f"leeslog: {keuring.aantal} regels van {len(met['lezing'])} bevestigde")
    return fouten


_SOORTEN: Final = ("duiding", "signaal", "sleutel", "lezing")

_WERK: Final[dict[str, Callable[..., None]]] = {
    "publiceer": publish_release,
    "opdracht": call_command,
    "dien": serve,
    "besluit": decide,
}
