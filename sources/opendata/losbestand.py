"""Files that a publisher offers whole: the Wijkprofiel of Rotterdam, the Leefbaarometer.

The Wijkprofiel is taken byte for byte: its reader wants the file as the city has it. Of the
Leefbaarometer one list in the zip is taken, and of that list the buurten of the association. No
reader takes the Leefbaarometer yet, so it is kept beside the deliveries and not among them.

Belongs here: from the download to one file. Does not belong here: the download (``klant``).
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
import zlib
from pathlib import Path
from typing import Final

from sources.opendata.adres import Adressen
from sources.opendata.csvbestand import build_csv
from sources.opendata.fout import AnderAntwoord
from sources.opendata.klant import Klant
from sources.opendata.regio import Regio

SOORTEN: Final = ("vi", "si", "fi_obj", "fi_subj")
"""Files of an edition of the Wijkprofiel."""
GEMEENTE_WIJKPROFIEL: Final = "0599"
"""Rotterdam: no other gemeente publishes this file."""
_LIJST = re.compile(r"leefbaarometer-scores buurten.*\.csv", re.I)
_CODE: Final = "bu_code"
_JAAR: Final = "jaar"
_SCORES: Final = ("lbm", "fys", "onv", "soc", "vrz", "won")
_MAXIMUM: Final = 512 * 1024 * 1024
"""Bytes of that list, unzipped: all buurten of the country and all years are a tenth of it."""


def fetch_wijkprofiel(klant: Klant, adressen: Adressen, jaar: int, soort: str) -> bytes:
    """Return one file of an edition, as the city has it.

    Raises
    ------
    Onbereikbaar, AnderAntwoord
        When the city does not give it.
    """
    adres = adressen.wijkprofiel.replace("{jaar}", str(jaar)).replace("{soort}", soort)
    return klant.fetch_bestand(adres).read_bytes()


def fetch_leefbaarometer(klant: Klant, adressen: Adressen, regio: Regio) -> bytes:
    """Return the scores of the association's buurten, all editions.

    Returns
    -------
    bytes
        UTF-8, ``,``: ``bu_code``, ``jaar`` and six scores, in the order of code and year. The
        same download gives the same bytes.

    Raises
    ------
    AnderAntwoord
        When the zip has no such list, or the list has other columns or none of the buurten.
    Onbereikbaar
        When the publisher does not answer.
    """
    pad = klant.fetch_bestand(adressen.leefbaarometer)
    try:
        rijen = list(csv.reader(io.StringIO(_read_lijst(pad), newline="")))
    except csv.Error:
        raise _say_anders("een lijst die geen leesbare CSV is") from None
    kop = [cel.strip().lower() for cel in rijen[0]] if rijen else []
    gevraagd = (_CODE, _JAAR, *_SCORES)
    ontbreekt = [naam for naam in gevraagd if kop.count(naam) != 1]
    if ontbreekt:
        raise _say_anders(f"een lijst zonder kolom {', '.join(ontbreekt)}")
    plekken = [kop.index(naam) for naam in gevraagd]
    eigen = sorted(
        [rij[plek].strip() for plek in plekken]
        for rij in rijen[1:]
        if len(rij) == len(kop) and regio.has(rij[plekken[0]].strip())
    )
    if not eigen:
        raise _say_anders("een lijst zonder buurten van de gevraagde regio")
    return build_csv([gevraagd, *eigen], "utf-8", ",")


def _read_lijst(pad: Path) -> str:
    """Return the list of buurten out of the zip; nothing is unpacked on the disk."""
    try:
        with zipfile.ZipFile(pad) as zip_:
            namen = [i for i in zip_.infolist() if _LIJST.fullmatch(Path(i.filename).name)]
            if len(namen) != 1:
                raise _say_anders(f"een zip met {len(namen)} lijsten van buurten")
            with zip_.open(namen[0]) as bestand:
                inhoud = bestand.read(_MAXIMUM + 1)
        if len(inhoud) > _MAXIMUM:
            raise _say_anders("een lijst die groter is dan hier past")
        return inhoud.decode("utf-8-sig")
    except (zipfile.BadZipFile, zlib.error, EOFError, UnicodeDecodeError, NotImplementedError):
        raise _say_anders("geen zip met een leesbare lijst") from None


def _say_anders(wat: str) -> AnderAntwoord:
    return AnderAntwoord(
        f"De Leefbaarometer geeft {wat}.",
        verwacht="een zip met 'Leefbaarometer-scores buurten … .csv' en de kolommen "
        + ", ".join((_CODE, _JAAR, *_SCORES)),
        remedie="kijk op leefbaarometer.nl bij Open data en pas BUURTPEIL_OPEN_LEEFBAAROMETER aan",
    )
