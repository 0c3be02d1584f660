"""Reads the delivery contract: dbt sources YAML and the VERA code lists beside it.

The YAML is the only place where columns, codes, classification, purposes and retention are
written down; this module turns it into the frozen dataclasses of :mod:`vera.contract` and
complains about a contract that contradicts itself.
"""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any, NamedTuple, get_args

import yaml

try:
    # A tenth of the time: commands and the service read the contract when they start.
    from yaml import CSafeLoader as Lezer
except ImportError:  # PyYAML without libyaml
    from yaml import SafeLoader as Lezer  # type: ignore[assignment]

from vera.bewaren import parse_termijn
from vera.contract import Behandeling, Bron, Classificatie, Contract, Kolom, Tabel
from vera.errors import BuurtpeilError

CODELIJSTEN = Path("seeds") / "vera" / "vera_codelijst.csv"


def read_contract(dbt_map: Path) -> Contract:
    """Read every ``*__sources.yml`` below the dbt project into one contract.

    Parameters
    ----------
    dbt_map
        Folder of the dbt project.

    Returns
    -------
    Contract
        Sources in alphabetical order, tables and columns in the order of the YAML.

    Raises
    ------
    BuurtpeilError
        When the YAML names an unknown classification, treatment or code list, or when a key
        column is not a column.
    """
    codelijsten = _read_codelijsten(dbt_map / CODELIJSTEN)
    bronnen = [
        _bron(beschrijving, codelijsten)
        for pad in sorted((dbt_map / "models" / "staging").glob("*/_*__sources.yml"))
        for beschrijving in yaml.load(pad.read_text(encoding="utf-8"), Lezer)["sources"]
        if beschrijving.get("config", {}).get("meta", {}).get("formaat") in {"tabel", "uitgever"}
    ]
    return Contract(tuple(sorted(bronnen, key=lambda bron: bron.naam)), codelijsten.namen)


class _Codelijsten(NamedTuple):
    """Per list: its codes with their names, and which code stands under which."""

    namen: dict[str, dict[str, str]]
    ouders: dict[str, tuple[tuple[str, str], ...]]


def _read_codelijsten(pad: Path) -> _Codelijsten:
    lijsten = _Codelijsten({}, {})
    with pad.open(encoding="utf-8", newline="") as bestand:
        for rij in csv.DictReader(bestand):
            naam, code, ouder = rij["lijst"], rij["code"], rij.get("bovenliggende_code")
            lijsten.namen.setdefault(naam, {})[code] = rij["naam"]
            if ouder:
                lijsten.ouders[naam] = (*lijsten.ouders.get(naam, ()), (code, ouder))
    return lijsten


def _meta(beschrijving: dict[str, Any]) -> dict[str, Any]:
    meta: dict[str, Any] = beschrijving.get("config", {}).get("meta", {})
    return meta


def _bron(beschrijving: dict[str, Any], codelijsten: _Codelijsten) -> Bron:
    meta = _meta(beschrijving)
    naam = beschrijving["name"]
    schema = beschrijving.get("schema", naam)
    tabellen = tuple(_tabel(naam, schema, tabel, codelijsten) for tabel in beschrijving["tables"])
    for tabel in tabellen:
        _check_termijn(tabel, {andere.naam: andere for andere in tabellen})
    return Bron(
        naam=naam,
        omschrijving=beschrijving["description"],
        formaat=meta["formaat"],
        ritme=meta["ritme"],
        scheidingsteken=meta.get("scheidingsteken", ";"),
        codering=meta.get("codering", "utf-8"),
        decimaalteken=meta.get("decimaalteken", "."),
        drempel_quarantaine=float(meta.get("drempel_quarantaine", 0.02)),
        drempel_onbekende_code=float(meta.get("drempel_onbekende_code", 0.01)),
        tabellen=tabellen,
    )


def _check_termijn(tabel: Tabel, van_bron: dict[str, Tabel]) -> None:
    """Refuse a retention rule that nobody could carry out."""
    termijn = parse_termijn(tabel.bewaartermijn)
    if termijn.kolom is None:
        return
    waar = tabel if termijn.tabel is None else van_bron.get(termijn.tabel)
    kolommen = {} if waar is None else {kolom.naam: kolom for kolom in waar.kolommen}
    kolom = kolommen.get(termijn.kolom)
    if kolom is None or kolom.type != "date" or kolom.behandeling != "behouden":
        raise BuurtpeilError(
            f"Contract van {tabel.id}: de bewaartermijn {tabel.bewaartermijn!r} telt vanaf een "
            "datum die er niet is.",
            verwacht="een datumkolom die bewaard blijft, van de tabel zelf of van een andere "
            "tabel van dezelfde bron",
            remedie="verbeter de bewaartermijn in het contract",
        )
    eigen = {k.naam for k in tabel.kolommen if k.behandeling in {"behouden", "pseudoniem"}}
    if waar is not None and not set(waar.sleutel) <= eigen:
        raise BuurtpeilError(
            f"Contract van {tabel.id}: de termijn {tabel.bewaartermijn!r} is niet te koppelen.",
            verwacht=f"de sleutel van {waar.id} als kolommen van {tabel.id}",
            remedie="verbeter de bewaartermijn in het contract",
        )


def _tabel(
    bron: str, schema: str, beschrijving: dict[str, Any], codelijsten: _Codelijsten
) -> Tabel:
    meta = _meta(beschrijving)
    naam = beschrijving["name"]
    kolommen = tuple(
        _kolom(f"{bron}.{naam}", kolom, codelijsten) for kolom in beschrijving["columns"]
    )
    sleutel = tuple(meta["sleutel"])
    namen = [kolom.naam for kolom in kolommen]
    for kolom in sleutel:
        if kolom not in namen:
            raise BuurtpeilError(
                f"Contract van {bron}.{naam}: sleutelkolom {kolom} bestaat niet.",
                verwacht=f"een van {', '.join(namen)}",
            )
    return Tabel(
        bron=bron,
        naam=naam,
        omschrijving=beschrijving["description"],
        sleutel=sleutel,
        levering=meta["levering"],
        kolommen=kolommen,
        bewaartermijn=meta["bewaartermijn"],
        schema=meta.get("schema", schema),
        kennisdatum_eerste_levering=meta.get("kennisdatum_eerste_levering"),
    )


def _kolom(tabel: str, beschrijving: dict[str, Any], codelijsten: _Codelijsten) -> Kolom:
    meta = _meta(beschrijving)
    naam = beschrijving["name"]
    classificatie = meta["classificatie"]
    behandeling = meta.get("behandeling", "behouden")
    if classificatie not in get_args(Classificatie) or behandeling not in get_args(Behandeling):
        raise BuurtpeilError(
            f"Contract van {tabel}.{naam}: classificatie {classificatie!r} of "
            f"behandeling {behandeling!r} bestaat niet.",
            verwacht=f"{get_args(Classificatie)} en {get_args(Behandeling)}",
        )
    codelijst = meta.get("codelijst")
    if codelijst is not None and codelijst not in codelijsten.namen:
        raise BuurtpeilError(
            f"Contract van {tabel}.{naam}: codelijst {codelijst} staat niet in {CODELIJSTEN}."
        )
    waarden = codelijsten.namen[codelijst] if codelijst else meta.get("waarden", ())
    return Kolom(
        naam=naam,
        type=beschrijving["data_type"],
        omschrijving=beschrijving["description"],
        classificatie=classificatie,
        doelen=frozenset(meta.get("doelen", ())),
        verplicht=bool(meta.get("verplicht", False)),
        behandeling=behandeling,
        gebruik=meta.get("gebruik", "waarde"),
        codelijst=codelijst,
        waarden=frozenset(str(waarde) for waarde in waarden),
        onder=meta.get("onder"),
        ouders=codelijsten.ouders.get(codelijst, ()) if codelijst and meta.get("onder") else (),
        minimum=meta.get("minimum"),
        maximum=meta.get("maximum"),
        kop=meta.get("kop"),
        positie=meta.get("positie"),
    )
