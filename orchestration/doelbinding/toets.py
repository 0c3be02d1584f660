"""Walks a product back to the source columns it is made of, and judges each.

Belongs here: the way from a published column to its sources, and what is wrong with reaching
one. Does not belong here: reading SQL (``gebruik``) and what the products are (``producten``).

Source: design paper on trust, "Purpose limitation" and "The firewall".
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any, NamedTuple

from orchestration.doelbinding.gebruik import Gebruik, Soort
from orchestration.doelbinding.producten import BRUGGEN, VAN_DE_RUN, Brug, Product
from sources.adresindex import list_delen
from vera.contract import Contract, Kolom

_SOCIAAL_SIGNAAL = re.compile(r"soci[a-z]*_?signa", re.IGNORECASE)
_COMMENTAAR = re.compile(r"--[^\n]*|/\*.*?\*/", re.DOTALL)


@dataclass(frozen=True)
class Schending:
    """A source column that a product reaches and may not.

    ``pad`` goes from the product's column to the source column.
    """

    product: str
    kolom: str
    bron: str
    gebruik: Soort
    reden: str
    pad: tuple[str, ...]

    def __str__(self) -> str:
        """Return one line: what, why, and along which way."""
        return f"{self.product} {self.kolom}: {self.reden} ({self.gebruik}): {' < '.join(self.pad)}"


@dataclass(frozen=True)
class Weg:
    """One source column that a product is made of, how it got there, and what was judged.

    Attributes
    ----------
    kolom
        Column of the product, with its model.
    bron
        Source column (``bron.tabel.kolom``), or source table when only its rows count.
    gebruik
        ``waarde``, or ``sleutel`` when it only decides which rows count.
    doelen
        Purposes that the contract gives it.
    doel
        The purpose that it was held against.
    pad
        From the product's column to the source column.
    reden
        What is wrong with reaching it; None when it may be.
    """

    kolom: str
    bron: str
    gebruik: Soort
    doelen: frozenset[str]
    doel: str
    pad: tuple[str, ...]
    reden: str | None


@dataclass(frozen=True)
class Herkomst:
    """What a product is made of."""

    product: Product
    wegen: tuple[Weg, ...]

    @property
    def schendingen(self) -> list[Schending]:
        """What the product reaches and may not."""
        return [
            Schending(self.product.naam, weg.kolom, weg.bron, weg.gebruik, weg.reden, weg.pad)
            for weg in self.wegen
            if weg.reden is not None
        ]


@dataclass(frozen=True)
class _Eind:
    """A source column that was reached, or a model that may not lie on the way.

    ``doel`` is the purpose it is held against where that is not the product's own; ``deuren`` are
    the doors that lie on the way.
    """

    bron: str
    kolom: str | None
    gebruik: Soort
    pad: tuple[str, ...]
    doel: str | None
    deuren: frozenset[str]


def check_product(product: Product, gebruik: Gebruik, contract: Contract) -> list[Schending]:
    """Return every source column that a product reaches and may not, with the way to it.

    Parameters
    ----------
    product
        What is judged.
    gebruik
        The use of columns in the dbt project, as it was compiled.
    contract
        The delivery contract: which column has which purposes.

    Returns
    -------
    list of Schending
        One per column of the product, source column and use; empty when all is well.

    Raises
    ------
    BuurtpeilError
        When a model on the way cannot be read.
    """
    return trace_product(product, gebruik, contract).schendingen


def trace_product(product: Product, gebruik: Gebruik, contract: Contract) -> Herkomst:
    """Return every source column that a product reaches, and what was judged of each.

    Parameters and errors as in ``check_product``.
    """
    rechter = _Rechter(product, contract)
    loper = _Loper(gebruik, product)
    wegen: dict[tuple[str, str, Soort, str], Weg] = {}
    for tabel in product.tabellen:
        unique_id = gebruik.find_model(tabel)
        for kolom in gebruik.list_kolommen(unique_id):
            for eind in loper.find_einden(unique_id, kolom):
                bron = eind.bron if eind.kolom is None else f"{eind.bron}.{eind.kolom}"
                doel = eind.doel or product.doel
                weg = Weg(
                    kolom=f"{tabel}.{kolom}",
                    bron=bron,
                    gebruik=eind.gebruik,
                    doelen=rechter.list_doelen(eind),
                    doel=doel,
                    pad=eind.pad,
                    reden=rechter.judge(eind, doel, is_sleutel=kolom in product.sleutels),
                )
                # Of two ways to one column the one that may not be is the one to tell of.
                sleutel = (weg.kolom, bron, eind.gebruik, doel)
                if sleutel not in wegen or (weg.reden and not wegen[sleutel].reden):
                    wegen[sleutel] = weg
    return Herkomst(product, tuple(wegen[sleutel] for sleutel in sorted(wegen)))


def check_project(gebruik: Gebruik) -> list[Schending]:
    """Return what the dbt project may not have at all, whatever reads it.

    Sociaal Signaal has a database and a role of its own: no source, no model and no SQL of this
    project may bear its name. SQL that runs beside a model (a hook) and a model in Python are
    refused as well: what they do to columns cannot be read.
    """
    gevonden = []
    for unique_id, props in sorted(gebruik.knopen.items()):
        if props["resource_type"] not in {"model", "seed", "source", "snapshot"}:
            continue
        if any(_SOCIAAL_SIGNAAL.search(naam) for naam in _list_namen(props)):
            gevonden.append(_make_schending(props, "Sociaal Signaal hoort niet in het dbt-project"))
        if props["resource_type"] not in {"model", "snapshot"}:
            continue
        config: Mapping[str, Any] = props.get("config") or {}
        if config.get("pre-hook") or config.get("post-hook"):
            gevonden.append(_make_schending(props, "SQL naast een model (hook) is niet te lezen"))
        if props.get("language", "sql") != "sql":
            gevonden.append(_make_schending(props, "een model in Python is niet te lezen"))
        elif _SOCIAAL_SIGNAAL.search(_COMMENTAAR.sub(" ", gebruik.read_sql(unique_id))):
            gevonden.append(_make_schending(props, "de SQL noemt Sociaal Signaal"))
    return gevonden


def _list_namen(props: Mapping[str, Any]) -> list[str]:
    return [
        str(props[naam])
        for naam in ("name", "source_name", "schema", "identifier", "alias", "database")
        if props.get(naam)
    ]


def _make_schending(props: Mapping[str, Any], reden: str) -> Schending:
    naam = _name(props)
    return Schending("dbt-project", naam, naam, "waarde", reden, (naam,))


class _Stand(NamedTuple):
    """Where the walk is, and what it must remember of the way there."""

    unique_id: str
    kolom: str | None
    soort: Soort
    doel: str | None
    deuren: frozenset[str]


class _Loper:
    """Walks from a column to the sources, nearest first.

    What was passed on the way counts (a door, another product's model), so a node is walked once
    for each of those and not once: a way through the door hides no way beside it.
    """

    def __init__(self, gebruik: Gebruik, product: Product) -> None:
        self._gebruik = gebruik
        self._product = product
        self._deuren = frozenset(deur for deuren in product.deuren.values() for deur in deuren)
        self._verder: dict[_Stand, tuple[_Stand, ...]] = {}

    def find_einden(self, unique_id: str, kolom: str) -> Iterator[_Eind]:
        """Yield every source column that a column of a model reaches, with the shortest way."""
        begin = _Stand(unique_id, kolom, "waarde", None, frozenset())
        vorige: dict[_Stand, _Stand | None] = {begin: None}
        rij = deque([begin])
        while rij:
            stand = rij.popleft()
            if stand not in self._verder:
                self._verder[stand] = tuple(dict.fromkeys(self._list_verder(stand)))
            for volgende in self._verder[stand]:
                if volgende not in vorige:
                    vorige[volgende] = stand
                    rij.append(volgende)
            if self._is_einde(stand):
                yield self._make_eind(stand, vorige)

    def _is_verboden(self, props: Mapping[str, Any]) -> bool:
        return props["resource_type"] != "source" and any(
            fnmatchcase(props["name"], patroon) for patroon in self._product.verboden_modellen
        )

    def _is_einde(self, stand: _Stand) -> bool:
        props = self._gebruik.knopen[stand.unique_id]
        if props["resource_type"] == "source":
            return _name(props) not in BRUGGEN
        return self._is_verboden(props)

    def _list_verder(self, stand: _Stand) -> Iterator[_Stand]:
        props = self._gebruik.knopen[stand.unique_id]
        if props["resource_type"] == "seed" or self._is_verboden(props):
            return
        if props["resource_type"] == "source":
            yield from self._cross(stand, BRUGGEN.get(_name(props)))
            return
        doel = stand.doel or next(
            (d for p, d in self._product.leunt_op.items() if fnmatchcase(props["name"], p)), None
        )
        deuren = stand.deuren | ({props["name"]} & self._deuren)
        bronnen = self._gebruik.find_bronnen(stand.unique_id, stand.kolom, stand.soort)
        for ouder, naam, soort in sorted(bronnen, key=str):
            yield _Stand(ouder, naam, soort, doel, deuren)

    def _cross(self, stand: _Stand, brug: Brug | None) -> Iterator[_Stand]:
        for model in brug.modellen if brug else ():
            unique_id = self._gebruik.find_model(model)
            for kolom in self._gebruik.list_kolommen(unique_id):
                soort: Soort = "sleutel" if brug and kolom in brug.sleutels else stand.soort
                yield stand._replace(unique_id=unique_id, kolom=kolom, soort=soort)

    def _make_eind(self, stand: _Stand, vorige: Mapping[_Stand, _Stand | None]) -> _Eind:
        pad = []
        stap: _Stand | None = stand
        while stap is not None:
            naam = _name(self._gebruik.knopen[stap.unique_id])
            pad.append(naam if stap.kolom is None else f"{naam}.{stap.kolom}")
            stap = vorige[stap]
        props = self._gebruik.knopen[stand.unique_id]
        if props["resource_type"] == "source":
            bron, kolom = _name(props), stand.kolom
        else:
            bron, kolom = f"model {props['name']}", None
        return _Eind(bron, kolom, stand.soort, tuple(reversed(pad)), stand.doel, stand.deuren)


def _name(props: Mapping[str, Any]) -> str:
    """Return ``bron.tabel`` of a source, and the name of anything else."""
    if props["resource_type"] == "source":
        return f"{props['source_name']}.{props['name']}"
    return str(props["name"])


class _Rechter:
    def __init__(self, product: Product, contract: Contract) -> None:
        self._product = product
        self._tabellen = {tabel.id: tabel for tabel in contract.tabellen}

    def list_doelen(self, eind: _Eind) -> frozenset[str]:
        """Return the purposes in the contract; of a table, those of all its columns together."""
        tabel = self._tabellen.get(eind.bron)
        if tabel is None:
            return frozenset()
        return frozenset(
            doel
            for kolom in (
                tabel.kolommen
                if eind.kolom is None or eind.kolom.startswith("_")
                else list_delen(tabel, eind.kolom)
            )
            for doel in kolom.doelen
        )

    def judge(self, eind: _Eind, doel: str, *, is_sleutel: bool) -> str | None:
        """Return what is wrong with reaching this, or None."""
        if eind.bron.startswith("model "):
            return "dit model mag niet op de weg liggen"
        if eind.bron in VAN_DE_RUN:
            return None
        if any(fnmatchcase(eind.bron, patroon) for patroon in self._product.eigen):
            return None
        return self._judge_weg(eind) or self._judge_kolom(eind, doel, is_sleutel=is_sleutel)

    def _judge_weg(self, eind: _Eind) -> str | None:
        naam = f"{eind.bron}.{eind.kolom or '*'}"
        if any(fnmatchcase(naam, patroon) for patroon in self._product.verboden):
            return "verboden voor dit product"
        if eind.bron not in self._tabellen:
            return "staat niet in het leveringscontract"
        deuren = self._product.deuren.get(eind.bron, ())
        if deuren and not eind.deuren & set(deuren):
            return f"mag alleen gelezen worden door {' of '.join(deuren)}"
        return None

    def _judge_kolom(self, eind: _Eind, doel: str, *, is_sleutel: bool) -> str | None:
        tabel = self._tabellen[eind.bron]
        kolommen = tabel.kolommen
        if eind.kolom is None:
            mag = any(doel in kolom.doelen for kolom in kolommen)
            return None if mag else f"geen kolom heeft het doel {doel}"
        if eind.kolom.startswith("_"):
            return None  # which delivery and line a row came from
        # The key of an address is made of more than one column: each of them must allow it.
        delen = list_delen(tabel, eind.kolom)
        if not delen:
            return "staat niet in het leveringscontract"
        redenen = (self._judge_deel(deel, eind, doel, is_sleutel=is_sleutel) for deel in delen)
        return next((reden for reden in redenen if reden is not None), None)

    def _judge_deel(self, kolom: Kolom, eind: _Eind, doel: str, *, is_sleutel: bool) -> str | None:
        als_waarde = eind.gebruik == "waarde" and not is_sleutel
        is_vrij = kolom.gebruik == "waarde" or kolom.classificatie == "openbaar"
        redenen = {
            f"heeft het doel {doel} niet": doel not in kolom.doelen,
            "is een bijzonder persoonsgegeven": kolom.classificatie == "bijzonder",
            "mag alleen als sleutel worden gebruikt": als_waarde and not is_vrij,
        }
        return next((reden for reden, geldt in redenen.items() if geldt), None)
