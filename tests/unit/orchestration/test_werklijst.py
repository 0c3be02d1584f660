"""From scores to a list that is kept, and from the data back to what came of its rows."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from orchestration.werklijst import (
    BESTAND,
    SCORES,
    Opdracht,
    ScoresFout,
    check_scores,
    compose_lijst,
    keep_lijst,
    read_gestopt,
    read_scores,
    write_uitkomsten,
)
from serving.besluit.opslag import url_of_file
from serving.besluit.werklijst import WerklijstKanNiet
from serving.besluit.werklijstregister import Werklijstregister
from tests.unit.serving.voorbeeld_release import publish_example
from vera.errors import GebruikFout
from vera.werklijst import Model, Samenstelling

OKTOBER, NOVEMBER = date(2026, 10, 1), date(2026, 11, 1)
COMPLEXEN = tuple(f"C{k:03d}" for k in range(1, 61))
EENHEDEN = {c: 10 + 3 * k for k, c in enumerate(COMPLEXEN)}
OPDRACHT = Opdracht(k=10, capaciteit=20)
GEHEIM = bytes(range(32))


def make_rij(complex_id: str, rang: int, **anders: Any) -> dict[str, Any]:
    return {
        "complex_id": complex_id,
        "peildatum": NOVEMBER,
        "model": "overlast",
        "scoreversie": "abc123",
        "kans": 0.5 / rang,
        "rang": rang,
        "kans_top_k": 0.9,
        "band": "zeker",
        "redenen": '[{"zin": "Er komen meer meldingen dan vorig jaar"}]',
        "is_regel": False,
    } | anders


def make_scores(**anders: Any) -> pa.Table:
    rijen = [make_rij(c, k, **anders) for k, c in enumerate(COMPLEXEN, start=1)]
    return to_table(rijen)


def to_table(rijen: list[dict[str, Any]]) -> pa.Table:
    schema = pa.schema([(naam, pa.type_for_alias(soort)) for naam, soort in SCORES.items()])
    return pa.Table.from_pylist(rijen, schema=schema)


@pytest.fixture
def register(tmp_path: Path) -> Iterator[Werklijstregister]:
    geopend = Werklijstregister(url_of_file(tmp_path / "besluiten.sqlite"))
    yield geopend
    geopend.close()


def compose(
    register: Werklijstregister,
    scores: pa.Table,
    opdracht: Opdracht = OPDRACHT,
    model: Model = "overlast",
    geheim: bytes = GEHEIM,
) -> Samenstelling:
    return compose_lijst(scores, EENHEDEN, model, opdracht, register, "r1", geheim)


def names_of(lijst: Samenstelling, baan: str) -> set[str]:
    return {regel.complex_id for regel in lijst.regels if regel.baan == baan}


def test_list_holds_the_highest_ranks_and_a_lottery_and_what_the_scores_said(
    register: Werklijstregister,
) -> None:
    lijst = compose(register, make_scores())

    op_kans, loting = names_of(lijst, "model"), names_of(lijst, "aselect")
    assert len(loting) == 2  # a tenth of the capacity
    assert op_kans == set(COMPLEXEN[:10]) - loting
    assert (lijst.peildatum, lijst.release_id, lijst.scoreversie) == (NOVEMBER, "r1", "abc123")
    regel = next(r for r in lijst.regels if r.baan == "model")
    assert regel.rang is not None
    assert regel.kans == pytest.approx(0.5 / regel.rang)
    assert "meldingen" in regel.redenen


def test_repeated_run_draws_the_same_list_and_another_peildatum_another_lottery(
    register: Werklijstregister,
) -> None:
    assert compose(register, make_scores()) == compose(register, make_scores())
    oktober = compose(register, make_scores(peildatum=OKTOBER))
    assert names_of(oktober, "aselect") != names_of(compose(register, make_scores()), "aselect")


def test_last_peildatum_of_the_scores_is_the_one_that_is_listed(
    register: Werklijstregister,
) -> None:
    beide = pa.concat_tables([make_scores(peildatum=OKTOBER), make_scores()])
    assert compose(register, beide).peildatum == NOVEMBER


def test_complex_without_dwellings_is_not_listed(register: Werklijstregister) -> None:
    scores = to_table([make_rij("C-weg", 1), make_rij("C001", 2)])
    lijst = compose(register, scores, Opdracht(k=1, capaciteit=2))
    assert {regel.complex_id for regel in lijst.regels} == {"C001"}


def test_stopped_model_gets_the_lottery_alone(register: Werklijstregister) -> None:
    register.set_modelstand("overlast", "gestopt", "De cijfers kloppen niet.", "Anna")

    lijst = compose(register, make_scores())

    assert names_of(lijst, "model") == set()
    assert len(names_of(lijst, "aselect")) == 2
    gestopt = read_gestopt(register, "overlast")
    assert gestopt is not None
    assert gestopt.door == "Anna"


def test_model_that_nobody_stopped_or_that_was_started_again_is_in_use(
    register: Werklijstregister,
) -> None:
    assert read_gestopt(register, "overlast") is None
    register.set_modelstand("overlast", "gestopt", "De cijfers kloppen niet.", "Anna")
    register.set_modelstand("overlast", "in_gebruik", "De cijfers kloppen weer.", "Anna")
    assert read_gestopt(register, "overlast") is None


def test_complex_of_the_list_before_stays_while_its_rank_is_not_far_below(
    register: Werklijstregister,
) -> None:
    eerst = compose(register, make_scores(peildatum=OKTOBER))
    register.add_werklijst(eerst)
    blijver = min(names_of(eerst, "model"))
    # It falls to rank 14: under 1.5 x 10 it stays; a newcomer at 14 would not come on.
    orde = [c for c in COMPLEXEN if c != blijver]
    orde.insert(13, blijver)
    gezakt = to_table([make_rij(c, k) for k, c in enumerate(orde, start=1)])

    daarna = compose(register, gezakt)
    zonder_verleden = compose_lijst(
        gezakt, EENHEDEN, "overlast", OPDRACHT, Werklijstregister("sqlite:///niets"), "r1", GEHEIM
    )

    assert blijver not in names_of(daarna, "aselect")
    assert blijver in names_of(daarna, "model")
    assert blijver not in names_of(zonder_verleden, "model")


def test_who_has_the_code_and_the_scores_cannot_draw_the_list_again(
    register: Werklijstregister,
) -> None:
    ruim = Opdracht(k=50, capaciteit=58)
    een, ander = (compose(register, make_scores(), ruim, geheim=bytes([n]) * 32) for n in (1, 2))

    onthouden = [{r.complex_id for r in lijst.regels if r.is_onthouden} for lijst in (een, ander)]
    assert onthouden[0] != onthouden[1]
    assert names_of(een, "aselect") != names_of(ander, "aselect")
    getoond = [
        [r.complex_id for r in sorted(lijst.regels, key=lambda r: r.volgorde or 0) if r.volgorde]
        for lijst in (een, ander)
    ]
    assert getoond[0] != getoond[1]


def test_what_a_list_withholds_the_next_one_does_too_whatever_the_secret(
    register: Werklijstregister,
) -> None:
    ruim = Opdracht(k=50, capaciteit=58)
    eerst = compose(register, make_scores(peildatum=OKTOBER), ruim)
    register.add_werklijst(eerst)

    daarna = compose(register, make_scores(), ruim, geheim=b"een ander geheim")

    blijft = names_of(eerst, "model") & names_of(daarna, "model")
    onthouden = [
        {r.complex_id for r in lijst.regels if r.is_onthouden} & blijft for lijst in (eerst, daarna)
    ]
    assert len(blijft) > 30
    assert onthouden[0]
    assert onthouden[0] == onthouden[1]


def test_flags_are_withheld_in_the_first_year_alone(register: Werklijstregister) -> None:
    ruim = Opdracht(k=50, capaciteit=58)
    eerst = compose(register, make_scores(peildatum=date(2025, 11, 1)), ruim)
    assert any(regel.is_onthouden for regel in eerst.regels)
    register.add_werklijst(eerst)

    binnen = compose(register, make_scores(peildatum=date(2026, 10, 1)), ruim)
    daarna = compose(register, make_scores(peildatum=date(2026, 11, 1)), ruim)

    assert any(regel.is_onthouden for regel in binnen.regels)
    assert not any(regel.is_onthouden for regel in daarna.regels)


def test_scores_of_the_rule_carry_no_chance(register: Werklijstregister) -> None:
    lijst = compose(register, make_scores(is_regel=True, kans=None, band=None))
    assert {regel.kans for regel in lijst.regels} == {None}


def test_too_few_logged_inspections_leave_the_choice_to_the_rule(
    register: Werklijstregister,
) -> None:
    weinig, genoeg = (
        Opdracht(k=10, capaciteit=20, gelogde_onderzoeken=aantal) for aantal in (299, 300)
    )
    model = make_scores(model="woonfraude")
    regel = make_scores(model="woonfraude", is_regel=True, kans=None)

    with pytest.raises(ScoresFout, match="kiest de vaste regel"):
        compose(register, model, weinig, "woonfraude")
    adressen = [
        sum(r.aantal_adressen for r in lijst.regels if r.baan == "aselect")
        for lijst in (
            compose(register, regel, weinig, "woonfraude"),
            compose(register, model, genoeg, "woonfraude"),
        )
    ]
    assert adressen == [6, 4]  # 30 % of the capacity, then 20 %


@pytest.mark.parametrize(
    ("scores", "tekst"),
    [
        (make_scores().drop_columns(["kans", "band"]), "ontbreken kolommen: kans, band"),
        (
            make_scores().set_column(5, "rang", pa.array(["een"] * len(COMPLEXEN))),
            "een ander type",
        ),
        (to_table([make_rij("C001", 1), make_rij("C001", 2)]), "twee keer"),
        (to_table([make_rij("C001", 1, scoreversie=None)]), "lege waarden in scoreversie"),
    ],
    ids=["kolom-weg", "ander-type", "dubbel", "leeg"],
)
def test_scores_of_another_shape_are_refused_and_say_how(scores: pa.Table, tekst: str) -> None:
    with pytest.raises(ScoresFout, match=tekst):
        check_scores(scores)


def test_scores_of_two_versions_make_no_list(register: Werklijstregister) -> None:
    scores = to_table([make_rij("C001", 1), make_rij("C002", 2, scoreversie="def456")])
    with pytest.raises(ScoresFout, match="2 versies"):
        compose(register, scores)
    with pytest.raises(ScoresFout, match="geen scores van het model woonfraude"):
        compose(register, scores, model="woonfraude")


def test_list_is_kept_once(register: Werklijstregister) -> None:
    eerste, is_nieuw = keep_lijst(
        make_scores(), EENHEDEN, "overlast", OPDRACHT, register, "r1", GEHEIM
    )
    weer, is_weer_nieuw = keep_lijst(
        make_scores(), EENHEDEN, "overlast", OPDRACHT, register, "r2", GEHEIM
    )

    assert (is_nieuw, is_weer_nieuw) == (True, False)
    assert weer == eerste
    with pytest.raises(WerklijstKanNiet):
        keep_lijst(
            make_scores(scoreversie="def456"),
            EENHEDEN,
            "overlast",
            OPDRACHT,
            register,
            "r2",
            GEHEIM,
        )


def test_scores_are_read_beside_the_current_release(tmp_path: Path) -> None:
    releases, archief = tmp_path / "releases", tmp_path / "archief"
    pad = publish_example(releases)
    with pytest.raises(GebruikFout, match="horen geen scores"):
        read_scores(archief, releases)
    (archief / pad.name).mkdir(parents=True)
    pq.write_table(make_scores(), archief / pad.name / BESTAND)

    release_id, scores = read_scores(archief, releases)

    assert release_id == pad.name
    assert scores.num_rows == len(COMPLEXEN)


def test_outcomes_of_overlast_come_from_the_data_withheld_rows_included(
    register: Werklijstregister,
) -> None:
    keep_lijst(
        make_scores(), EENHEDEN, "overlast", Opdracht(k=50, capaciteit=58), register, "r1", GEHEIM
    )
    rijen = register.list_rijen("overlast")
    onthouden = next(rij.regel.complex_id for rij in rijen if rij.regel.is_onthouden)
    getoond, open_, in_dossier = [
        rij.regel.complex_id for rij in rijen if not rij.regel.is_onthouden
    ][:3]
    warehouse = duckdb.connect()
    warehouse.execute("create schema intermediate")
    warehouse.execute(
        "create table intermediate.int_overlast__uitkomst "
        "(complex_id varchar, peildatum date, escalatie integer, is_in_cohort boolean)"
    )
    warehouse.executemany(
        "insert into intermediate.int_overlast__uitkomst values (?, ?, ?, ?)",
        [
            (onthouden, NOVEMBER, 1, True),
            (getoond, NOVEMBER, 0, True),
            (getoond, OKTOBER, 1, True),
            (open_, NOVEMBER, None, True),
            (in_dossier, NOVEMBER, 1, False),
        ],
    )

    nieuw, weer = write_uitkomsten(warehouse, register), write_uitkomsten(warehouse, register)

    warehouse.close()
    assert (nieuw, weer) == (2, 0)
    gevonden = {
        rij.regel.complex_id: rij.uitkomsten[0].uitkomst_code
        for rij in register.list_rijen("overlast")
        if rij.uitkomsten
    }
    assert gevonden == {onthouden: "escalatie", getoond: "geen_escalatie"}
