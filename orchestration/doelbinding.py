"""Purpose limitation: walks a product back to the source columns it is made of, and judges each.

Belongs here: reading from compiled SQL which columns a column is made of *and* which ones decide
which rows count (join, where, group by, order by, windows), and what a product may reach. Does
not belong here: the purposes themselves (they stand in the delivery contract), nor showing
lineage in Dagster (``orchestration.kolomherkomst``, values only).

Source: design paper on trust, "Purpose limitation" and "The firewall".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, Literal, cast

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.optimizer.qualify import qualify
from sqlglot.optimizer.scope import Scope, build_scope

from orchestration.kolomherkomst import Relatie
from vera.contract import Contract
from vera.errors import BuurtpeilError

Soort = Literal["waarde", "sleutel"]
"""Whether a column becomes part of a value, or only decides which rows are counted."""
Bron = tuple[str, str | None, Soort]
"""Unique id of a dbt node, column (None: only that its rows exist), use."""

VAN_DE_RUN = frozenset({"buurtpeil.run", "buurtpeil.levering"})
"""What a run brings along and says nothing of anyone: its clock, and which files came when."""


@dataclass(frozen=True)
class Product:
    """Something that is published or learned from, and what it may be made of.

    Attributes
    ----------
    naam
        Name for a reader.
    doel
        The purpose that every source column it reaches must have in the contract.
    tabellen
        The dbt models that hold it.
    sleutels
        Columns of those that only say which row it is; a key may end up there as a value.
    verboden
        Patterns (``bron.tabel.kolom``) that it may not reach even where the contract would
        allow it.
    verboden_modellen
        Patterns of dbt models that may not lie on the way.
    deuren
        Per source table the one model that may read it, because it keeps rows out (care cases
        are rows, not columns).
    """

    naam: str
    doel: str
    tabellen: tuple[str, ...]
    sleutels: frozenset[str]
    verboden: tuple[str, ...] = ()
    verboden_modellen: tuple[str, ...] = ()
    deuren: Mapping[str, str] = field(default_factory=dict)


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


_LABEL = ("int_label__*", "int_indicator__*", "int_referentie__*", "int_signaal__*", "mart_*")
_OPENBAAR = tuple(f"{bron}.*" for bron in ("wijkprofiel", "cbs_kwb", "politie", "airbnb", "geo"))
_FIN = tuple(f"vera.{tabel}.*" for tabel in ("huurachterstand", "boeking", "betalingsregeling"))

OVERLAST = Product(
    naam="overlastmodel",
    doel="overlast",
    tabellen=("int_overlast__kenmerk", "int_overlast__uitkomst"),
    sleutels=frozenset({"complex_id", "buurt_id", "peildatum"}),
    verboden=(*_FIN, *_OPENBAAR, "huurdersonderzoek.*", "woonfraude.*"),
    verboden_modellen=_LABEL,
    deuren={"vera.zaak": "int_zaak__gebeurtenis"},
)
WOONFRAUDE = Product(
    naam="woonfraudemodel",
    doel="woonfraude",
    tabellen=("int_woonfraude__kenmerk", "int_woonfraude__onderzoek"),
    sleutels=frozenset({"complex_id", "onderzoek_id", "peildatum"}),
    verboden=(
        *_FIN,
        *_OPENBAAR,
        "huurdersonderzoek.*",
        "wijkbeheer.*",
        "zaakverloop.*",
        "vera.eenheidadres.*",
        "vera.buurt.*",
        "vera.wijk.*",
        "vera.zaak.*",
        "vera.zaakstatus.*",
        "vera.onderhoudsverzoek.*",
        "vera.defect.*",
        "vera.huurovereenkomst.*",
        "woonfraude.tip.*",
    ),
    verboden_modellen=(*_LABEL, "int_overlast__*", "int_zaak__*", "int_schouw__*"),
)
PRODUCTEN = (OVERLAST, WOONFRAUDE)


class Gebruik:
    """Which columns of its parents a column of a dbt model uses, from compiled SQL.

    Parameters
    ----------
    manifest
        dbt's manifest.
    doel_map
        dbt's target folder, with the compiled SQL.
    kolommen
        The columns of every table and view in the warehouse, by (schema, name).
    """

    def __init__(
        self,
        manifest: Mapping[str, Any],
        doel_map: Path,
        kolommen: Mapping[Relatie, Sequence[str]],
    ) -> None:
        self.knopen: dict[str, Mapping[str, Any]] = {**manifest["nodes"], **manifest["sources"]}
        self._gecompileerd = doel_map / "compiled" / manifest["metadata"]["project_name"]
        self._kolommen = kolommen
        self._per_model: dict[str, _Model] = {}

    def list_kolommen(self, unique_id: str) -> list[str]:
        """Return the columns of a model, in order.

        Raises
        ------
        BuurtpeilError
            When its SQL cannot be read: what cannot be read cannot be judged.
        """
        return self._read(unique_id).kolommen

    def find_bronnen(self, unique_id: str, kolom: str | None, soort: Soort) -> frozenset[Bron]:
        """Return what a column of a model uses of its parents; None asks for its rows alone.

        Raises
        ------
        BuurtpeilError
            When its SQL cannot be read.
        """
        model = self._read(unique_id)
        try:
            return model.find_bronnen(kolom, soort)
        except ValueError as fout:
            raise self._onleesbaar(unique_id, fout) from fout

    def find_model(self, naam: str) -> str:
        """Return the unique id of a model by its name."""
        for unique_id, props in self.knopen.items():
            if props["resource_type"] == "model" and props["name"] == naam:
                return unique_id
        raise BuurtpeilError(
            f"Het dbt-project heeft geen model {naam}.",
            remedie="pas de productenlijst in orchestration/doelbinding.py aan",
        )

    def _read(self, unique_id: str) -> _Model:
        if unique_id not in self._per_model:
            props = self.knopen[unique_id]
            pad = self._gecompileerd / props["original_file_path"]
            ouders = {self._relation(ouder): ouder for ouder in props["depends_on"]["nodes"]}
            try:
                sql = pad.read_text(encoding="utf-8")
                self._per_model[unique_id] = _Model(sql, ouders, self._kolommen)
            except (OSError, SqlglotError, ValueError) as fout:
                raise self._onleesbaar(unique_id, fout) from fout
        return self._per_model[unique_id]

    def _onleesbaar(self, unique_id: str, fout: Exception) -> BuurtpeilError:
        return BuurtpeilError(
            f"De herkomst van {self.knopen[unique_id]['name']} is niet te lezen: {fout}",
            verwacht="gecompileerde SQL waarin van elke kolom vaststaat uit welke tabel zij komt",
            remedie="bouw het dbt-project, of schrijf het model eenvoudiger",
        )

    def _relation(self, unique_id: str) -> Relatie:
        props = self.knopen[unique_id]
        return props["schema"], props.get("identifier") or props["alias"]


class _Model:
    """One model's SQL, with every column qualified by its table."""

    def __init__(
        self,
        sql: str,
        ouders: Mapping[Relatie, str],
        kolommen: Mapping[Relatie, Sequence[str]],
    ) -> None:
        schema: dict[str, dict[str, dict[str, str]]] = {}
        for laag, naam in ouders:
            schema.setdefault(laag, {})[naam] = dict.fromkeys(
                kolommen.get((laag, naam), ()), "varchar"
            )
        boom = sqlglot.parse_one(sql, dialect="duckdb")
        for tabel in boom.find_all(exp.Table):
            tabel.set("catalog", None)
        boom = qualify(
            boom,
            schema=cast("dict[str, object]", schema),
            dialect="duckdb",
            validate_qualify_columns=False,
        )
        scope = build_scope(boom)
        if scope is None:
            raise ValueError("geen query")
        self._scope = scope
        self._ouders = ouders
        self._memo: dict[tuple[int, str | None, Soort], frozenset[Bron]] = {}
        self.kolommen = list(cast("exp.Query", boom).named_selects)

    def find_bronnen(self, kolom: str | None, soort: Soort) -> frozenset[Bron]:
        return self._trace(self._scope, kolom, soort)

    def _trace(self, scope: Scope, kolom: str | None, soort: Soort) -> frozenset[Bron]:
        sleutel = (id(scope), kolom, soort)
        if sleutel not in self._memo:
            self._memo[sleutel] = frozenset(self._walk(scope, kolom, soort))
        return self._memo[sleutel]

    def _walk(self, scope: Scope, kolom: str | None, soort: Soort) -> Iterator[Bron]:
        if isinstance(scope.expression, exp.SetOperation):
            namen = list(scope.expression.named_selects)
            for deel in scope.set_operation_scopes:
                eigen = list(cast("exp.Query", deel.expression).named_selects)
                yield from self._trace(
                    deel, None if kolom is None else eigen[namen.index(kolom)], soort
                )
                if scope.expression.args.get("distinct"):
                    for naam in eigen:
                        yield from self._trace(deel, naam, "sleutel")
            return
        select = scope.expression
        if not isinstance(select, exp.Select):
            return  # values (...): made of nothing
        verwijzing = list(self._list_rijverwijzingen(scope, select))
        if kolom is not None:
            verwijzing += self._read_expressie(scope, _find_projectie(select, kolom), soort)
        nodig = self._resolve_joins(scope, select, verwijzing)
        for tabel in nodig:
            yield from self._follow(scope, tabel, None, "sleutel")
        for stuk in verwijzing:
            if isinstance(stuk, _Deelvraag):
                yield from self._trace(stuk.scope, stuk.kolom, stuk.soort)
            else:
                yield from self._follow(scope, stuk.tabel, stuk.kolom, stuk.soort)

    def _follow(self, scope: Scope, tabel: str, kolom: str | None, soort: Soort) -> Iterator[Bron]:
        bron = scope.sources.get(tabel)
        if isinstance(bron, Scope):
            yield from self._trace(bron, kolom, soort)
        elif isinstance(bron, exp.Table):
            ouder = self._ouders.get((bron.db, bron.name))
            if ouder is None:
                raise ValueError(f"{bron.db}.{bron.name} is geen ouder volgens dbt")
            yield ouder, kolom, soort
        elif bron is None:
            raise ValueError(f"kolom {kolom} zonder tabel")

    def _list_rijverwijzingen(self, scope: Scope, select: exp.Select) -> Iterator[_Stuk]:
        """Yield what decides which rows there are and how they are grouped."""
        for deel in ("where", "group", "having", "qualify"):
            if select.args.get(deel) is not None:
                yield from self._read_expressie(scope, select.args[deel], "sleutel")
        if select.args.get("limit") is not None and select.args.get("order") is not None:
            yield from self._read_expressie(scope, select.args["order"], "sleutel")
        if select.args.get("distinct") is not None:
            for projectie in select.selects:
                yield from self._read_expressie(scope, projectie, "sleutel")

    def _resolve_joins(
        self, scope: Scope, select: exp.Select, verwijzing: list[_Stuk]
    ) -> list[str]:
        """Return the tables that matter, and add the columns that they are joined on.

        A left join of which no column is used adds nothing: that its grain is unique, and so
        no row is doubled, is what every model's own test says.
        """
        bron = select.args.get("from_") or select.args.get("from")
        nodig = [bron.this.alias_or_name] if bron is not None else []
        links: list[exp.Join] = []
        for join in select.args.get("joins") or ():
            if join.side == "LEFT":
                links.append(join)
            else:
                nodig.append(join.this.alias_or_name)
                verwijzing += self._read_join(scope, join)
        gegroeid = True
        while gegroeid:
            gegroeid = False
            gebruikt = {stuk.tabel for stuk in verwijzing if isinstance(stuk, _Kolom)}
            for join in [j for j in links if j.this.alias_or_name in gebruikt]:
                links.remove(join)
                nodig.append(join.this.alias_or_name)
                verwijzing += self._read_join(scope, join)
                gegroeid = True
        return nodig

    def _read_join(self, scope: Scope, join: exp.Join) -> list[_Stuk]:
        conditie = join.args.get("on")
        return [] if conditie is None else self._read_expressie(scope, conditie, "sleutel")

    def _read_expressie(self, scope: Scope, expressie: exp.Expr, soort: Soort) -> list[_Stuk]:
        """Return the columns in an expression; what a window is cut by is used as a key."""
        deelvragen = {id(deel.expression): deel for deel in scope.subquery_scopes}
        gevonden: list[_Stuk] = []

        def visit(knoop: exp.Expr, gebruik: Soort) -> None:
            if isinstance(knoop, exp.Column):
                gevonden.append(_Kolom(knoop.table, knoop.name, gebruik))
            elif id(knoop) in deelvragen:
                deel = deelvragen[id(knoop)]
                naam = cast("exp.Query", knoop).named_selects[0]
                gevonden.append(_Deelvraag(deel, naam, gebruik))
            elif isinstance(knoop, exp.Window):
                visit(knoop.this, gebruik)
                snede = [*(knoop.args.get("partition_by") or ()), knoop.args.get("order")]
                for rest in snede:
                    if rest is not None:
                        visit(rest, "sleutel")
            else:
                for kind in knoop.iter_expressions():
                    visit(kind, gebruik)

        visit(expressie, soort)
        return gevonden


@dataclass(frozen=True)
class _Kolom:
    tabel: str
    kolom: str
    soort: Soort


@dataclass(frozen=True)
class _Deelvraag:
    scope: Scope
    kolom: str
    soort: Soort


_Stuk = _Kolom | _Deelvraag


def _find_projectie(select: exp.Select, kolom: str) -> exp.Expr:
    for projectie in select.selects:
        if projectie.alias_or_name == kolom:
            return projectie
    raise ValueError(f"geen kolom {kolom}")


@dataclass(frozen=True)
class _Eind:
    """A source column that was reached, or a model that may not lie on the way."""

    bron: str
    kolom: str | None
    gebruik: Soort
    pad: tuple[str, ...]


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
    rechter = _Rechter(product, contract)
    loper = _Loper(gebruik, product.verboden_modellen)
    schendingen: dict[tuple[str, str, Soort], Schending] = {}
    for tabel in product.tabellen:
        unique_id = gebruik.find_model(tabel)
        for kolom in gebruik.list_kolommen(unique_id):
            for eind in loper.find_einden(unique_id, kolom, "waarde"):
                reden = rechter.judge(eind, is_sleutel=kolom in product.sleutels)
                if reden is None:
                    continue
                bron = eind.bron if eind.kolom is None else f"{eind.bron}.{eind.kolom}"
                naam = f"{tabel}.{kolom}"
                schendingen.setdefault(
                    (naam, bron, eind.gebruik),
                    Schending(product.naam, naam, bron, eind.gebruik, reden, eind.pad),
                )
    return [schendingen[sleutel] for sleutel in sorted(schendingen)]


class _Loper:
    """Walks from a column to the sources; every column of every model once."""

    def __init__(self, gebruik: Gebruik, verboden_modellen: Iterable[str]) -> None:
        self._gebruik = gebruik
        self._verboden = tuple(verboden_modellen)
        self._memo: dict[Bron, tuple[_Eind, ...]] = {}

    def find_einden(self, unique_id: str, kolom: str | None, soort: Soort) -> tuple[_Eind, ...]:
        sleutel = (unique_id, kolom, soort)
        if sleutel not in self._memo:
            # A shorter way to the same end says no more: the first one found is kept.
            uniek: dict[tuple[str, str | None, Soort], _Eind] = {}
            for eind in self._walk(unique_id, kolom, soort):
                uniek.setdefault((eind.bron, eind.kolom, eind.gebruik), eind)
            self._memo[sleutel] = tuple(uniek.values())
        return self._memo[sleutel]

    def _walk(self, unique_id: str, kolom: str | None, soort: Soort) -> Iterator[_Eind]:
        props = self._gebruik.knopen[unique_id]
        plek = props["name"] if kolom is None else f"{props['name']}.{kolom}"
        if props["resource_type"] == "seed":
            return
        if props["resource_type"] == "source":
            bron = f"{props['source_name']}.{props['name']}"
            yield _Eind(bron, kolom, soort, (bron if kolom is None else f"{bron}.{kolom}",))
            return
        if any(fnmatchcase(props["name"], patroon) for patroon in self._verboden):
            yield _Eind(f"model {props['name']}", None, soort, (plek,))
            return
        bronnen = self._gebruik.find_bronnen(unique_id, kolom, soort)
        for ouder, naam, gebruik in sorted(bronnen, key=str):
            for eind in self.find_einden(ouder, naam, gebruik):
                yield _Eind(eind.bron, eind.kolom, eind.gebruik, (plek, *eind.pad))


class _Rechter:
    def __init__(self, product: Product, contract: Contract) -> None:
        self._product = product
        self._tabellen = {tabel.id: tabel for tabel in contract.tabellen}

    def judge(self, eind: _Eind, *, is_sleutel: bool) -> str | None:
        """Return what is wrong with reaching this, or None."""
        if eind.bron.startswith("model "):
            return "dit model mag niet op de weg liggen"
        if eind.bron in VAN_DE_RUN:
            return None
        return self._judge_weg(eind) or self._judge_kolom(eind, is_sleutel=is_sleutel)

    def _judge_weg(self, eind: _Eind) -> str | None:
        naam = f"{eind.bron}.{eind.kolom or '*'}"
        if any(fnmatchcase(naam, patroon) for patroon in self._product.verboden):
            return "verboden voor dit product"
        if eind.bron not in self._tabellen:
            return "staat niet in het leveringscontract"
        deur = self._product.deuren.get(eind.bron)
        if deur is not None and not any(stap.split(".")[0] == deur for stap in eind.pad):
            return f"mag alleen gelezen worden door {deur}"
        return None

    def _judge_kolom(self, eind: _Eind, *, is_sleutel: bool) -> str | None:
        doel, kolommen = self._product.doel, self._tabellen[eind.bron].kolommen
        if eind.kolom is None:
            mag = any(doel in kolom.doelen for kolom in kolommen)
            return None if mag else f"geen kolom heeft het doel {doel}"
        if eind.kolom.startswith("_"):
            return None  # which delivery and line a row came from
        kolom = next((kolom for kolom in kolommen if kolom.naam == eind.kolom), None)
        if kolom is None:
            return "staat niet in het leveringscontract"
        if doel not in kolom.doelen:
            return f"heeft het doel {doel} niet"
        als_waarde = eind.gebruik == "waarde" and not is_sleutel
        if kolom.gebruik == "sleutel" and als_waarde:
            return "mag alleen als sleutel worden gebruikt"
        return None
