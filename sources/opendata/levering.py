"""Lays a fetched file with the deliveries, whole or not at all.

A file is laid there when the reader of its source takes it without an error, and finds rows in it
of which it rejects no more than the gate allows. What somebody delivered by hand is never replaced:
an edition that lies there already is left alone. What we laid ourselves is written down with its
hash and its moment, and is replaced only while it is still as we laid it.

Belongs here: judging by the reader, moving into place, the list of what was laid. Does not belong
here: what is in the file (the modules of the publishers), the gate (``expectations``).
"""

from __future__ import annotations

import hashlib
import json
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final, Literal

from sources.bestand import hash_bestand, is_stil
from sources.opendata.fout import AnderAntwoord
from sources.opendata.voorraad import read_json, write_heel
from sources.uitgever import read_uitgever
from sources.uitgever.bestand import find_jaar
from vera.contract import Bron

LIJST: Final = "geleverd.json"

Stand = Literal["nieuw", "vervangen", "ongewijzigd", "eigen levering"]


@dataclass(frozen=True)
class Geleverd:
    """What we laid with the deliveries.

    Parameters
    ----------
    sha256
        Of the file as it was laid.
    opgehaald_op
        Moment at which it was last found to be what the publisher has, UTC.
    tabel
        The publisher's table or file.
    vorige
        Hash of what lay there before, if that was ours: a run may be killed between the list and
        the file.
    """

    sha256: str
    opgehaald_op: str
    tabel: str
    vorige: str = ""


@dataclass(frozen=True)
class Legger:
    """Lays files in a folder of deliveries.

    Parameters
    ----------
    leveringen
        The folder, with a folder per source.
    voorraad
        Where the list of what was laid is kept.
    """

    leveringen: Path
    voorraad: Path

    def list_geleverd(self) -> dict[str, Geleverd]:
        """Return what was laid, by ``bron/bestand``; a damaged list is as good as none."""
        gevonden = {}
        for naam, velden in read_json(self.voorraad / LIJST).items():
            try:
                gevonden[naam] = Geleverd(**velden)
            except TypeError:
                continue
        return gevonden

    def find_eigen(self, bron: Bron, naam: str) -> str | None:
        """Return the name of a file that somebody else laid there in the place of this one.

        That is a file of the same name that is not as we laid it, or, of a source of which an
        edition is one file, another file of the same year.
        """
        plek = self.leveringen / bron.naam
        geleverd = self.list_geleverd()
        jaar = find_jaar(Path(naam))
        for pad in sorted(plek.iterdir()) if plek.is_dir() else ():
            if not pad.is_file() or is_stil(pad):
                continue
            zelfde = pad.name.removesuffix(".gz") == naam or (
                bron.naam in EEN_PER_JAAR and find_jaar(pad) == jaar and _is_editie(bron, pad)
            )
            van_ons = geleverd.get(f"{bron.naam}/{pad.name}")
            if zelfde and (
                van_ons is None or hash_bestand(pad) not in {van_ons.sha256, van_ons.vorige}
            ):
                return pad.name
        return None

    def lay(self, bron: Bron, naam: str, inhoud: bytes, tabel: str, moment: str) -> Stand:
        """Lay a file with the deliveries.

        Parameters
        ----------
        bron
            The contract of its source.
        naam
            Its name; says which edition it is.
        inhoud
            The file.
        tabel
            Which table of the publisher it was made of, for the list.
        moment
            When, UTC.

        Returns
        -------
        str
            What became of it.

        Raises
        ------
        AnderAntwoord
            When its reader does not take it; the deliveries are as they were.
        """
        if self.find_eigen(bron, naam) is not None:
            return "eigen levering"
        check_leesbaar(bron, naam, inhoud)
        pad = self.leveringen / bron.naam / naam
        sha256 = hashlib.sha256(inhoud).hexdigest()
        vorige = hash_bestand(pad) if pad.exists() else ""
        # The list first: a file that is there and not on it would be taken for somebody else's.
        self.note(f"{bron.naam}/{naam}", Geleverd(sha256, moment, tabel, vorige))
        return lay_if_other(pad, inhoud)

    def note(self, naam: str, geleverd: Geleverd) -> None:
        """Write down what was laid."""
        lijst = {n: asdict(g) for n, g in self.list_geleverd().items()}
        lijst[naam] = asdict(geleverd)
        self.voorraad.mkdir(parents=True, exist_ok=True)
        inhoud = json.dumps(dict(sorted(lijst.items())), indent=1, ensure_ascii=False)
        write_heel(self.voorraad / LIJST, (inhoud + "\n").encode(), duurzaam=True)


EEN_PER_JAAR: Final = frozenset({"cbs_kwb", "politie"})
"""Sources of which one file is an edition, whatever it is called."""


def check_leesbaar(bron: Bron, naam: str, inhoud: bytes) -> None:
    """Refuse a file that its own reader does not take.

    Raises
    ------
    AnderAntwoord
        When the reader gives an error, finds no row, or rejects more rows than the gate allows.
    """
    with tempfile.TemporaryDirectory(prefix="buurtpeil-") as plek:
        (Path(plek) / naam).write_bytes(inhoud)
        fouten: list[str] = []
        delen = [
            deel
            for _, gelezen in read_uitgever(
                Path(plek), bron, bij_fout=lambda _, fout: fouten.append(fout.gevonden)
            )
            for deel in gelezen
        ]
    rijen = min((deel.rijen.num_rows for deel in delen), default=0)
    afgekeurd = max((len({a.regel for a in deel.afkeuringen}) for deel in delen), default=0)
    if fouten or not rijen or afgekeurd > bron.drempel_quarantaine * (rijen + afgekeurd):
        wat = fouten[0] if fouten else f"{rijen} rijen, {afgekeurd} met een afgekeurde cel"
        raise AnderAntwoord(
            f"Wat de uitgever gaf, is niet te lezen als {bron.naam}/{naam}: {wat}",
            verwacht=f"een bestand zoals `buurtpeil contract {bron.naam}` beschrijft",
            remedie="de uitgever heeft de indeling veranderd; wat eerder is geleverd, blijft staan",
        )


def lay_if_other(pad: Path, inhoud: bytes) -> Stand:
    """Lay a file, unless it is there already: whoever watches the folder sees no change then."""
    if not pad.exists():
        lay_heel(pad, inhoud)
        return "nieuw"
    if hash_bestand(pad) == hashlib.sha256(inhoud).hexdigest():
        return "ongewijzigd"
    lay_heel(pad, inhoud)
    return "vervangen"


def lay_heel(pad: Path, inhoud: bytes) -> None:
    """Write a file beside its place, hidden, and move it there; nobody sees half of it."""
    pad.parent.mkdir(parents=True, exist_ok=True)
    deel = pad.with_name(f".{pad.name}")
    try:
        write_heel(deel, inhoud, duurzaam=True)
        deel.replace(pad)
    finally:
        deel.unlink(missing_ok=True)


def _is_editie(bron: Bron, pad: Path) -> bool:
    """Tell whether a file is an edition by its name: a list of names beside it is none."""
    begin = {"cbs_kwb": "kwb_", "politie": "misdrijven_"}[bron.naam]
    return pad.name.lower().startswith(begin)
