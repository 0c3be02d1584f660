"""The dbt project built on Spark from what a run landed, and every table compared with DuckDB's.

The draws and the chance of a theme signal are Python and stand between the two parts of the
build: Spark reads those of the DuckDB run, and what they were computed from is compared.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from orchestration.dbt_step import MANIFEST, build_args
from orchestration.resources import load_contract
from orchestration.spark.bronnen import BronTabel, list_bronnen, write_tabellen
from orchestration.spark.gelijkheid import Vergelijking, compare_tabel
from orchestration.warehouse import open_warehouse
from orchestration.werkmap import DBT_MAP, Werkmap
from vera.errors import BuurtpeilError, GebruikFout

UITVOERDER = Path(__file__).with_name("uitvoerder.py")
OMGEVING = DBT_MAP.parent / ".venv-spark" / "bin" / "python"
"""Where ``make spark`` puts the Python that has dbt-spark."""

STAP_INVOER = (
    "intermediate.int_label__gestandaardiseerd",
    "intermediate.int_label__label",
    "intermediate.int_referentie__ligging",
    "intermediate.int_referentie__schaal",
    "intermediate.int_referentie__knip",
    "intermediate.int_signaal__telling",
)
"""What the two steps in Python read of the dbt project (``orchestration.assets.label``)."""

GEHEUGEN = "2g"
_INSTELLINGEN = {
    "spark.master": "local[2]",
    "spark.driver.memory": GEHEUGEN,
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    # A chain of views is one deep expression to Spark.
    "spark.driver.extraJavaOptions": "-Xss16m",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.log.level": "ERROR",
    # The tables are small and many: nearly all time would go into compiling code for each.
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.shuffle.partitions": "1",
}


class SparkFout(BuurtpeilError):
    """Spark could not build the dbt project."""


@dataclass(frozen=True)
class Uitslag:
    """What the comparison found.

    Attributes
    ----------
    tabellen
        Every table that Spark made, marts first.
    seconden
        Time that Spark took per model and seed, by name.
    """

    tabellen: tuple[Vergelijking, ...]
    seconden: dict[str, float]

    @property
    def is_gelijk(self) -> bool:
        """Whether every table is the same on both."""
        return all(tabel.is_gelijk for tabel in self.tabellen)


def find_python(genoemd: Path | None = None) -> Path:
    """Return a Python that has dbt-spark: the one named, that of ``make spark``, or this one.

    Raises
    ------
    GebruikFout
        When there is none, or no Java.
    """
    if shutil.which("java") is None and "JAVA_HOME" not in os.environ:
        raise GebruikFout(
            "Er is geen Java.",
            verwacht="Java 17 of 21 (opdracht `java`, of JAVA_HOME)",
            remedie="installeer het, op Debian: apt install openjdk-17-jre-headless",
        )
    if genoemd is not None:
        if not genoemd.is_file():
            raise GebruikFout(
                f"Er is geen Python op {genoemd}.",
                verwacht="de Python van een omgeving waarin dbt-spark staat",
                remedie="maak hem met `make .venv-spark/klaar` en laat --python weg",
            )
        return genoemd
    if OMGEVING.is_file():
        return OMGEVING
    if find_spec("pyspark") is not None and find_spec("dbt.adapters.spark") is not None:
        return Path(sys.executable)
    raise GebruikFout(
        "Er is geen Python met dbt-spark.",
        verwacht=f"{OMGEVING.parent.parent.name}/ in de projectmap, of het extra `spark`",
        remedie="draai `make spark`; die maakt de omgeving (ongeveer 500 MB)",
    )


def compare_targets(
    data: Path, werkmap: Path, python: Path, kies: Sequence[str] = (), *, los: bool = False
) -> Uitslag:
    """Build the dbt project on Spark and compare what came out with the warehouse of a run.

    Parameters
    ----------
    data
        Data folder in which a run has been, with this code.
    werkmap
        Folder for Spark's own tables; what was there is replaced.
    python
        A Python that has dbt-spark (`find_python`).
    kies
        dbt's selection; none = everything.
    los
        Whether a chosen model reads what it needs of the DuckDB run: each model by itself, and
        nothing else built. ``kies`` is then names of models and seeds.

    Raises
    ------
    GebruikFout
        When no run has been in the data folder, or a name is no model.
    SparkFout
        When a model does not build on Spark.
    """
    map_ = Werkmap.of(data)
    if not map_.warehouse.is_file():
        raise GebruikFout(
            f"In {map_.data} is nog geen run geweest.",
            verwacht="een datamap met een warehouse",
            remedie="draai eerst `buurtpeil demo` of `buurtpeil run` met dezelfde --data",
        )
    for deel in ("warehouse", "conf", "bronnen", "dbt"):
        shutil.rmtree(werkmap / deel, ignore_errors=True)
        (werkmap / deel).mkdir(parents=True)
    with open_warehouse(map_.warehouse) as warehouse:
        bronnen = list_bronnen(load_contract(), map_, warehouse, werkmap / "bronnen")
        if los:
            nodig = list_ouders(map_.dbt / MANIFEST, kies)
            # A bare name also chooses a folder that is called so.
            kies = list_keuze(map_.dbt / MANIFEST, kies)
            bronnen = (
                *(bron for bron in bronnen if (bron.schema, bron.naam) in nodig),
                *write_tabellen(
                    warehouse,
                    sorted(nodig - {(bron.schema, bron.naam) for bron in bronnen}),
                    werkmap / "bronnen",
                ),
            )
    seconden = _build(bronnen, werkmap, python, kies)
    with open_warehouse(map_.warehouse) as warehouse:
        bekend = {
            f"{schema}.{naam}"
            for schema, naam in warehouse.execute(
                "select schema_name, table_name from duckdb_tables()"
            ).fetchall()
        }
        tabellen = [
            compare_tabel(
                warehouse,
                naam,
                naam,
                "read_parquet('{}')".format(str(pad / "*.parquet").replace("'", "''")),
            )
            for naam, pad in _list_tabellen(werkmap / "warehouse")
            if naam in bekend
        ]
    return Uitslag(tuple(sorted(tabellen, key=_orde)), seconden)


def _orde(tabel: Vergelijking) -> tuple[bool, bool, str]:
    return (not tabel.naam.startswith("mart."), tabel.naam not in STAP_INVOER, tabel.naam)


def _list_tabellen(warehouse: Path) -> list[tuple[str, Path]]:
    """Return (``schema.tabel``, folder of Parquet files) of the tables that Spark made."""
    return [
        (f"{pad.parent.name.removesuffix('.db')}.{pad.name}", pad)
        for pad in sorted(warehouse.glob("*.db/*"))
        if any(pad.glob("*.parquet"))
    ]


def list_keuze(manifest: Path, modellen: Sequence[str]) -> list[str]:
    """Return dbt's selection of exactly these models and seeds."""
    knopen = json.loads(manifest.read_text(encoding="utf-8"))["nodes"].values()
    return [
        f"fqn:{'.'.join(knoop['fqn'])}"
        for knoop in knopen
        if knoop["resource_type"] in {"model", "seed"} and knoop["name"] in modellen
    ]


def list_ouders(manifest: Path, modellen: Sequence[str]) -> set[tuple[str, str]]:
    """Return (schema, name) of what models read and are not themselves.

    Raises
    ------
    GebruikFout
        When a name is no model of the project.
    """
    inhoud = json.loads(manifest.read_text(encoding="utf-8"))
    knopen = {**inhoud["nodes"], **inhoud["sources"]}
    ids = {
        knoop["name"]: unique_id
        for unique_id, knoop in inhoud["nodes"].items()
        if knoop["resource_type"] in {"model", "seed"}
    }
    onbekend = sorted(set(modellen) - set(ids))
    if onbekend or not modellen:
        raise GebruikFout(
            f"Geen model: {', '.join(onbekend) or '(niets gekozen)'}.",
            verwacht="met --los alleen namen van modellen en lijsten, zoals int_label__cel",
            remedie="laat --los weg, of kies namen uit dbt_project/models en dbt_project/seeds",
        )
    gekozen = {ids[naam] for naam in modellen}
    ouders = {
        ouder for unique_id in gekozen for ouder in knopen[unique_id]["depends_on"].get("nodes", ())
    } - gekozen
    return {
        (
            knopen[ouder]["schema"],
            knopen[ouder].get("identifier") or knopen[ouder].get("alias") or knopen[ouder]["name"],
        )
        for ouder in ouders
    }


def _build(
    bronnen: Sequence[BronTabel], werkmap: Path, python: Path, kies: Sequence[str]
) -> dict[str, float]:
    keuze = ["--select", *kies] if kies else []
    opdracht = {
        "bronnen": [bron.as_dict() for bron in bronnen],
        "argumenten": [*build_args([], werkmap / "dbt"), "--target", "spark"],
        "bouw": [
            *("build", "--exclude-resource-type", "unit_test"),
            *("--exclude-resource-type", "test", *keuze),
        ],
    }
    (werkmap / "opdracht.json").write_text(json.dumps(opdracht), encoding="utf-8")
    instellingen = {
        **_INSTELLINGEN,
        "spark.sql.warehouse.dir": str(werkmap / "warehouse"),
        "spark.local.dir": str(werkmap / "tijdelijk"),
    }
    (werkmap / "conf" / "spark-defaults.conf").write_text(
        "".join(f"{naam} {waarde}\n" for naam, waarde in instellingen.items()), encoding="utf-8"
    )
    uitkomst = werkmap / "uitkomst.json"
    uitkomst.unlink(missing_ok=True)
    with (werkmap / "spark.log").open("w", encoding="utf-8") as log:
        subprocess.run(  # noqa: S603 - the Python that was chosen, with a script of our own
            [str(python), str(UITVOERDER), str(werkmap / "opdracht.json")],
            cwd=werkmap,
            env={
                **os.environ,
                "SPARK_CONF_DIR": str(werkmap / "conf"),
                "SPARK_LOCAL_IP": "127.0.0.1",
                "BUURTPEIL_SPARK_CATALOGUS": "in-memory",
            },
            stdout=log,
            stderr=subprocess.STDOUT,
            check=False,
        )
    return _read_uitkomst(uitkomst, werkmap / "spark.log")


def _read_uitkomst(uitkomst: Path, log: Path) -> dict[str, float]:
    if not uitkomst.is_file():
        staart = "\n".join(log.read_text(encoding="utf-8").splitlines()[-5:])
        raise SparkFout(
            f"Spark is gestopt:\n{staart}",
            verwacht=f"Java 17 of 21 en {GEHEUGEN} vrij geheugen",
            remedie=f"lees {log}",
        )
    gelezen = json.loads(uitkomst.read_text(encoding="utf-8"))
    mislukt = [
        f"{model['unique_id'].split('.')[2]}: {model['bericht'].strip()}"
        for model in gelezen["modellen"]
        if model["status"] not in {"success", "skipped"}
    ]
    if gelezen["fout"] or mislukt:
        raise SparkFout(
            "Niet elk model is op Spark te bouwen:\n  "
            + "\n  ".join([*mislukt[:20], gelezen["fout"]]).rstrip(),
            verwacht="SQL die op beide doelen bestaat, of een macro met een vorm per doel",
            remedie="geef de macro in dbt_project/macros een vorm `spark__`",
        )
    return {
        model["unique_id"].split(".")[2]: float(model["seconden"]) for model in gelezen["modellen"]
    }
