"""The store of Sociale Signalen, on SQLite and on a real PostgreSQL server."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError

from serving.signaal import bewaren
from serving.signaal.regels import (
    Beleid,
    NuGevaar,
    OnbekendSignaal,
    OngeldigSignaal,
    SignaalKanNiet,
)
from serving.signaal.register import BESTAND, Signaalregister, url_of_file
from serving.signaal.sleutel import BESTAND as SLEUTELBESTAND
from serving.signaal.sleutel import GeenSleutel, Sleutelbos
from serving.signaal.tabellen import metadata
from serving.signaal.versleuteling import OnleesbareInhoud
from tests.unit.serving.signaal.conftest import NU, Klok, make_voorstel
from vera.errors import GebruikFout

WORTEL = Path(__file__).parents[4]
TEAM = "Sociaal team, S. de Boer"


def run(url: str, opdracht: str) -> list[tuple[object, ...]]:
    motor = create_engine(url)
    try:
        with motor.begin() as verbinding:
            uitkomst = verbinding.execute(text(opdracht))
            return [tuple(rij) for rij in uitkomst] if uitkomst.returns_rows else []
    finally:
        motor.dispose()


def dump(url: str) -> str:
    """Everything that the store holds, as somebody without the key reads it."""
    tabellen = [str(naam) for naam in metadata.tables]
    return "\n".join(repr(run(url, f"select * from {tabel}")) for tabel in tabellen)


def add_many(register: Signaalregister, aantal: int, **velden: object) -> list[str]:
    return [register.add(make_voorstel(**velden), "Jan").kenmerk for _ in range(aantal)]


def test_report_gives_a_reference_and_the_team_reads_what_was_seen(
    register: Signaalregister,
) -> None:
    stand = register.add(make_voorstel(benadering="eerst_bellen"), "Jan Jansen")

    (signaal,) = register.list_signalen(TEAM).signalen
    assert signaal.stand == stand
    assert stand.status == "ontvangen"
    assert signaal.inhoud.complex_id == "C001"
    assert signaal.inhoud.code == "zorg"
    assert signaal.inhoud.benadering == "eerst_bellen"


def test_which_of_the_five_it_was_is_not_stored_without_a_named_dpia(
    register: Signaalregister, signalen_url: str, sleutels: Sleutelbos, klok: Klok
) -> None:
    register.add(make_voorstel(signaal_code="alcoholisme"), None)
    met = Signaalregister(
        signalen_url, sleutels, Beleid(dpia="DPIA Sociaal Signaal, versie 1"), nu=klok
    )
    met.add(make_voorstel(signaal_code="drugsgebruik"), None)
    met.close()

    zonder, onder_dpia = (s.inhoud for s in register.list_signalen(TEAM).signalen)

    assert "alcoholisme" not in repr(zonder)
    assert (zonder.code, zonder.signaal, zonder.dpia) == ("zorg", None, None)
    assert (onder_dpia.code, onder_dpia.signaal) == ("zorg", "drugsgebruik")
    assert onder_dpia.dpia == "DPIA Sociaal Signaal, versie 1"


def test_store_without_its_key_tells_a_reference_a_day_and_a_status_alone(
    register: Signaalregister, signalen_url: str
) -> None:
    kenmerk = register.add(
        make_voorstel(complex_id="C-geheim", buurt_id="BU-geheim", benadering="met_twee"),
        "Jan Jansen",
    ).kenmerk
    register.follow_up(kenmerk, "afgesloten", "geen_hulp_gewenst", TEAM)

    alles = dump(signalen_url)

    assert kenmerk in alles
    for woord in ("C-geheim", "BU-geheim", '"zorg"', "deze_week", "onderhoud", "met_twee",
                  "geen_hulp_gewenst", "Jan Jansen"):  # fmt: skip
        assert woord not in alles


def test_length_of_what_is_stored_says_nothing_of_what_it_is(
    register: Signaalregister, signalen_url: str
) -> None:
    for code in ("onbekend", "eenzaamheid", "vervuiling"):
        register.add(make_voorstel(signaal_code=code, benadering="via_huismeester"), None)
        register.add(make_voorstel(signaal_code=code, complex_id="C" * 64), None)

    assert len(run(signalen_url, "select distinct length(inhoud) from signaal")) == 1


def test_content_that_was_moved_to_another_row_is_not_read(
    register: Signaalregister, signalen_url: str
) -> None:
    add_many(register, 2)
    run(signalen_url, "update signaal set inhoud = (select max(inhoud) from signaal)")

    with pytest.raises(OnleesbareInhoud):
        register.list_signalen(TEAM)


def test_emergency_is_answered_with_whom_to_call_and_leaves_nothing(
    signalen_url: str, sleutels: Sleutelbos, tmp_path: Path
) -> None:
    register = Signaalregister(signalen_url, sleutels, Beleid(crisisnummer="010 123 45 67"))

    with pytest.raises(NuGevaar, match="112") as fout:
        register.add(make_voorstel(urgentie="nu_gevaar", complex_id=""), "Jan")

    assert fout.value.nummers["sociale crisisdienst"] == "010 123 45 67"
    assert register.list_signalen(TEAM).aantal == 0
    assert not (tmp_path / "sleutels").exists()
    register.close()


def test_looking_at_a_store_that_is_not_there_makes_nothing(tmp_path: Path) -> None:
    register = Signaalregister(url_of_file(tmp_path / BESTAND), Sleutelbos(tmp_path / "sleutels"))

    assert register.list_signalen(TEAM).signalen == ()
    assert register.read_tellingen(TEAM) == ()
    assert register.purge(date(2030, 1, 1)) == ()
    assert register.check_log().fout is None
    with pytest.raises(OnbekendSignaal):
        register.find_stand("K7M3-9QXD-2BRP", None)
    assert list(tmp_path.iterdir()) == []


def test_reporter_learns_the_status_and_nothing_else(register: Signaalregister, klok: Klok) -> None:
    kenmerk = register.add(make_voorstel(), "Jan").kenmerk
    klok.nu += timedelta(days=2)
    register.follow_up(kenmerk, "opgepakt", "", TEAM)

    stand = register.find_stand(f" {kenmerk.replace('-', '').lower()} ", "Jan")

    assert (stand.status, stand.gemeld_op, stand.bijgewerkt_op) == (
        "opgepakt", date(2026, 11, 24), date(2026, 11, 26),
    )  # fmt: skip
    assert set(vars(stand)) == {"kenmerk", "status", "gemeld_op", "bijgewerkt_op"}


@pytest.mark.parametrize("kenmerk", ["K7M3-9QXD-2BRP", "", "'; drop table signaal", "0" * 300])
def test_reference_that_does_not_exist_says_only_that(
    register: Signaalregister, kenmerk: str
) -> None:
    register.add(make_voorstel(), None)

    with pytest.raises(OnbekendSignaal):
        register.find_stand(kenmerk, None)
    with pytest.raises(OnbekendSignaal):
        register.follow_up(kenmerk, "opgepakt", "", TEAM)


def test_signal_is_taken_up_then_closed_with_a_reason_and_never_goes_back(
    register: Signaalregister,
) -> None:
    kenmerk = register.add(make_voorstel(), None).kenmerk
    register.follow_up(kenmerk, "opgepakt", "", TEAM)

    with pytest.raises(SignaalKanNiet, match="al opgepakt"):
        register.follow_up(kenmerk, "opgepakt", "", TEAM)
    with pytest.raises(OngeldigSignaal, match="redenCode is verplicht"):
        register.follow_up(kenmerk, "afgesloten", "", TEAM)
    register.follow_up(kenmerk, "afgesloten", "hulp_gestart", TEAM)
    with pytest.raises(SignaalKanNiet, match="al afgesloten"):
        register.follow_up(kenmerk, "opgepakt", "", TEAM)

    assert register.list_signalen(TEAM).signalen == ()
    (gesloten,) = register.list_signalen(TEAM, afgesloten=True).signalen
    assert gesloten.reden == "hulp_gestart"


def test_most_urgent_comes_first_and_of_those_the_oldest(register: Signaalregister) -> None:
    for urgentie in ("geen_haast", "vandaag", "deze_week", "vandaag"):
        register.add(make_voorstel(urgentie=urgentie), None)

    lijst = register.list_signalen(TEAM, maximum=3)

    assert [s.inhoud.urgentie for s in lijst.signalen] == ["vandaag", "vandaag", "deze_week"]
    assert lijst.aantal == 4


@pytest.mark.parametrize(
    ("tabel", "wijziging"),
    [
        ("signaal", "gemeld_op = '2020-01-01'"),
        ("signaal_stap", "status = 'opgepakt'"),
        ("signaallog", "wie = 'iemand anders'"),
    ],
)
def test_database_itself_refuses_to_change_what_was_recorded(
    register: Signaalregister, signalen_url: str, tabel: str, wijziging: str
) -> None:
    kenmerk = register.add(make_voorstel(), None).kenmerk
    register.follow_up(kenmerk, "afgesloten", "dubbel", TEAM)

    with pytest.raises(DBAPIError, match="een signaal wordt niet gewijzigd"):
        run(signalen_url, f"update {tabel} set {wijziging}")


def test_migrations_make_exactly_the_tables_that_the_code_uses(
    register: Signaalregister, signalen_url: str
) -> None:
    register.add(make_voorstel(), None)
    motor = create_engine(signalen_url)

    with motor.connect() as verbinding:
        verschillen = compare_metadata(
            MigrationContext.configure(verbinding, opts={"compare_type": True}), metadata
        )

    motor.dispose()
    assert verschillen == []


# --- the log -------------------------------------------------------------------------------


def test_log_tells_who_read_and_changed_what_and_names_no_reporter(
    register: Signaalregister,
) -> None:
    kenmerk = register.add(make_voorstel(), "Jan Jansen").kenmerk
    register.list_signalen(TEAM)
    register.follow_up(kenmerk, "opgepakt", "", TEAM)
    register.find_stand(kenmerk, "Jan Jansen")

    regels = register.list_log("P. Functionaris", kenmerk)

    assert [regel.handeling for regel in regels] == [
        "gemeld", "gelezen", "opgepakt", "stand_gelezen",
    ]  # fmt: skip
    assert [regel.wie for regel in regels][1:3] == [TEAM, TEAM]
    assert regels[0].wie == regels[3].wie
    assert "Jan" not in repr(regels)
    assert register.list_log("P. Functionaris")[-1].handeling == "log_gelezen"
    assert register.check_log().fout is None


def _last(url: str) -> int:
    ((nummer,),) = run(url, "select max(id) from signaallog")
    return int(str(nummer))


@pytest.mark.parametrize(
    ("doe", "melding"),
    [
        ("update signaallog set wie = 'iemand anders' where id = {vorig}", "veranderd"),
        ("delete from signaallog where id = {vorig}", "ontbreekt iets"),
        ("delete from signaallog where id = {laatste}", "aan het eind ontbreekt iets"),
        ("delete from signaallog where id = {eerste}", "ontbreekt iets"),
        ("update signaallog_kop set aantal = aantal - 1", "de kop van het log is veranderd"),
    ],
)
def test_line_that_was_changed_or_taken_away_shows(
    register: Signaalregister, signalen_url: str, doe: str, melding: str
) -> None:
    add_many(register, 4)
    laatste = _last(signalen_url)
    if signalen_url.startswith("sqlite"):
        run(signalen_url, "drop trigger signaallog_blijft")
    else:
        run(signalen_url, "drop trigger signaallog_blijft on signaallog")

    run(signalen_url, doe.format(eerste=laatste - 3, vorig=laatste - 1, laatste=laatste))

    assert melding in str(register.check_log().fout)


def test_refused_report_leaves_no_line(register: Signaalregister) -> None:
    register.add(make_voorstel(), None)
    with pytest.raises(OngeldigSignaal):
        register.add(make_voorstel(signaal_code="zomaar"), None)

    assert register.check_log().aantal == 1


# --- keys ----------------------------------------------------------------------------------


def test_key_is_made_at_the_first_report_and_readable_by_its_owner_alone(
    register: Signaalregister, tmp_path: Path
) -> None:
    pad = tmp_path / "sleutels" / SLEUTELBESTAND
    register.add(make_voorstel(), None)

    assert stat.S_IMODE(pad.stat().st_mode) == 0o600
    assert stat.S_IMODE(pad.parent.stat().st_mode) == 0o700
    pad.chmod(0o640)
    with pytest.raises(GebruikFout, match="leesbaar voor anderen"):
        register.list_signalen(TEAM)


def test_after_rotation_everything_is_read_with_the_new_key_and_nothing_with_the_old(
    register: Signaalregister, signalen_url: str, tmp_path: Path, klok: Klok
) -> None:
    pad = tmp_path / "sleutels" / SLEUTELBESTAND
    kenmerk = register.add(make_voorstel(), "Jan").kenmerk
    register.follow_up(kenmerk, "afgesloten", "doorverwezen", TEAM)
    register.add(make_voorstel(), "Jan")
    oude = pad.read_text()
    voor = register.list_signalen(TEAM), register.list_signalen(TEAM, afgesloten=True)

    aantal = register.rotate("beheer")

    assert aantal == 3
    assert pad.read_text() != oude
    assert len(pad.read_text().split()) == 1
    na = register.list_signalen(TEAM), register.list_signalen(TEAM, afgesloten=True)
    assert na == voor
    assert register.check_log().fout is None
    register.add(make_voorstel(), "Jan")
    met_oude = Signaalregister(signalen_url, Sleutelbos(tmp_path / "elders", oude.strip()), nu=klok)
    with pytest.raises(OnleesbareInhoud):
        met_oude.list_signalen(TEAM)
    met_oude.close()


def test_rotation_that_was_broken_off_is_finished_by_the_next(
    register: Signaalregister, sleutels: Sleutelbos
) -> None:
    register.add(make_voorstel(), None)
    sleutels.add_new()
    assert register.list_signalen(TEAM).aantal == 1, "both keys work meanwhile"
    register.add(make_voorstel(), None)

    register.rotate("beheer")

    assert sleutels.aantal == 1
    assert register.list_signalen(TEAM).aantal == 2


def test_keys_from_a_setting_are_turned_by_the_setting(
    signalen_url: str, tmp_path: Path, klok: Klok
) -> None:
    oud, nieuw = "M" * 43 + "=", "T" * 43 + "="
    oud, nieuw = oud[:42] + "E=", nieuw[:42] + "E="
    map_ = tmp_path / "sleutels"
    eerst = Signaalregister(signalen_url, Sleutelbos(map_, oud), nu=klok)
    eerst.add(make_voorstel(), None)
    eerst.close()
    beide = Signaalregister(signalen_url, Sleutelbos(map_, f"{nieuw}, {oud}"), nu=klok)
    beide.rotate("beheer")
    beide.close()
    daarna = Signaalregister(signalen_url, Sleutelbos(map_, nieuw), nu=klok)

    assert daarna.list_signalen(TEAM).aantal == 1
    assert not map_.exists()
    daarna.close()


def test_lost_key_is_told_and_no_other_is_made_in_its_place(
    register: Signaalregister, tmp_path: Path
) -> None:
    register.add(make_voorstel(), None)
    (tmp_path / "sleutels" / SLEUTELBESTAND).unlink()

    for doe in (
        lambda: register.add(make_voorstel(), None),
        lambda: register.list_signalen(TEAM),
        lambda: register.rotate("beheer"),
    ):
        with pytest.raises(GeenSleutel, match="De sleutel van de Sociale Signalen is er niet"):
            doe()
    assert not (tmp_path / "sleutels" / SLEUTELBESTAND).exists()


SCHRIJVER = """
import sys
from pathlib import Path
from serving.signaal.register import Signaalregister
from serving.signaal.sleutel import Sleutelbos
from tests.unit.serving.signaal.conftest import make_voorstel
register = Signaalregister(sys.argv[1], Sleutelbos(Path(sys.argv[2])))
for nummer in range(20):
    register.add(make_voorstel(), "Jan") if sys.argv[3] == "meld" else register.rotate("beheer")
"""


def test_reports_and_rotations_at_once_lose_nothing(
    register: Signaalregister, signalen_url: str, sleutels: Sleutelbos, tmp_path: Path
) -> None:
    register.add(make_voorstel(), None)
    omgeving = {**os.environ, "PYTHONPATH": str(WORTEL)}
    processen = [
        subprocess.Popen(
            [sys.executable, "-c", SCHRIJVER, signalen_url, str(tmp_path / "sleutels"), wat],
            cwd=WORTEL, env=omgeving, stderr=subprocess.PIPE, text=True,
        )
        for wat in ("meld", "draai", "meld")
    ]  # fmt: skip
    for proces in processen:
        _, fout = proces.communicate(timeout=120)
        assert proces.returncode == 0, fout

    assert register.list_signalen(TEAM, maximum=100).aantal == 41
    assert sleutels.aantal == 1
    assert register.check_log().fout is None


# --- counts --------------------------------------------------------------------------------


def test_counts_leave_per_buurt_from_ten_on_rounded_and_after_the_quarter(
    register: Signaalregister, klok: Klok
) -> None:
    add_many(register, 13, buurt_id="BU01")
    add_many(register, 9, buurt_id="BU02")
    add_many(register, 12, buurt_id="BU03")
    add_many(register, 12, buurt_id="")

    assert register.read_tellingen(TEAM) == (), "the quarter is not over"
    klok.nu = datetime(2027, 1, 1, tzinfo=UTC)
    (telling,) = register.read_tellingen(TEAM)

    assert telling.kwartaal == date(2026, 10, 1)
    assert telling.aantallen == {"BU01": 15, "BU03": 10}


def test_quarter_is_counted_once_whatever_is_closed_or_removed_afterwards(
    register: Signaalregister, klok: Klok
) -> None:
    kenmerken = add_many(register, 12)
    klok.nu = datetime(2027, 1, 5, tzinfo=UTC)
    eerst = register.read_tellingen(TEAM)

    for kenmerk in kenmerken[:6]:
        register.follow_up(kenmerk, "afgesloten", "vergissing", TEAM)
    klok.nu = datetime(2027, 12, 5, tzinfo=UTC)
    register.purge(date(2027, 12, 5))

    assert register.list_signalen(TEAM).signalen == ()
    assert register.read_tellingen(TEAM)[-1] == eerst[0]


def test_double_or_mistaken_report_and_one_dwelling_twice_do_not_make_ten(
    register: Signaalregister, klok: Klok
) -> None:
    kenmerken = add_many(register, 10)
    register.follow_up(kenmerken[0], "afgesloten", "dubbel", TEAM)
    klok.nu = datetime(2027, 1, 1, tzinfo=UTC)

    assert [t.aantallen for t in register.read_tellingen(TEAM)] == [{}]


def test_purge_counts_a_finished_quarter_before_its_signals_go(
    register: Signaalregister, klok: Klok
) -> None:
    add_many(register, 10)
    klok.nu = datetime(2028, 1, 1, tzinfo=UTC)

    register.purge(date(2028, 1, 1))

    assert register.read_tellingen(TEAM)[-1].aantallen == {"BU01": 10}


# --- retention -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("gesloten_op", "peildatum", "regel"),
    [
        (date(2026, 11, 24), date(2027, 2, 24), None),
        (date(2026, 11, 24), date(2027, 2, 25), "3 maanden na afgesloten_op"),
        (None, date(2027, 11, 24), None),
        (None, date(2027, 11, 25), "12 maanden na gemeld_op"),
        (date(2027, 11, 1), date(2027, 11, 25), "12 maanden na gemeld_op"),
    ],
)
def test_signal_goes_three_months_after_it_was_closed_and_after_a_year_anyway(
    register: Signaalregister,
    klok: Klok,
    gesloten_op: date | None,
    peildatum: date,
    regel: str | None,
) -> None:
    kenmerk = register.add(make_voorstel(), None).kenmerk
    if gesloten_op:
        klok.nu = datetime.combine(gesloten_op, NU.timetz())
        register.follow_up(kenmerk, "afgesloten", "niets_nodig", TEAM)

    vooraf = register.purge(peildatum, dry_run=True)
    nog = register.list_signalen(TEAM, afgesloten=gesloten_op is not None).aantal
    weg = register.purge(peildatum)

    assert nog == 1, "a dry run removes nothing"
    assert vooraf == weg
    assert [v.regel for v in weg] == ([regel] if regel else [])
    if regel:
        (verwijdering,) = weg
        assert (verwijdering.plek, verwijdering.tabel) == ("signalen", "signaal")
        assert verwijdering.sleutels == (bewaren.hash_sleutel(kenmerk),)
        with pytest.raises(OnbekendSignaal):
            register.find_stand(kenmerk, None)
        assert register.list_log(TEAM, kenmerk)[-1].handeling == "verwijderd"
        assert register.purge(peildatum) == ()


def test_old_lines_of_the_log_go_and_the_chain_still_fits(
    register: Signaalregister, klok: Klok
) -> None:
    add_many(register, 3)
    klok.nu = datetime(2028, 11, 25, 12, tzinfo=UTC)
    register.add(make_voorstel(), None)

    weg = register.purge(date(2028, 11, 25))

    assert {v.tabel: v.aantal for v in weg} == {"signaal": 3, "signaallog": 3}
    verslag = register.check_log()
    assert verslag.fout is None
    assert all(regel.tijdstip.year == 2028 for regel in register.list_log(TEAM))


def test_signals_go_on_time_also_when_the_key_is_lost(
    register: Signaalregister, tmp_path: Path, signalen_url: str
) -> None:
    register.add(make_voorstel(), None)
    (tmp_path / "sleutels" / SLEUTELBESTAND).unlink()

    weg = register.purge(date(2028, 11, 25))

    assert [v.tabel for v in weg] == ["signaal"]
    assert run(signalen_url, "select count(*) from signaal") == [(0,)]


def test_removed_signal_is_not_left_in_a_file(tmp_path: Path, klok: Klok) -> None:
    pad = tmp_path / BESTAND
    register = Signaalregister(url_of_file(pad), Sleutelbos(tmp_path / "sleutels"), nu=klok)
    register.add(make_voorstel(), None)
    ((token,),) = run(url_of_file(pad), "select inhoud from signaal")
    assert isinstance(token, str)
    stuk = token[200:260].encode()
    vindt: Callable[[], bool] = lambda: any(  # noqa: E731
        stuk in bestand.read_bytes() for bestand in tmp_path.glob(f"{BESTAND}*")
    )
    assert vindt()

    register.purge(date(2028, 11, 25))

    assert not vindt()
    register.close()


def test_purge_for_a_day_to_come_counts_no_quarter_that_is_not_over(
    register: Signaalregister, klok: Klok
) -> None:
    add_many(register, 12)

    register.purge(date(2027, 2, 1))
    add_many(register, 3)
    klok.nu = datetime(2027, 1, 1, tzinfo=UTC)

    assert register.read_tellingen(TEAM)[0].aantallen == {"BU01": 15}


def test_longest_contents_fit_and_long_names_are_cut(
    signalen_url: str, sleutels: Sleutelbos, klok: Klok
) -> None:
    beleid = Beleid(dpia="D" * 500, mag_toelichting=True, eenheden={"V" * 64: "C" * 64})
    register = Signaalregister(signalen_url, sleutels, beleid, nu=klok)
    register.add(
        make_voorstel(
            complex_id="C" * 64, buurt_id="B" * 64, eenheid_id="V" * 64,
            benadering="via_huismeester", toelichting="\N{EURO SIGN}" * 200,
            organisatie="\N{EURO SIGN}" * 500, is_organisatie_bekend=True,
        ),
        "J" * 500,
    )  # fmt: skip

    (signaal,) = register.list_signalen("S" * 500).signalen

    assert signaal.inhoud.toelichting == "\N{EURO SIGN}" * 200
    assert register.check_log().fout is None
    register.close()
