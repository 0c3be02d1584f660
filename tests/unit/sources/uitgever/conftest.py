"""Small files in the publishers' formats, made from the contract's own heads."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest

from vera.contract import Bron, Contract, Tabel


def build_csv(rijen: Sequence[Sequence[str]], scheidingsteken: str = ";") -> str:
    tekst = io.StringIO()
    csv.writer(tekst, delimiter=scheidingsteken, lineterminator="\r\n").writerows(rijen)
    return tekst.getvalue()


def build_wijkprofiel(
    tabel: Tabel, rijen: Sequence[Mapping[str, str]], extra: str = "% bewoners, niet in contract"
) -> list[list[str]]:
    """Rows with every contract column at its place and another head in between."""
    op_plek = {k.positie: k for k in tabel.kolommen if k.positie is not None}
    breed = max(op_plek) + 2
    kop = [op_plek[i].kop or "" if i in op_plek else extra for i in range(breed)]
    cellen = [
        [rij.get(op_plek[i].naam, "100") if i in op_plek else "geheim" for i in range(breed)]
        for rij in rijen
    ]
    return [kop, *cellen]


@pytest.fixture
def wijkprofiel(contract: Contract) -> Bron:
    return contract.bron("wijkprofiel")


@pytest.fixture
def write_editie(tmp_path: Path, wijkprofiel: Bron) -> Callable[..., Path]:
    """Write ``wijkprofiel_<jaar>_vi.csv`` with two areas unless others are given."""

    def write(
        jaar: int = 2014, *rijen: Mapping[str, str], map_naam: str = "wijkprofiel"
    ) -> Path:
        goed = [
            {"gebied_naam": "Süd", "wijknr": "71", "naam": "Tärwewijk"},
            {"gebied_naam": "Stad", "wijknr": "5000", "naam": "Stad"},
        ]
        inhoud = build_csv(build_wijkprofiel(wijkprofiel.tabel("vi"), rijen or goed))
        pad = tmp_path / map_naam / f"wijkprofiel_{jaar}_vi.csv"
        pad.parent.mkdir(exist_ok=True)
        pad.write_text(inhoud, encoding="latin-1", newline="")
        return pad

    return write


@pytest.fixture
def build_kwb() -> Callable[..., bytes]:
    """Build a file of Kerncijfers as StatLine gives it."""

    def build(
        jaar: int = 2017,
        *,
        titeljaar: int | None = None,
        celjaar: int | None = None,
        kolommen: Mapping[str, str] | None = None,
        eenheden: Mapping[str, str] | None = None,
        bronregel: bool = True,
    ) -> bytes:
        extra = dict(kolommen or {"||Aantal inwoners": "12370", "|||Marokko": "865",
                                  '||Personen per soort uitkering; Bijstand': "410"})
        units = {"||Aantal inwoners": "aantal", "|||Marokko": "aantal",
                 '||Personen per soort uitkering; Bijstand': "aantal", **(eenheden or {})}
        kop = ["", "||Gemeentenaam", "Soort regio", "Codering", "Jaar", *extra]
        eenheid = ["Wijken en buurten", "naam", "omschrijving", "code", "",
                   *(units.get(naam, "aantal") for naam in extra)]
        breed = len(kop)
        rij = ["Rozenburg", "Rotterdam", "Buurt", "BU05992704", str(celjaar or jaar),
               *extra.values()]
        rijen = [
            [f"Kerncijfers wijken en buurten {titeljaar or jaar}"] + [""] * (breed - 1),
            [""] * breed,
            ["", "Onderwerp"] + [""] * (breed - 2),
            kop,
            eenheid,
            rij,
        ]
        if bronregel:
            rijen.append(["© Centraal Bureau voor de Statistiek"])
        return build_csv(rijen).encode("utf-8-sig")

    return build
