"""The page on access says what the table of roles and the routes say."""

from __future__ import annotations

from pathlib import Path

import pytest

from serving.aanmelding.dienst import make_aanmelding
from serving.api.bewaking import list_deuren
from serving.app import create_app
from serving.toegang.kast import Sleutelkast
from serving.toegang.tabel import render_bereiken, render_deuren, render_rollen
from tests.unit.serving.deuren import BASIS, ELDERS, find_app
from tests.unit.serving.toegang.test_kast import Wereld

PAGINA = Path(__file__).parents[2] / "docs" / "privacy" / "toegang.md"


def render_adressen(map_: Path) -> str:
    app = create_app(
        map_ / "releases",
        kast=Sleutelkast(Wereld(), lambda: b"x" * 32),
        aanmelding=make_aanmelding(ELDERS, lambda: b"x" * 32, BASIS),
    )
    return render_deuren(
        (methode, deur.adres, deur.vraag.bereik)
        for deur in list_deuren(find_app(app))
        for methode in deur.methoden - {"HEAD"}
    )


@pytest.mark.parametrize("deel", ["rollen", "bereiken", "adressen"])
def test_page_on_access_holds_the_table_as_the_code_has_it(deel: str, tmp_path: Path) -> None:
    tabel = {"rollen": render_rollen, "bereiken": render_bereiken}.get(
        deel, lambda: render_adressen(tmp_path)
    )()

    tekst = PAGINA.read_text(encoding="utf-8")

    ontbreekt = [regel for regel in tabel.splitlines() if regel not in tekst]
    assert tabel in tekst, f"put in {PAGINA.name} under {deel}: {ontbreekt or 'another order'}"
