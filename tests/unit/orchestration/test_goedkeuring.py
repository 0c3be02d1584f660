"""An unusual release waits for somebody, and is served only when that person says so."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import dagster as dg
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from orchestration.archief import BEHEEROBJECTEN, LABELS
from orchestration.cli.releases import rollback_to
from orchestration.goedkeuring import (
    Besluit,
    Grenzen,
    WachtOpGoedkeuring,
    approve,
    check_mag_getoond,
    find_map,
    forget_ongekeurd,
    hold,
    hold_back,
    make_fout,
    mark_ongekeurd,
    measure_ongewoon,
    read_besluit,
    remove_ongekeurd,
    turn_down,
    was_getoond,
)
from orchestration.instellingen import Instellingen
from orchestration.jobs import goedkeuring
from orchestration.referentie import EIGEN, Referentie, read_bevroren
from orchestration.resources import Werkplaats
from orchestration.werkmap import Werkmap
from serving.leeslog.keten import MAP, Keten
from serving.release.schrijver import write_release
from serving.release.wijzer import activate, current
from tests.unit.serving.voorbeeld_release import (
    INHOUD,
    RUN,
    build_tables,
    publish_example,
    rename_object,
)
from vera.errors import BuurtpeilError, GebruikFout

GRENZEN = Grenzen()
KWARTAAL = [date(2026, 7, 1), date(2026, 10, 1)]


def write_archief(map_: Path, labels: list[int | None], thema: str = "TOT") -> Path:
    """Write the exact tables of a release: a label per complex, and an older one for each."""
    map_.mkdir(parents=True, exist_ok=True)
    rijen = [
        {
            "niveau": "complex",
            "beheerobject_id": f"C{nummer:03}",
            "grondslag": "eigen",
            "peildatum": dag,
            "thema_code": thema,
            "sociaal_beheer_label": 1 if dag == KWARTAAL[0] else label,
        }
        for nummer, label in enumerate(labels)
        for dag in KWARTAAL
    ]
    pq.write_table(pa.Table.from_pylist(rijen), map_ / LABELS)
    objecten = [
        {
            "niveau": "complex",
            "beheerobject_id": rij["beheerobject_id"],
            "verhuureenheden_aantal": 40,
        }
        for rij in rijen
    ]
    pq.write_table(pa.Table.from_pylist(objecten[::2]), map_ / BEHEEROBJECTEN)
    return map_


def test_same_labels_are_not_unusual(tmp_path: Path) -> None:
    oud = write_archief(tmp_path / "oud", [3] * 40)
    assert measure_ongewoon(oud, oud, GRENZEN) == ()


@pytest.mark.parametrize("anders", [0, 1, 10, 11, 40])
def test_release_waits_exactly_when_more_labels_changed_than_the_limit(
    anders: int, tmp_path: Path
) -> None:
    oud = write_archief(tmp_path / "oud", [3] * 40)
    nieuw = write_archief(tmp_path / "nieuw", [4] * anders + [3] * (40 - anders))
    redenen = measure_ongewoon(oud, nieuw, GRENZEN)
    assert bool(redenen) is (anders > 10)
    assert all(f"{anders} van de 40" in reden for reden in redenen)


def test_theme_that_is_known_of_fewer_complexes_is_named(tmp_path: Path) -> None:
    oud = write_archief(tmp_path / "oud", [3] * 40, "SOC")
    nieuw = write_archief(tmp_path / "nieuw", [None] * 5 + [3] * 35, "SOC")
    (reden,) = measure_ongewoon(oud, nieuw, GRENZEN)
    assert reden.startswith("Thema SOC is van 12% van de complexen onbekend, dat was 0%")
    assert measure_ongewoon(nieuw, oud, GRENZEN) == (), "better coverage waits for nobody"


def test_complexes_that_are_gone_are_counted(tmp_path: Path) -> None:
    oud = write_archief(tmp_path / "oud", [3] * 40)
    assert measure_ongewoon(oud, write_archief(tmp_path / "n38", [3] * 38), GRENZEN) == ()
    (reden,) = measure_ongewoon(oud, write_archief(tmp_path / "n37", [3] * 37), GRENZEN)
    assert reden.startswith("3 van de 40 complexen met woningen zijn er niet meer")


def test_small_association_is_not_judged_by_shares(tmp_path: Path) -> None:
    oud = write_archief(tmp_path / "oud", [3] * 19)
    assert measure_ongewoon(oud, write_archief(tmp_path / "nieuw", [5] * 10), GRENZEN) == ()


@pytest.mark.parametrize("tekst", ["veel", "-1", "101", "nan"])
def test_limit_that_is_no_percentage_is_refused(tekst: str) -> None:
    with pytest.raises(GebruikFout, match="BUURTPEIL_GRENS_LABELS"):
        Grenzen.of(Instellingen(grens_labels=tekst))


def test_limits_come_from_the_settings() -> None:
    assert Grenzen.of(Instellingen()) == GRENZEN
    assert Grenzen.of(Instellingen(grens_labels="40", grens_dekking="2,5")) == Grenzen(0.4, 0.025)


@pytest.fixture
def werkmap(tmp_path: Path) -> Werkmap:
    """A data folder where one release is served and another one is written."""
    map_ = Werkmap.of(tmp_path / "data")
    nieuw = publish_example(map_.releases, rename_object(build_tables(), "C001", "Anders"))
    oud = publish_example(map_.releases)
    write_archief(map_.archief / oud.name, [3] * 40)
    write_archief(map_.archief / nieuw.name, [5] * 40)
    return map_


@pytest.fixture
def wacht(werkmap: Werkmap) -> Besluit:
    vorige = current(werkmap.releases)
    (nieuw,) = {pad.name for pad in werkmap.releases.iterdir() if pad.is_dir()} - {vorige}
    besluit = hold_back(werkmap, nieuw, vorige, GRENZEN, [make_referentie()])
    assert besluit is not None
    return besluit


def make_referentie() -> Referentie:
    periode = {"eerste_peildatum": "2024-01-01", "laatste_peildatum": "2025-10-01"}
    return Referentie(EIGEN, "SBL-1", {"periode": [{**periode, "is_voorlopig": False}]})


def test_first_release_never_waits(werkmap: Werkmap) -> None:
    assert hold_back(werkmap, str(current(werkmap.releases)), None, GRENZEN, []) is None


def test_release_that_waits_is_not_served_and_freezes_nothing(
    werkmap: Werkmap, wacht: Besluit
) -> None:
    assert current(werkmap.releases) == wacht.vorige
    assert read_bevroren(werkmap.referentie) == {}
    assert read_besluit(werkmap, wacht.release_id) == wacht
    with pytest.raises(GebruikFout, match="wacht op goedkeuring"):
        rollback_to(Instellingen(data=werkmap.data), wacht.release_id)
    assert current(werkmap.releases) == wacht.vorige


def test_approval_serves_it_freezes_and_leaves_who_in_the_read_log(
    werkmap: Werkmap, wacht: Besluit
) -> None:
    approve(werkmap, wacht.release_id, door="Anna", toelichting="Twee wijken zijn verkocht.")
    assert current(werkmap.releases) == wacht.release_id
    assert set(read_bevroren(werkmap.referentie)) == {EIGEN}
    regels = list(Keten(werkmap.data / MAP, werkmap.sleutels).read())
    assert [regel["daad"] for regel in regels] == ["poging", "schrijven"]
    for regel in regels:
        assert (regel["wat"], regel["release"]) == (
            "buurtpeil release goedkeuren", wacht.release_id,
        )  # fmt: skip
        assert "als Anna" in regel["wie"]
    bewaard = (find_map(werkmap, wacht.release_id) / "besluit.json").read_text(encoding="utf-8")
    assert "Twee wijken" in bewaard
    assert "Anna" not in bewaard, "names are kept in the log alone, for its term"


def test_next_run_over_the_same_deliveries_goes_on_after_approval(
    werkmap: Werkmap, wacht: Besluit
) -> None:
    approve(werkmap, wacht.release_id, door="Anna", toelichting="Klopt.")
    activate(werkmap.releases, wacht.vorige)
    assert hold_back(werkmap, wacht.release_id, wacht.vorige, GRENZEN, []) is None


def test_release_that_was_turned_down_stays_so(werkmap: Werkmap, wacht: Besluit) -> None:
    turn_down(werkmap, wacht.release_id, door="Anna", toelichting="De meldingen zijn dubbel.")
    weer = hold_back(werkmap, wacht.release_id, wacht.vorige, GRENZEN, [])
    assert weer is not None
    assert weer.stand == "afgewezen"
    assert "De meldingen zijn dubbel." in str(make_fout(weer))
    with pytest.raises(GebruikFout, match="is afgewezen"):
        approve(werkmap, wacht.release_id, door="Anna", toelichting="Toch maar.")
    assert current(werkmap.releases) == wacht.vorige


def test_release_that_goes_on_from_another_than_the_served_one_is_not_approved(
    werkmap: Werkmap, wacht: Besluit
) -> None:
    derde = publish_example(werkmap.releases, rename_object(build_tables(), "C002", "Derde"))
    with pytest.raises(GebruikFout, match="gaat verder op"):
        approve(werkmap, wacht.release_id, door="Anna", toelichting="Klopt.")
    assert current(werkmap.releases) == derde.name


def test_release_that_was_damaged_while_it_waited_is_not_served(
    werkmap: Werkmap, wacht: Besluit
) -> None:
    (werkmap.releases / wacht.release_id / "opzoek.sqlite").write_bytes(b"stuk")
    with pytest.raises(BuurtpeilError, match="niet gaaf"):
        approve(werkmap, wacht.release_id, door="Anna", toelichting="Klopt.")
    assert current(werkmap.releases) == wacht.vorige


@pytest.mark.parametrize(
    ("door", "reden"),
    [("", "Klopt."), ("Anna", " "), ("Anna", "Bel 06-12345678."), ("Anna", "x" * 501)],
    ids=["nobody", "no reason", "a telephone number", "too long"],
)
def test_decision_without_a_name_or_a_proper_reason_is_refused(
    door: str, reden: str, werkmap: Werkmap, wacht: Besluit
) -> None:
    with pytest.raises(GebruikFout):
        approve(werkmap, wacht.release_id, door=door, toelichting=reden)
    assert current(werkmap.releases) == wacht.vorige
    assert read_besluit(werkmap, wacht.release_id) == wacht


@pytest.mark.parametrize("release_id", ["0123456789ab", "../x", ""])
def test_release_that_does_not_wait_cannot_be_approved(release_id: str, werkmap: Werkmap) -> None:
    with pytest.raises(GebruikFout, match="wacht niet"):
        approve(werkmap, release_id, door="Anna", toelichting="Klopt.")


def test_what_waited_is_forgotten_with_its_release(werkmap: Werkmap) -> None:
    hold(werkmap, Besluit("0123456789ab", "ba9876543210", ("x",), "2026-01-01T00:00:00+00:00"))
    hold_back(werkmap, str(current(werkmap.releases)), None, GRENZEN, [])
    assert read_besluit(werkmap, "0123456789ab") is None


def test_run_ends_with_a_code_of_its_own_and_the_two_commands(wacht: Besluit) -> None:
    fout = make_fout(wacht)
    assert isinstance(fout, WachtOpGoedkeuring)
    assert fout.exit_code == 7
    assert f"release goedkeuren {wacht.release_id}" in fout.remedie
    assert f"release afwijzen {wacht.release_id}" in fout.remedie


@pytest.mark.parametrize("afwijzen", [False, True], ids=["approve", "turn down"])
def test_same_decision_is_taken_in_dagster(
    afwijzen: bool, werkmap: Werkmap, wacht: Besluit
) -> None:
    config = {
        "release_id": wacht.release_id,
        "door": "Anna",
        "reden": "Klopt.",
        "afwijzen": afwijzen,
    }
    with dg.DagsterInstance.ephemeral() as instance:
        uitkomst = goedkeuring.execute_in_process(
            run_config={"ops": {"besluit_over_release": {"config": config}}},
            resources={"werkplaats": Werkplaats(data=str(werkmap.data), leveringen="x")},
            instance=instance,
        )
    assert uitkomst.success
    assert current(werkmap.releases) == (wacht.vorige if afwijzen else wacht.release_id)


def write_until_judged(werkmap: Werkmap) -> str:
    """Write a release as a run does that is killed before it is judged."""
    return write_release(
        rename_object(build_tables(), "C002", "Derde"),
        INHOUD,
        RUN,
        werkmap.releases,
        voor_naam=lambda id_: mark_ongekeurd(werkmap, id_, current(werkmap.releases)),
    ).name


def test_release_whose_run_was_killed_before_it_was_judged_is_shown_by_no_way(
    werkmap: Werkmap,
) -> None:
    vorige = current(werkmap.releases)
    release_id = write_until_judged(werkmap)
    write_archief(werkmap.archief / release_id, [3] * 40)
    with pytest.raises(GebruikFout, match="is niet gekeurd"):
        rollback_to(Instellingen(data=werkmap.data), release_id)
    with pytest.raises(GebruikFout, match="is niet gekeurd"):
        approve(werkmap, release_id, door="Anna", toelichting="Klopt.")
    assert current(werkmap.releases) == vorige


def test_next_run_removes_what_was_not_judged_and_nothing_else(
    werkmap: Werkmap, wacht: Besluit
) -> None:
    release_id = write_until_judged(werkmap)
    write_archief(werkmap.archief / release_id, [3] * 40)
    assert remove_ongekeurd(werkmap) == (release_id,)
    assert read_besluit(werkmap, release_id) is None
    over = {wacht.release_id, wacht.vorige}
    assert {pad.name for pad in werkmap.releases.iterdir() if pad.is_dir()} == over
    assert {pad.name for pad in werkmap.archief.iterdir()} == over
    assert read_besluit(werkmap, wacht.release_id) == wacht
    assert remove_ongekeurd(werkmap) == ()


@pytest.mark.parametrize("label", [3, 5], ids=["usual", "unusual"])
def test_judged_release_is_no_longer_unjudged(label: int, werkmap: Werkmap) -> None:
    vorige = current(werkmap.releases)
    release_id = write_until_judged(werkmap)
    write_archief(werkmap.archief / release_id, [label] * 40)
    besluit = hold_back(werkmap, release_id, vorige, GRENZEN, [])
    assert read_besluit(werkmap, release_id) == besluit
    assert (besluit is None) is (label == 3)
    assert remove_ongekeurd(werkmap) == ()


def test_first_release_is_no_longer_unjudged_once_it_is_served(tmp_path: Path) -> None:
    werkmap = Werkmap.of(tmp_path)
    release_id = write_until_judged(werkmap)
    assert hold_back(werkmap, release_id, None, GRENZEN, []) is None
    # Until then it cannot be told from one whose pointer was lost.
    assert read_besluit(werkmap, release_id) is not None
    forget_ongekeurd(werkmap, release_id)
    check_mag_getoond(werkmap, release_id)


def test_release_that_was_served_before_is_not_marked_anew(werkmap: Werkmap) -> None:
    huidig = str(current(werkmap.releases))
    mark_ongekeurd(werkmap, huidig, None)
    assert read_besluit(werkmap, huidig) is None


def test_release_counts_as_shown_only_when_nothing_held_it_back(
    werkmap: Werkmap, wacht: Besluit
) -> None:
    assert was_getoond(werkmap, wacht.vorige)
    assert not was_getoond(werkmap, wacht.release_id)
    assert not was_getoond(werkmap, "0123456789ab")
    approve(werkmap, wacht.release_id, door="Anna", toelichting="Klopt.")
    assert was_getoond(werkmap, wacht.release_id)


def test_pointer_stays_when_the_release_to_go_back_to_has_no_archive(werkmap: Werkmap) -> None:
    derde = publish_example(werkmap.releases, rename_object(build_tables(), "C002", "Derde"))
    vorige = next(pad.name for pad in werkmap.archief.iterdir())
    with pytest.raises(BuurtpeilError, match=f"Bij release {vorige} ontbreekt het archief"):
        rollback_to(Instellingen(data=werkmap.data), vorige)
    assert current(werkmap.releases) == derde.name


@pytest.mark.parametrize("label", [5, 3], ids=["not unusual any more", "still unusual"])
def test_release_that_waited_is_judged_anew_against_what_is_served_since(
    label: int, werkmap: Werkmap, wacht: Besluit
) -> None:
    derde = publish_example(werkmap.releases, rename_object(build_tables(), "C002", "Derde"))
    write_archief(werkmap.archief / derde.name, [label] * 40)
    weer = hold_back(werkmap, wacht.release_id, derde.name, GRENZEN, [])
    assert read_besluit(werkmap, wacht.release_id) == weer
    if weer is None:
        assert label == 5
        check_mag_getoond(werkmap, wacht.release_id)
        return
    assert (label, weer.vorige) == (3, derde.name)
    approve(werkmap, wacht.release_id, door="Anna", toelichting="Klopt.")
    assert current(werkmap.releases) == wacht.release_id
    assert read_bevroren(werkmap.referentie) == {}, "only what the last judgement names"
