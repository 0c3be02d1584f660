"""A score outside the list: to whom it shows, and that its absence tells nothing."""

from __future__ import annotations

from datetime import UTC, date, datetime
from itertools import pairwise
from pathlib import Path

import pytest

from models.risico.werklijst import Lijstregels
from serving.besluit.werklijst import Lijst, Rij
from serving.release.voor_rollen import Risicostand, Score
from serving.werklijst.geheim import BESTAND
from serving.werklijst.score import AANDEEL_NIET_GETOOND, is_niet_getoond, look_at_score
from tests.unit.serving.werklijst.voorbeeld import (
    GEEN_SCORE,
    GEHEIM,
    REDEN,
    VERSIE,
    Huis,
    make_lijst,
    make_regel,
)

MAAND = date(2026, 11, 1)


def ask(huis: Huis, complex_id: str, *rollen: str, naam: str = "Anna", soort: str = ""):  # type: ignore[no-untyped-def]
    pad = f"/v1/complexen/{complex_id}/risicoscores{soort}"
    return huis.open(*(rollen or ("wijkbeheer",)), naam=naam).get(pad)


def test_score_of_a_complex_off_the_list_comes_with_version_day_and_reasons(huis: Huis) -> None:
    assert not is_niet_getoond("overlast", "C005", MAAND, GEHEIM)
    inhoud = ask(huis, "C005", "gebiedsmanager").json()
    (score,) = inhoud["risicoscores"]
    assert inhoud["redenGeenScore"] is None
    assert (score["rang"], score["kans"], score["band"]) == (5, 0.41237 / 5, "zeker")
    assert (score["scoreversie"], score["peildatum"]) == (VERSIE, "2026-11-01")
    assert score["redenen"] == [f"{REDEN} (C005)"]


@pytest.mark.parametrize("rol", ["wijkbeheer", "gebiedsmanager"])
def test_score_of_a_row_that_waits_shows_to_who_judged_it_and_to_nobody_else(
    huis: Huis, rol: str
) -> None:
    huis.werklijsten.add_beoordeling("overlast", huis.find_nummer("C001"), "twijfel", "Anna")
    assert ask(huis, "C001").json()["risicoscores"][0]["rang"] == 1
    voor_bert = ask(huis, "C001", rol, naam="Bert")
    assert voor_bert.json()["redenGeenScore"]["code"] == "eerst_oordelen"
    assert voor_bert.json()["risicoscores"] == []
    assert REDEN not in voor_bert.text
    assert "0.41" not in voor_bert.text


def test_withheld_complex_answers_as_one_without_a_score(huis: Huis) -> None:
    onthouden, zonder = ask(huis, "C003"), ask(huis, GEEN_SCORE)
    assert onthouden.json()["redenGeenScore"]["code"] == "geen_score"
    assert onthouden.text.replace("C003", GEEN_SCORE) == zonder.text


def test_as_many_of_all_others_have_no_score_to_see_while_flags_are_withheld() -> None:
    assert Lijstregels().onthouden == AANDEEL_NIET_GETOOND
    maanden = [date(2026 + m // 12, m % 12 + 1, 1) for m in range(24)]
    ids = [f"C{i:05d}" for i in range(2000)]
    for maand in (maanden[0], maanden[13]):
        aandeel = sum(is_niet_getoond("overlast", c, maand, GEHEIM) for c in ids) / len(ids)
        assert 0.08 < aandeel < 0.12
    # half a year at a time, and not everybody in the same month
    reeks = {c: [is_niet_getoond("overlast", c, m, GEHEIM) for m in maanden] for c in ids}
    wissels = {c: [m for m in range(1, 24) if r[m] != r[m - 1]] for c, r in reeks.items()}
    assert all(later - eerder >= 6 for w in wissels.values()
               for eerder, later in pairwise(w))  # fmt: skip
    assert len({w[0] % 6 for w in wissels.values() if w}) == 6


def test_nobody_without_the_secret_can_tell_whose_score_is_kept_out_of_sight() -> None:
    ids = [f"C{i:05d}" for i in range(2000)]
    zonder, een, ander = (
        {c for c in ids if is_niet_getoond("overlast", c, MAAND, geheim)}
        for geheim in (b"", GEHEIM, b"een ander")
    )
    assert len(zonder & een) < 45, "a tenth of a tenth is 20"
    assert len(een & ander) < 45


def test_missing_score_hangs_on_the_secret_of_this_installation(huis: Huis) -> None:
    pad = huis.releases.parent / "sleutels" / BESTAND
    gezien = set()
    for nummer in range(40):
        pad.write_text(f"{nummer:064x}\n", encoding="ascii")
        gezien.add(bool(ask(huis, "C005").json()["risicoscores"]))
    assert gezien == {True, False}


def test_share_has_no_score_to_see_only_while_something_is_withheld() -> None:
    complex_id = next(
        c for c in map(str, range(100)) if is_niet_getoond("overlast", c, MAAND, GEHEIM)
    )
    stand = Risicostand("kampioen", VERSIE, MAAND, 3, "")
    score = Score(False, 0.1, None, None, 9, None, (), None)
    lijst = Lijst(
        1, "overlast", MAAND, "0dce49cfb540", VERSIE, 3, 5, datetime(2026, 11, 2, tzinfo=UTC)
    )
    for regel, verwacht in ((make_regel("C003", None), None), (make_regel("C003", 1), score)):
        zicht = look_at_score(
            stand, score, [Rij(1, lijst, regel)], complex_id, "Anna", model="overlast",
            laatste=MAAND, is_gestopt=False, geheim=GEHEIM,
        )  # fmt: skip
        assert zicht.score is verwacht


@pytest.mark.parametrize("stand", ["gestopt", "storing"])
def test_model_that_chooses_nothing_gives_no_score_and_says_so(tmp_path: Path, stand: str) -> None:
    antwoord = ask(Huis(tmp_path, stand), "C001")
    assert antwoord.json()["redenGeenScore"]["code"] == "gestopt"
    assert REDEN not in antwoord.text


def test_model_that_somebody_stopped_since_gives_no_score(huis: Huis) -> None:
    huis.werklijsten.set_modelstand("overlast", "gestopt", "De cijfers kloppen niet.", "Bert")
    assert ask(huis, "C005").json()["redenGeenScore"]["code"] == "gestopt"
    assert ask(huis, "C002", "woonfraude", soort="/woonfraude").json()["risicoscores"]


def test_each_prediction_has_its_own_role(huis: Huis) -> None:
    assert ask(huis, "C002", "woonfraude").status_code == 403
    assert ask(huis, "C002", "wijkbeheer", soort="/woonfraude").status_code == 403
    assert ask(huis, "C002", "lezer").status_code == 403
    eigen = ask(huis, "C002", "woonfraude", soort="/woonfraude")
    assert eigen.json()["risicoscores"][0]["model"]["code"] == "woonfraude"
    assert ask(huis, "C999").status_code == 404


def test_nobody_finds_a_score_in_what_else_they_may_read(huis: Huis) -> None:
    for rollen in (("lezer",), ("wijkbeheer",), ("gemeente",), ("sociaal_team",)):
        client = huis.open(*rollen)
        for pad in ("/v1/complexen/C001", "/v1/complexen", "/complexen/C001", "/",
                    "/methode/modellen",
                    "/v1/buurten/BU01", "/buurten/BU01", "/werklijsten", "/v1/releases/actueel",
                    "/v1/exports/risicoscore.parquet", "/v1/exports/risicoscore.csv",
                    "/v1/exports/werklijst_overlast.csv", "/v1/exports/maatregel.csv"):  # fmt: skip
            antwoord = client.get(pad)
            assert REDEN.encode() not in antwoord.content, pad
            assert b"0.41237" not in antwoord.content, pad


def test_list_composed_anew_does_not_unhide_what_is_withheld(huis: Huis) -> None:
    huis.werklijsten.add_werklijst(
        make_lijst((make_regel("C003", None, rang=2),), peildatum=date(2026, 12, 1))
    )
    assert ask(huis, "C003").json()["redenGeenScore"]["code"] == "geen_score"


def test_score_of_a_month_waits_for_its_list_so_that_nobody_reads_ahead(huis: Huis) -> None:
    zonder = Huis(huis.releases.parent / "zonder")
    assert ask(zonder, "C005").json()["redenGeenScore"] is None, "no list was ever made"
    zonder.werklijsten.add_werklijst(make_lijst(peildatum=date(2026, 10, 1)))
    for complex_id in ("C001", "C003", "C005", GEEN_SCORE):
        antwoord = ask(zonder, complex_id)
        assert antwoord.json()["redenGeenScore"]["code"] == "lijst_niet_gemaakt"
        assert REDEN not in antwoord.text
    zonder.werklijsten.add_werklijst(make_lijst())
    assert ask(zonder, "C005").json()["redenGeenScore"] is None
