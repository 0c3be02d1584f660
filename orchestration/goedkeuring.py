"""A release that is unusual waits for somebody: it is written, and the pointer does not move.

What is unusual is a comparison with the release that is served: many complexes with another label,
a theme that is known of fewer complexes, complexes that are gone. The gates refuse what cannot be
right; this holds what can be right and is seldom.

A folder per release that waited stands in ``goedkeuring/`` of the data folder: why, what was
decided, and the references that are frozen with it. Who decided is in the read log, with the terms
of that log; here is no name. A release that is being published stands there as well, as not judged
yet: one whose run was killed halfway is shown by no way, and the next run removes it.

Belongs here: judging, holding, approving and turning down. Does not belong here: writing a release
(``orchestration.assets.release``), or the commands (``orchestration.cli.goedkeuring``).
"""

from __future__ import annotations

import getpass
import json
import shutil
import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Literal

import duckdb

from orchestration import referentie
from orchestration.archief import BEHEEROBJECTEN, GOEDKEURING, LABELS
from orchestration.instellingen import Instellingen
from orchestration.referentie import Referentie
from orchestration.werkmap import Werkmap
from serving.leeslog.keten import MAP as MAP_LEESLOG
from serving.leeslog.keten import Keten
from serving.leeslog.regel import Daad, Lezing
from serving.release.wijzer import activate, current, sync_folder, write_synced
from serving.release.winkel import verify
from vera.errors import BuurtpeilError, GebruikFout
from vera.persoonsgegeven import find_persoonsgegeven
from vera.toegang import ROLLEN, Lezer

MAP: Final = GOEDKEURING
BESTAND: Final = "besluit.json"
MINSTE_COMPLEXEN: Final = 20
"""Of fewer complexes no share is judged: one of them would be five percent."""
MAX_REDEN: Final = 500

Stand = Literal["ongekeurd", "wacht", "goedgekeurd", "afgewezen"]
IN_WOORDEN: Final = {
    "ongekeurd": "niet gekeurd",
    "wacht": "wacht op goedkeuring",
    "goedgekeurd": "goedgekeurd",
    "afgewezen": "afgewezen",
}


class WachtOpGoedkeuring(BuurtpeilError):
    """The release is written and not served: somebody has to look at it first."""

    exit_code = 7


@dataclass(frozen=True)
class Grenzen:
    """Above what a release waits, as shares between 0 and 1.

    The default for labels is twice what changes in a quarter of the demo association of 1,656
    complexes with a label: 8 to 12 percent.

    Parameters
    ----------
    labels
        Share of the complexes, known before and now, whose label is another one.
    dekking
        Rise of the share of complexes without a label, per theme.
    complexen
        Share of the complexes that are gone.
    """

    labels: float = 0.25
    dekking: float = 0.10
    complexen: float = 0.05

    @classmethod
    def of(cls, instellingen: Instellingen) -> Grenzen:
        """Return the limits that the settings ask for.

        Raises
        ------
        GebruikFout
            When one is no percentage.
        """
        gezet = {
            naam: _read_procent(tekst, f"BUURTPEIL_GRENS_{naam.upper()}")
            for naam, tekst in (
                ("labels", instellingen.grens_labels),
                ("dekking", instellingen.grens_dekking),
                ("complexen", instellingen.grens_complexen),
            )
            if tekst is not None
        }
        return replace(cls(), **gezet)


def _read_procent(tekst: str, naam: str) -> float:
    try:
        procent = float(tekst.replace(",", "."))
    except ValueError:
        procent = -1.0
    if not 0 <= procent <= 100:
        raise GebruikFout(
            f"{naam} is {tekst}.",
            verwacht="een percentage van 0 tot en met 100 (100 = nooit wachten)",
            remedie="verbeter de instelling of haal haar weg",
        )
    return procent / 100


@dataclass(frozen=True)
class Besluit:
    """What is known of a release that waited.

    Parameters
    ----------
    release_id
        The release.
    vorige
        The release that was served when it was written: what it goes on from. Empty when there
        was none, which is so of one that is not judged yet alone.
    redenen
        Why it waits, in Dutch.
    sinds
        Since when, in UTC.
    stand
        ``ongekeurd`` (its run is at work, or was killed), ``wacht``, ``goedgekeurd`` or
        ``afgewezen``.
    besloten
        When that was decided; empty while it waits.
    toelichting
        Why it was decided so; empty while it waits. Nothing about persons, and no name.
    """

    release_id: str
    vorige: str
    redenen: tuple[str, ...]
    sinds: str
    stand: Stand = "wacht"
    besloten: str = ""
    toelichting: str = ""


def find_map(werkmap: Werkmap, release_id: str) -> Path:
    """Return the folder of what is known of a release that waited."""
    return werkmap.data / MAP / release_id


def read_besluit(werkmap: Werkmap, release_id: str) -> Besluit | None:
    """Return what is known of a release; None when it never waited."""
    pad = find_map(werkmap, release_id) / BESTAND
    if not pad.exists():
        return None
    inhoud = json.loads(pad.read_text(encoding="utf-8"))
    return Besluit(**{**inhoud, "redenen": tuple(inhoud["redenen"])})


def measure_ongewoon(oud: Path, nieuw: Path, grenzen: Grenzen) -> tuple[str, ...]:
    """Compare the exact tables of two releases; return why the new one is unusual, in Dutch.

    Each complex is compared on the last peildatum of either release.

    Parameters
    ----------
    oud, nieuw
        Folders in ``archief/``.
    grenzen
        Above what something is unusual.
    """
    with duckdb.connect(":memory:") as db:
        db.execute("set enable_progress_bar = false")
        for naam, map_ in (("oud", oud), ("nieuw", nieuw)):
            db.read_parquet(str(map_ / LABELS)).filter("niveau = 'complex'").create_view(
                f"alle_{naam}"
            )
            db.execute(
                f"create table label_{naam} as select beheerobject_id as id, grondslag, "
                f"thema_code as thema, sociaal_beheer_label as label from alle_{naam} "
                f"where peildatum = (select max(peildatum) from alle_{naam})"
            )
            db.read_parquet(str(map_ / BEHEEROBJECTEN)).filter(
                "niveau = 'complex' and verhuureenheden_aantal > 0"
            ).select("beheerobject_id as id").create(f"object_{naam}")
        return (
            *_judge_complexen(db, grenzen),
            *_judge_labels(db, grenzen),
            *_judge_dekking(db, grenzen),
        )


def _judge_complexen(db: duckdb.DuckDBPyConnection, grenzen: Grenzen) -> Iterable[str]:
    weg, alle = _one(
        db, "select count(*) filter (where id not in (from object_nieuw)), count(*) from object_oud"
    )
    if alle >= MINSTE_COMPLEXEN and weg > grenzen.complexen * alle:
        yield (
            f"{weg} van de {alle} complexen met woningen zijn er niet meer ({weg / alle:.0%}; "
            f"grens {grenzen.complexen:.0%})."
        )


def _judge_labels(db: duckdb.DuckDBPyConnection, grenzen: Grenzen) -> Iterable[str]:
    anders, alle = _one(
        db,
        "select count(*) filter (where oud.label <> nieuw.label), count(*) "
        "from label_oud as oud inner join label_nieuw as nieuw using (id, grondslag, thema) "
        "where thema = 'TOT' and oud.label is not null and nieuw.label is not null",
    )
    if alle >= MINSTE_COMPLEXEN and anders > grenzen.labels * alle:
        yield (
            f"{anders} van de {alle} complexen krijgen een ander label ({anders / alle:.0%}; "
            f"grens {grenzen.labels:.0%})."
        )


def _judge_dekking(db: duckdb.DuckDBPyConnection, grenzen: Grenzen) -> Iterable[str]:
    rijen = db.execute(
        "select thema, avg((oud.label is null)::int), avg((nieuw.label is null)::int), count(*) "
        "from label_oud as oud inner join label_nieuw as nieuw using (id, grondslag, thema) "
        "group by thema order by thema"
    ).fetchall()
    for thema, was, is_, alle in rijen:
        if alle >= MINSTE_COMPLEXEN and is_ - was > grenzen.dekking:
            yield (
                f"Thema {thema} is van {is_:.0%} van de complexen onbekend, dat was {was:.0%} "
                f"(grens {grenzen.dekking:.0%} erbij)."
            )


def _one(db: duckdb.DuckDBPyConnection, sql: str) -> tuple[int, int]:
    rij = db.execute(sql).fetchone()
    return (int(rij[0]), int(rij[1])) if rij else (0, 0)


def hold_back(
    werkmap: Werkmap,
    release_id: str,
    vorige: str | None,
    grenzen: Grenzen,
    bevriezen: Iterable[Referentie],
) -> Besluit | None:
    """Judge a written release; keep why it waits, or return None when it may be served.

    Parameters
    ----------
    werkmap
        The data folder; its archive holds the exact tables of both releases.
    release_id
        The release that was just written.
    vorige
        The release that is served; None = there is none, and the first one never waits.
    grenzen
        Above what it waits.
    bevriezen
        References that are to be frozen when it is served, and not before.
    """
    _prune(werkmap)
    eerder = read_besluit(werkmap, release_id)
    if vorige is None:
        # The mark of the first one stays until it is served: a release without a mark and without
        # a pointer is one whose pointer was lost.
        return None
    if vorige == release_id:
        forget_ongekeurd(werkmap, release_id)
        return None
    # What waited to go on from another release is judged against what is served now.
    if eerder is not None and eerder.stand != "ongekeurd":
        if eerder.stand != "wacht":
            return None if eerder.stand == "goedgekeurd" else eerder
        if eerder.vorige == vorige:
            return eerder
    redenen = measure_ongewoon(werkmap.archief / vorige, werkmap.archief / release_id, grenzen)
    if not redenen:
        _forget(werkmap, release_id)
        return None
    besluit = Besluit(release_id, vorige, redenen, _now())
    hold(werkmap, besluit, bevriezen)
    return besluit


def mark_ongekeurd(werkmap: Werkmap, release_id: str, vorige: str | None) -> None:
    """Keep that a release is yet to be judged; called before it stands under its name.

    A release that stands there already was judged when it came, and keeps what is known of it.
    """
    if (werkmap.releases / release_id).exists():
        return
    _prune(werkmap)
    reden = "De run is nog bezig, of is gestopt voordat de release was gekeurd."
    hold(werkmap, Besluit(release_id, vorige or "", (reden,), _now(), "ongekeurd"))


def forget_ongekeurd(werkmap: Werkmap, release_id: str) -> None:
    """Take away the mark of a release that was judged and is served."""
    besluit = read_besluit(werkmap, release_id)
    if besluit is not None and besluit.stand == "ongekeurd":
        _forget(werkmap, release_id)


def remove_ongekeurd(werkmap: Werkmap) -> tuple[str, ...]:
    """Remove releases whose run stopped before they were judged; return their ids.

    Whoever calls this holds the run lock: the release of a live run would go as well.
    """
    weg = []
    for map_ in sorted((werkmap.data / MAP).glob("*")):
        besluit = read_besluit(werkmap, map_.name)
        if besluit is None or besluit.stand != "ongekeurd":
            continue
        # The mark goes last: killed halfway, what is left is still not shown.
        if map_.name != current(werkmap.releases):
            for deel in (werkmap.releases, werkmap.archief):
                shutil.rmtree(deel / map_.name, ignore_errors=True)
            weg.append(map_.name)
        shutil.rmtree(map_)
    return tuple(weg)


def was_getoond(werkmap: Werkmap, release_id: str) -> bool:
    """Tell whether a release may have been served: it is there, and never was held back."""
    besluit = read_besluit(werkmap, release_id)
    return (werkmap.releases / release_id).is_dir() and (
        besluit is None or besluit.stand == "goedgekeurd"
    )


def list_wachtend(werkmap: Werkmap) -> tuple[str, ...]:
    """Return the ids of the releases that wait for approval."""
    ids = sorted(map_.name for map_ in (werkmap.data / MAP).glob("*"))
    return tuple(
        id_
        for id_ in ids
        if (werkmap.releases / id_).is_dir()
        and (besluit := read_besluit(werkmap, id_)) is not None
        and besluit.stand == "wacht"
    )


def hold(werkmap: Werkmap, besluit: Besluit, bevriezen: Iterable[Referentie] = ()) -> None:
    """Keep why a release waits, and what is to be frozen with it."""
    map_ = find_map(werkmap, besluit.release_id)
    map_.mkdir(parents=True, exist_ok=True, mode=0o700)
    for pad in map_.glob("*-*.json"):  # of an earlier judgement
        pad.unlink()
    for ref in bevriezen:
        referentie.write_bevroren(ref, map_)
    _write(werkmap, besluit)


def approve(werkmap: Werkmap, release_id: str, *, door: str, toelichting: str) -> Besluit:
    """Serve a release that waited; whoever calls this holds the run lock.

    Raises
    ------
    GebruikFout
        When it does not wait, or another release was published since: what is published goes on
        from what is served.
    """
    besluit = _find(werkmap, release_id, {"wacht", "goedgekeurd"})
    huidig = current(werkmap.releases)
    if huidig == release_id:
        return besluit
    if huidig != besluit.vorige:
        raise GebruikFout(
            f"Release {release_id} gaat verder op {besluit.vorige}, en nu wordt {huidig} getoond.",
            verwacht="een release die verder gaat op wat nu wordt getoond",
            remedie="draai een run; is de uitkomst weer ongewoon, keur die dan goed",
        )
    problemen = verify(werkmap.releases / release_id)
    if problemen:
        raise BuurtpeilError(
            f"Release {release_id} is niet gaaf: {problemen[0]}.",
            verwacht="een release zonder problemen in `buurtpeil release verify`",
            remedie="wijs haar af en draai een run",
        )
    toelichting = _check_tekst(toelichting)
    _note(werkmap, "release goedkeuren", door, release_id, "poging")
    nieuw = replace(besluit, stand="goedgekeurd", besloten=_now(), toelichting=toelichting)
    _write(werkmap, nieuw)
    for pad in sorted(find_map(werkmap, release_id).glob("*-*.json")):
        referentie.write_bevroren(referentie.read_referentie(pad), werkmap.referentie)
    activate(werkmap.releases, release_id)
    _note(werkmap, "release goedkeuren", door, release_id, "schrijven")
    return nieuw


def turn_down(werkmap: Werkmap, release_id: str, *, door: str, toelichting: str) -> Besluit:
    """Keep a release that waited from being served; whoever calls this holds the run lock.

    Raises
    ------
    GebruikFout
        When it does not wait.
    """
    besluit = _find(werkmap, release_id, {"wacht"})
    toelichting = _check_tekst(toelichting)
    _note(werkmap, "release afwijzen", door, release_id, "poging")
    nieuw = replace(besluit, stand="afgewezen", besloten=_now(), toelichting=toelichting)
    _write(werkmap, nieuw)
    _note(werkmap, "release afwijzen", door, release_id, "schrijven")
    return nieuw


def check_mag_getoond(werkmap: Werkmap, release_id: str) -> None:
    """Refuse to serve a release by another way while it waits, was turned down or not judged.

    Raises
    ------
    GebruikFout
        When that is so.
    """
    besluit = read_besluit(werkmap, release_id)
    if besluit is not None and besluit.stand == "ongekeurd":
        raise GebruikFout(
            f"Release {release_id} is niet gekeurd. {' '.join(besluit.redenen)}",
            verwacht="een release waarin naar persoonsgegevens is gezocht",
            remedie="draai een run: die maakt haar opnieuw of ruimt haar op; of kies een andere",
        )
    if besluit is not None and besluit.stand != "goedgekeurd":
        raise GebruikFout(
            f"Release {release_id}: {IN_WOORDEN[besluit.stand]}. {' '.join(besluit.redenen)}",
            verwacht="een release die getoond mag worden",
            remedie=f"keur haar goed met `buurtpeil release goedkeuren {release_id}`, of kies een "
            "andere",
        )


def make_fout(besluit: Besluit) -> WachtOpGoedkeuring:
    """Return what a run ends with when its release is not served."""
    if besluit.stand == "afgewezen":
        return WachtOpGoedkeuring(
            f"Release {besluit.release_id} is eerder afgewezen: {besluit.toelichting}\n"
            "De vorige release blijft staan.",
            verwacht="leveringen die een andere uitkomst geven",
            remedie="herstel de levering waar het aan lag, en draai opnieuw",
        )
    return WachtOpGoedkeuring(
        f"Release {besluit.release_id} is klaar en wacht op goedkeuring; de vorige blijft "
        "staan.\n  " + "\n  ".join(besluit.redenen),
        verwacht="labels die geleidelijk veranderen",
        remedie=f"klopt het, dan `buurtpeil release goedkeuren {besluit.release_id} --reden … "
        f"--door …`; klopt het niet, dan `buurtpeil release afwijzen {besluit.release_id} "
        "--reden … --door …` (docs/runbooks/release-goedkeuren.md)",
    )


def _find(werkmap: Werkmap, release_id: str, standen: set[Stand]) -> Besluit:
    besluit = read_besluit(werkmap, release_id) if release_id.isalnum() else None
    if besluit is None or besluit.stand not in standen:
        stand = "wacht niet" if besluit is None else f"is {IN_WOORDEN[besluit.stand]}"
        raise GebruikFout(
            f"Release {release_id} {stand}.",
            verwacht="een release die op goedkeuring wacht",
            remedie="`buurtpeil release list` toont welke wacht",
        )
    return besluit


def _check_tekst(tekst: str) -> str:
    tekst = tekst.strip()
    soort = find_persoonsgegeven(tekst)
    if not tekst or len(tekst) > MAX_REDEN or soort is not None:
        raise GebruikFout(
            "De reden klopt niet" + (f": er lijkt een {soort} in te staan." if soort else "."),
            verwacht=f"een zin van hooguit {MAX_REDEN} tekens, niets over personen",
            remedie="geef haar met --reden",
        )
    return tekst


def _note(werkmap: Werkmap, wat: str, door: str, release_id: str, daad: Daad) -> None:
    """Leave who decides in the read log: ``poging`` before it happens, ``schrijven`` after it.

    One that breaks off in between (a killed process, a full disk) has its first line all the same.
    """
    if not door.strip():
        raise GebruikFout("Er staat niet bij wie dit besluit.", remedie="geef een naam met --door")
    rol = next(rol for rol in ROLLEN.values() if "beheer" in rol.bereiken)
    lezer = Lezer(f"{_find_account()} ({wat}), als {door.strip()}", (rol,))
    Keten(werkmap.data / MAP_LEESLOG, werkmap.sleutels).add(
        [
            Lezing(
                time.time(),
                lezer,
                "beheer",
                f"buurtpeil {wat}",
                None,
                None,
                release_id,
                daad,
            )
        ]
    )


def _find_account() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # an account without a name
        return "onbekend"


def _write(werkmap: Werkmap, besluit: Besluit) -> None:
    pad = find_map(werkmap, besluit.release_id) / BESTAND
    tijdelijk = pad.with_suffix(".deel")
    write_synced(tijdelijk, json.dumps(asdict(besluit), ensure_ascii=False, indent=1).encode())
    tijdelijk.replace(pad)
    for map_ in (pad.parent, pad.parent.parent):
        sync_folder(map_)


def _forget(werkmap: Werkmap, release_id: str) -> None:
    shutil.rmtree(find_map(werkmap, release_id), ignore_errors=True)


def _prune(werkmap: Werkmap) -> None:
    """Forget what is known of releases that are no longer there."""
    for map_ in (werkmap.data / MAP).glob("*"):
        if not (werkmap.releases / map_.name).is_dir():
            shutil.rmtree(map_)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
