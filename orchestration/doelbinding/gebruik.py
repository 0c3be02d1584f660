"""Reads from compiled SQL which columns a column of a dbt model is made of, and which decide.

Belongs here: values *and* the columns that only decide which rows count (join, where, group by,
order by, windows), per model, kept under a hash of its SQL. Does not belong here: walking from
model to model and judging what is found (``toets``), nor showing lineage in Dagster
(``orchestration.kolomherkomst``, values only).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal, cast

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.optimizer.qualify import qualify
from sqlglot.optimizer.scope import Scope, build_scope

from orchestration.dbt_step import MANIFEST
from orchestration.kolomherkomst import Relatie
from orchestration.kolomlijst import read_kolommen
from orchestration.warehouse import list_kolommen, open_warehouse
from vera.errors import BuurtpeilError

BESTAND = "doelbinding.json"
Soort = Literal["waarde", "sleutel"]
"""Whether a column becomes part of a value, or only decides which rows are counted."""
Bron = tuple[str, str | None, Soort]
"""Unique id of a dbt node, column (None: only that its rows exist), use."""


@cache
def _hash_lezer() -> str:
    """Return what changes when this module or sqlglot reads SQL in another way."""
    inhoud = Path(__file__).read_bytes() + version("sqlglot").encode()
    return hashlib.sha256(inhoud).hexdigest()[:16]


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
    bewaar
        Whether to keep what was read in ``doel_map`` (``save``), so that only a model whose SQL
        or parents changed is read again.
    """

    def __init__(
        self,
        manifest: Mapping[str, Any],
        doel_map: Path,
        kolommen: Mapping[Relatie, Sequence[str]],
        *,
        bewaar: bool = False,
    ) -> None:
        self.knopen: dict[str, Mapping[str, Any]] = {**manifest["nodes"], **manifest["sources"]}
        self._gecompileerd = doel_map / "compiled" / manifest["metadata"]["project_name"]
        self._kolommen = kolommen
        self._per_model: dict[str, _Gelezen] = {}
        self._pad = doel_map / BESTAND if bewaar else None
        self._bewaard = _load(self._pad) if self._pad else {}

    def list_kolommen(self, unique_id: str) -> list[str]:
        """Return the columns of a model, in order.

        Raises
        ------
        BuurtpeilError
            When its SQL cannot be read: what cannot be read cannot be judged.
        """
        try:
            return self._open(unique_id).kolommen
        except (SqlglotError, ValueError, RecursionError) as fout:
            raise self._onleesbaar(unique_id, fout) from fout

    def find_bronnen(self, unique_id: str, kolom: str | None, soort: Soort) -> frozenset[Bron]:
        """Return what a column of a model uses of its parents; None asks for its rows alone.

        Raises
        ------
        BuurtpeilError
            When its SQL cannot be read.
        """
        try:
            return self._open(unique_id).find_bronnen(kolom, soort)
        except (SqlglotError, ValueError, RecursionError) as fout:
            raise self._onleesbaar(unique_id, fout) from fout

    def read_sql(self, unique_id: str) -> str:
        """Return the compiled SQL of a model.

        Raises
        ------
        BuurtpeilError
            When it was not compiled.
        """
        pad: Path = self._gecompileerd / self.knopen[unique_id]["original_file_path"]
        try:
            return pad.read_text(encoding="utf-8")
        except OSError as fout:
            raise self._onleesbaar(unique_id, fout) from fout

    def find_model(self, naam: str) -> str:
        """Return the unique id of a model by its name."""
        for unique_id, props in self.knopen.items():
            if props["resource_type"] == "model" and props["name"] == naam:
                return unique_id
        raise BuurtpeilError(
            f"Het dbt-project heeft geen model {naam}.",
            remedie="pas de productenlijst in orchestration/doelbinding/producten.py aan",
        )

    def save(self) -> None:
        """Keep what was read, for the next time; nothing when it was all known."""
        if self._pad is None:
            return
        nieuw = {unique_id: gelezen.as_json() for unique_id, gelezen in self._per_model.items()}
        if nieuw != self._bewaard:
            self._pad.write_text(json.dumps(nieuw, sort_keys=True), encoding="utf-8")

    def _open(self, unique_id: str) -> _Gelezen:
        if unique_id not in self._per_model:
            props = self.knopen[unique_id]
            sql = self.read_sql(unique_id)
            ouders = {self._relation(ouder): ouder for ouder in props["depends_on"]["nodes"]}
            kolommen = {relatie: list(self._kolommen.get(relatie, ())) for relatie in ouders}
            feiten = [_hash_lezer(), sql, sorted(map(str, ouders.items())), str(kolommen)]
            sleutel = hashlib.sha256(json.dumps(feiten).encode()).hexdigest()[:16]
            self._per_model[unique_id] = _Gelezen(
                sleutel, sql, ouders, kolommen, self._bewaard.get(unique_id)
            )
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


def read_gebruik(doel_map: Path, warehouse: Path) -> Gebruik:
    """Return the use of columns in the project as a data folder was built with it.

    After a purge its tables are those that were kept beside the SQL.
    """
    manifest = json.loads((doel_map / MANIFEST).read_text(encoding="utf-8"))
    kolommen = read_kolommen(doel_map)
    if kolommen is None:
        with open_warehouse(warehouse) as verbinding:
            kolommen = list_kolommen(verbinding)
    return Gebruik(manifest, doel_map, kolommen, bewaar=True)


def _load(pad: Path) -> dict[str, Any]:
    """Return what was kept; nothing when it is not there or cannot be read."""
    try:
        inhoud = json.loads(pad.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return inhoud if isinstance(inhoud, dict) else {}


class _Gelezen:
    """What is known of one model: from what was kept, and else from its SQL."""

    def __init__(
        self,
        sleutel: str,
        sql: str,
        ouders: Mapping[Relatie, str],
        kolommen: Mapping[Relatie, Sequence[str]],
        bewaard: Mapping[str, Any] | None,
    ) -> None:
        self._sleutel = sleutel
        self._sql, self._ouders, self._kolommen_van = sql, ouders, kolommen
        self._model: _Model | None = None
        geldig = bewaard if bewaard and bewaard["sleutel"] == sleutel else {}
        self._namen: list[str] | None = geldig.get("kolommen")
        self._bronnen: dict[str, frozenset[Bron]] = {
            vraag: frozenset((ouder, naam, soort) for ouder, naam, soort in bronnen)
            for vraag, bronnen in geldig.get("bronnen", {}).items()
        }

    @property
    def kolommen(self) -> list[str]:
        if self._namen is None:
            self._namen = self._read().kolommen
        return self._namen

    def find_bronnen(self, kolom: str | None, soort: Soort) -> frozenset[Bron]:
        vraag = f"{soort} {kolom or ''}"
        if vraag not in self._bronnen:
            self._bronnen[vraag] = self._read().find_bronnen(kolom, soort)
        return self._bronnen[vraag]

    def as_json(self) -> dict[str, Any]:
        return {
            "sleutel": self._sleutel,
            **({} if self._namen is None else {"kolommen": self._namen}),
            "bronnen": {
                vraag: [list(bron) for bron in sorted(bronnen, key=str)]
                for vraag, bronnen in self._bronnen.items()
            },
        }

    def _read(self) -> _Model:
        if self._model is None:
            self._model = _Model(self._sql, self._ouders, self._kolommen_van)
        return self._model


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
        if "*" in self.kolommen:
            raise ValueError("select * van een tabel waarvan de kolommen niet bekend zijn")

    def find_bronnen(self, kolom: str | None, soort: Soort) -> frozenset[Bron]:
        return self._trace(self._scope, kolom, soort)

    def _trace(self, scope: Scope, kolom: str | None, soort: Soort) -> frozenset[Bron]:
        sleutel = (id(scope), kolom, soort)
        if sleutel not in self._memo:
            self._memo[sleutel] = frozenset(self._walk(scope, kolom, soort))
        return self._memo[sleutel]

    def _walk(self, scope: Scope, kolom: str | None, soort: Soort) -> Iterator[Bron]:
        query = scope.expression
        if isinstance(query, exp.SetOperation):
            yield from self._walk_verzameling(scope, query, kolom, soort)
        elif isinstance(query, exp.Select):
            verwijzing = list(self._list_rijverwijzingen(scope, query))
            if kolom is not None:
                verwijzing += self._read_expressie(scope, _find_projectie(query, kolom), soort)
            for tabel in self._resolve_joins(scope, query, verwijzing):
                yield from self._follow(scope, tabel, None, "sleutel")
            yield from self._follow_all(scope, verwijzing)
        elif isinstance(query, exp.Unnest):
            # A list of the table beside it: what is in it, and how many rows it gives.
            yield from self._follow_all(scope, self._read_expressie(scope, query, soort))
        elif not isinstance(query, exp.Values):
            raise ValueError(f"dit stuk SQL kan de controle niet lezen: {query.key}")

    def _walk_verzameling(
        self, scope: Scope, query: exp.SetOperation, kolom: str | None, soort: Soort
    ) -> Iterator[Bron]:
        if query.args.get("limit") is not None:
            raise ValueError("een limit op een union; zet hem in een query eromheen")
        namen = list(query.named_selects)
        for deel in scope.set_operation_scopes:
            eigen = list(cast("exp.Query", deel.expression).named_selects)
            zelfde = kolom
            if kolom is not None and not query.args.get("by_name"):
                zelfde = eigen[namen.index(kolom)]
            # By name, a side may lack the column; its rows still count.
            yield from self._trace(deel, zelfde if zelfde in eigen else None, soort)
            if query.args.get("distinct") or not isinstance(query, exp.Union):
                for naam in eigen:
                    yield from self._trace(deel, naam, "sleutel")

    def _follow_all(self, scope: Scope, verwijzing: Sequence[_Stuk]) -> Iterator[Bron]:
        for stuk in verwijzing:
            if isinstance(stuk, _Deelvraag):
                yield from self._trace(stuk.scope, stuk.kolom, stuk.soort)
            else:
                yield from self._follow(scope, stuk.tabel, stuk.kolom, stuk.soort)

    def _follow(self, scope: Scope, tabel: str, kolom: str | None, soort: Soort) -> Iterator[Bron]:
        bron, buiten = scope.sources.get(tabel), scope.parent
        while bron is None and buiten is not None:  # a subquery that looks at the row around it
            bron, buiten = buiten.sources.get(tabel), buiten.parent
        if isinstance(bron, Scope):
            yield from self._trace(bron, kolom, soort)
        elif isinstance(bron, exp.Table):
            ouder = self._ouders.get((bron.db, bron.name))
            if ouder is None:
                raise ValueError(f"{bron.db}.{bron.name} is geen ouder volgens dbt")
            if bron.args.get("pivots"):
                raise ValueError("pivot: van een kolom staat niet vast waar zij vandaan komt")
            yield ouder, kolom, soort
        elif bron is None:
            raise ValueError(f"kolom {kolom} zonder tabel")

    def _list_rijverwijzingen(self, scope: Scope, select: exp.Select) -> Iterator[_Stuk]:
        """Yield what decides which rows there are and how they are grouped."""
        for deel in ("where", "group", "having", "qualify"):
            if select.args.get(deel) is not None:
                yield from self._read_expressie(scope, select.args[deel], "sleutel")
        for venster in select.args.get("windows") or ():
            yield from self._read_expressie(scope, venster, "sleutel")
        groep, uniek = select.args.get("group"), select.args.get("distinct")
        if select.args.get("order") is not None and (
            select.args.get("limit") is not None or (uniek is not None and uniek.args.get("on"))
        ):
            yield from self._read_expressie(scope, select.args["order"], "sleutel")
        if uniek is not None and uniek.args.get("on"):
            yield from self._read_expressie(scope, uniek.args["on"], "sleutel")
        if (uniek is not None and not uniek.args.get("on")) or (
            groep is not None and groep.args.get("all")
        ):
            for projectie in select.selects:
                if uniek is not None or not projectie.find(exp.AggFunc):
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
            if isinstance(knoop, (exp.Columns, exp.TableColumn)) or (
                isinstance(knoop, exp.Star) and not isinstance(knoop.parent, exp.Count)
            ):
                raise ValueError(f"welke kolommen {knoop.sql('duckdb')} zijn, staat niet vast")
            if isinstance(knoop, exp.Column):
                if _is_alleen_geteld(knoop):
                    gebruik = "sleutel"
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


def _is_alleen_geteld(kolom: exp.Column) -> bool:
    """Return whether only it is asked how many there are, or whether there is one at all.

    A count of dwellings says nothing of which dwellings: the column is used as a key. A case in
    a count looks into the column, and stays a value.
    """
    ouder = kolom.parent
    if isinstance(ouder, exp.Distinct):
        ouder = ouder.parent
    if isinstance(ouder, exp.Is):
        return isinstance(ouder.expression, exp.Null)
    return isinstance(ouder, exp.Count)
