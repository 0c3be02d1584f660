"""A duiding set in a real browser, which sends its own Origin and cookie, without a script."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from serving.release.winkel import current_path, open_release

pytestmark = pytest.mark.browser


def test_colleague_sets_a_duiding_and_reads_what_is_wrong_first(
    open_pagina: Callable[..., Page], releases_map: Path
) -> None:
    with open_release(current_path(releases_map)) as uitgave:
        ((complex_id,),) = uitgave.query(
            "select beheerobject_id from lijst where niveau = 'complex' and label_tot = 3 "
            "order by beheerobject_id limit 1"
        )
    pagina = open_pagina(f"/complexen/{complex_id}")
    deel = pagina.get_by_role("region", name="Duiding")
    deel.get_by_text("Een duiding vastleggen").click()
    deel.get_by_label("één hoger: 4").check()
    deel.get_by_label("Reden").select_option("lokale_kennis")
    deel.get_by_label("Toelichting").fill("Bel de melder op 06-12345678 daarover.")
    deel.get_by_label("Uw naam").fill("Anna de Wit")
    deel.get_by_role("button", name="Leg vast").click()
    expect(deel.get_by_role("alert")).to_contain_text("Er is nog niets vastgelegd.")
    expect(deel.get_by_label("Toelichting")).to_have_attribute("aria-invalid", "true")

    deel.get_by_label("Toelichting").fill("In de gangen staat al weken grofvuil.")
    deel.get_by_role("button", name="Leg vast").click()

    expect(deel).to_contain_text("Label één hoger.")
    expect(deel).not_to_contain_text("Anna")
    assert pagina.url.endswith(f"/complexen/{complex_id}#duiding")
