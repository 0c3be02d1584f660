"""Turns a publisher's file into what its API would say: the same figures by another road."""

from __future__ import annotations

import csv
from pathlib import Path

from tests.unit.sources.opendata.nepuitgever import Misdrijven, Nepuitgever, Tabel

NAMEN = {2014: "82931NED", 2015: "83220NED", 2016: "83487NED", 2017: "83765NED"}


def read_kwb(pad: Path, jaar: int) -> Tabel:
    """Return the table of one year out of the file that StatLine gives."""
    with pad.open(encoding="utf-8-sig", newline="") as bestand:
        rijen = list(csv.reader(bestand, delimiter=";"))
    koprij = next(i for i, rij in enumerate(rijen) if "Codering" in rij)
    namen = [" ".join(cel.split()).lstrip("|").strip() for cel in rijen[koprij]]
    eenheden = [" ".join(cel.split()) for cel in rijen[koprij + 1]]
    code, eerste = namen.index("Codering"), namen.index("Jaar") + 1
    regios = [rij for rij in rijen[koprij + 2 :] if len(rij) == len(namen)]
    onderwerpen = {
        f"M{i:06d}": (namen[i], eenheden[i]) for i in range(eerste, len(namen)) if namen[i]
    }
    return Tabel(
        naam=NAMEN.get(jaar, f"9{jaar}NED"),
        titel=f"Kerncijfers wijken en buurten {jaar}",
        regios={rij[code].strip(): rij[0] for rij in regios},
        onderwerpen=onderwerpen,
        cijfers={
            (rij[code].strip(), sleutel): rij[int(sleutel[1:])].strip()
            for rij in regios
            for sleutel in onderwerpen
        },
    )


def read_misdrijven(pad: Path, jaar: int) -> Misdrijven:
    """Return the police's table out of the list: half of each sum is the total, half the types."""
    with pad.open(encoding="utf-8-sig", newline="") as bestand:
        rijen = list(csv.DictReader(bestand))
    aantallen: dict[tuple[str, str, str], int | None] = {}
    for rij in rijen:
        som = int(float(rij["geregistreerde_misdrijven_som"]))
        buurt, periode = rij["WijkenEnBuurten"], f"{jaar}JJ00"
        aantallen[buurt, "0.0.0", periode] = som // 2
        aantallen[buurt, "1.1.1", periode] = som - som // 2
        aantallen[buurt, "2.5.1", periode] = None  # too few to publish
    return Misdrijven({rij["WijkenEnBuurten"]: rij["buurt_naam"] for rij in rijen}, aantallen)


def serve_stad(nep: Nepuitgever, *, v4: bool = True) -> None:
    """Let a publisher have a small city that does not exist, GM9999, and another gemeente."""
    regios = {
        "GM9999": "Voorbeeldstad", "WK999901": "Binnenhaven", "BU99990101": "Zilverkade",
        "BU99990102": "Klaverhof", "WK999902": "Noorderveld", "BU99990201": "Lindehoek",
        "GM9998": "Elders", "WK999801": "Ver", "BU99980101": "Heel ver",
    }  # fmt: skip
    onderwerpen = {
        "T001036": ("Aantal inwoners", "aantal"),
        "M000100": ("Bevolkingsdichtheid", "aantal inwoners per km²"),
        "1014800": ("Koopwoningen", "%"),
        "1010": ("Ongehuwd", "aantal"),  # not in the contract: never asked
    }
    for jaar in (2021, 2022, 2023, 2024):
        cijfers = {
            (code, sleutel): str(1000 + jaar + 10 * i + j)
            for i, code in enumerate(regios)
            for j, sleutel in enumerate(onderwerpen)
        }
        cijfers |= {(code, "1014800"): f"{i},5" for i, code in enumerate(regios)}
        cijfers["BU99990102", "1014800"] = "."
        titel = f"Kerncijfers wijken en buurten {jaar}"
        tabel = Tabel(f"8{jaar}NED", titel, regios, onderwerpen, cijfers)
        (nep.v4 if v4 else nep.v3)[tabel.naam] = tabel
    buurten = {code: naam for code, naam in regios.items() if code.startswith("BU")}
    nep.politie = Misdrijven(
        buurten,
        {
            (code, soort, f"{jaar}JJ00"): 10 * i + jaar - 2000
            for i, code in enumerate(buurten)
            for soort in ("0.0.0", "1.1.1", "2.2.1")
            for jaar in (2023, 2024)
        },
    )
