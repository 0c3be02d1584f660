"""Opening a publisher's file: gzip, encoding, CSV, and the year in its name.

What the columns mean is in the reader of each source.
"""

from __future__ import annotations

import csv
import gzip
import io
import re
import zlib
from pathlib import Path

from sources.bestand import check_omvang
from sources.leesfout import LeesFout
from sources.uitgever.gelezen import UitgeverFout

_BLOK = 1 << 20
_BOM = b"\xef\xbb\xbf"
_JAAR = re.compile(r"(?<![0-9])((?:19|20)[0-9]{2})(?![0-9])")


def read_tekst(pad: Path, codering: str) -> str:
    """Return the text of a file, unzipped where its name ends in ``.gz``.

    A UTF-8 byte order mark wins over the contract's encoding.

    Raises
    ------
    UitgeverFout
        When the file is not gzip although it is named so, or not in its encoding.
    """
    inhoud = pad.read_bytes()
    if pad.suffix == ".gz":
        try:
            inhoud = _unzip(pad)
        except (OSError, EOFError, zlib.error):
            raise UitgeverFout(
                f"{pad.name} is geen geldig gzip-bestand.",
                remedie="Haal het bestand opnieuw op bij de uitgever.",
            ) from None
    try:
        tekst = inhoud.decode("utf-8-sig" if inhoud.startswith(_BOM) else codering)
    except UnicodeDecodeError as fout:
        raise UitgeverFout(
            f"{pad.name} heeft bij byte {fout.start} tekens buiten {codering}.",
            verwacht=f"de codering van de uitgever: {codering}",
            remedie="Lever het bestand zoals het is opgehaald, zonder het om te zetten.",
        ) from None
    if "\0" in tekst:
        # Each reader would stumble over them elsewhere, or take a number for another one.
        raise UitgeverFout(
            f"{pad.name} is geen leesbare tekst: er staan NUL-bytes in.",
            verwacht=f"de codering van de uitgever: {codering}",
            remedie="Haal het bestand opnieuw op bij de uitgever.",
        )
    return tekst


def _unzip(pad: Path) -> bytes:
    delen, omvang = [], 0
    with gzip.open(pad, "rb") as bestand:
        while deel := bestand.read(_BLOK):
            delen.append(deel)
            omvang += len(deel)
            try:
                check_omvang(pad, omvang)
            except LeesFout as fout:
                raise UitgeverFout(
                    f"{pad.name}: {fout}.", remedie="Haal het bestand opnieuw op bij de uitgever."
                ) from None
    return b"".join(delen)


def read_csv(pad: Path, codering: str, scheidingsteken: str) -> list[tuple[int, list[str]]]:
    """Return the rows of a CSV file with the number of their first line (1-based)."""
    lezer = csv.reader(
        io.StringIO(read_tekst(pad, codering), newline=""), delimiter=scheidingsteken
    )
    rijen = []
    begin = 1
    try:
        for rij in lezer:
            rijen.append((begin, rij))
            begin = lezer.line_num + 1
    except csv.Error:
        raise UitgeverFout(f"{pad.name} is vanaf regel {begin} geen leesbare CSV.") from None
    if not rijen:
        raise UitgeverFout(f"{pad.name} is leeg.", remedie="Haal het bestand opnieuw op.")
    return rijen


def find_jaar(pad: Path) -> int | None:
    """Return the one year in a file name, or None.

    Examples
    --------
    >>> find_jaar(Path("wijkprofiel_2014_vi.csv.gz"))
    2014
    >>> find_jaar(Path("listings_min.csv")) is None
    True
    """
    jaren = {int(jaar) for jaar in _JAAR.findall(pad.name)}
    return jaren.pop() if len(jaren) == 1 else None


def is_leeg(rij: list[str]) -> bool:
    """Tell whether a row has no content at all."""
    return not any(cel.strip() for cel in rij)


def normalise_kop(tekst: str) -> str:
    """Return a header with its white space (hard spaces included) made single."""
    return " ".join(tekst.split())
