"""Sociaal Signaal stands apart: no source, no model of dbt and no step of a run knows it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from orchestration.werkmap import DBT_MAP
from sources.contract import read_contract

WORTEL = Path(__file__).parents[2]
KAMERS = ("vera", "sources", "expectations", "models", "serving", "orchestration")
WINKEL = "serving.signaal"
# The application shows it, the commands turn its key, the purge removes what is too old.
MAG = {
    "serving.app",
    "orchestration.signaal",
    "orchestration.cli.signaal",
    "orchestration.cli.diensten",
    "orchestration.bewaren",
    # Chaos trials: made-up signals in a copy of a made-up association.
    "orchestration.ontregeling_werk",
}
TERMIJNEN = "serving.signaal.bewaren"
# What the papers and the page on privacy say of it: its terms, and nothing of the store.
MAG_TERMIJNEN = {"orchestration.bewaard"}
WOORDEN = ("sociaal_signaal", "sociaal signaal", "sociale_signalen", "signalen.sqlite")


def iter_imports(boom: ast.AST) -> Iterator[str]:
    for knoop in ast.walk(boom):
        if isinstance(knoop, ast.Import):
            yield from (naam.name for naam in knoop.names)
        elif isinstance(knoop, ast.ImportFrom) and knoop.module:
            yield knoop.module
            yield from (f"{knoop.module}.{naam.name}" for naam in knoop.names)


def is_winkel(module: str) -> bool:
    return any(
        module == naam or module.startswith(f"{naam}.")
        for naam in (WINKEL, "orchestration.signaal")
    )


def is_termijn(module: str) -> bool:
    return module == TERMIJNEN or module.startswith(f"{TERMIJNEN}.")


def test_terms_of_the_store_lead_nowhere_into_it() -> None:
    pad = (WORTEL / TERMIJNEN.replace(".", "/")).with_suffix(".py")
    imports = set(iter_imports(ast.parse(pad.read_text(encoding="utf-8"))))

    assert [naam for naam in imports if naam.split(".")[0] in set(KAMERS) - {"vera"}] == []


def test_only_application_commands_and_purge_import_the_store() -> None:
    gevonden = set()
    for pad in sorted(pad for kamer in KAMERS for pad in (WORTEL / kamer).rglob("*.py")):
        module = ".".join(pad.relative_to(WORTEL).with_suffix("").parts)
        if module.startswith(f"{WINKEL}."):
            continue
        imports = filter(is_winkel, iter_imports(ast.parse(pad.read_text(encoding="utf-8"))))
        if any(not (module in MAG_TERMIJNEN and is_termijn(naam)) for naam in imports):
            gevonden.add(module)

    assert gevonden - MAG == set()
    assert "serving.app" in gevonden, "the test finds nothing any more"


def test_no_delivery_and_nothing_in_dbt_is_of_a_signal() -> None:
    assert [
        t for t in read_contract(DBT_MAP).tabellen if "sociaal" in t.id and "signaal" in t.id
    ] == []
    paden = [
        pad
        for soort in ("sql", "yml", "csv")
        for map_ in ("models", "seeds", "macros", "tests")
        for pad in (WORTEL / "dbt_project" / map_).rglob(f"*.{soort}")
    ]
    assert paden
    assert [
        pad.name
        for pad in paden
        if any(woord in pad.read_text(encoding="utf-8").lower() for woord in WOORDEN)
    ] == []
