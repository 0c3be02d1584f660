"""The store of Sociale Signalen as the settings say it, and its commands."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from orchestration.cli.opdrachten import app
from orchestration.instellingen import Instellingen, read_instellingen
from orchestration.signaal import open_signalen
from serving.signaal.register import Signaalregister
from tests.unit.serving.signaal.conftest import make_voorstel
from vera.errors import GebruikFout


def read(tmp_path: Path, **namen: str) -> Instellingen:
    waarden = {f"BUURTPEIL_{naam.upper()}": waarde for naam, waarde in namen.items()}
    return read_instellingen({"BUURTPEIL_DATA": str(tmp_path), **waarden})


def test_store_lies_in_the_data_folder_with_the_narrowest_policy(tmp_path: Path) -> None:
    register = open_signalen(read(tmp_path))
    register.add(make_voorstel(), None)
    register.close()

    assert (tmp_path / "signalen.sqlite").stat().st_mode & 0o077 == 0
    assert (tmp_path / "sleutels" / "signaal.sleutel").exists()
    assert register.beleid.dpia is None
    assert not register.beleid.mag_toelichting
    assert register.beleid.eenheden == {}


def test_settings_widen_the_policy(tmp_path: Path) -> None:
    lijst = tmp_path / "lijst.csv"
    lijst.write_text("eenheid_id,complex_id\nVHE-1,C001\n", encoding="utf-8")
    instellingen = read(
        tmp_path,
        signaal_dpia="DPIA 7",
        signaal_toelichting="ja",
        signaal_eenheden=str(lijst),
        crisisnummer="010 123 45 67",
        signaal_sleutel="geheim",
    )

    beleid = open_signalen(instellingen).beleid

    assert (beleid.dpia, beleid.mag_toelichting) == ("DPIA 7", True)
    assert beleid.eenheden == {"VHE-1": "C001"}
    assert beleid.noodnummers["sociale crisisdienst"] == "010 123 45 67"
    assert "geheim" not in repr(instellingen)


def test_signals_do_not_share_a_database_and_a_vague_setting_is_refused(tmp_path: Path) -> None:
    zelfde = "postgresql+psycopg://u:geheim@h/d"
    with pytest.raises(GebruikFout, match="een database voor zich") as fout:
        open_signalen(read(tmp_path, signalen_url=zelfde, besluiten_url=zelfde))
    assert "geheim" not in str(fout.value)
    with pytest.raises(GebruikFout, match="SIGNAAL_TOELICHTING"):
        open_signalen(read(tmp_path, signaal_toelichting="soms"))


@pytest.fixture
def register(tmp_path: Path) -> Signaalregister:
    register = open_signalen(read(tmp_path))
    register.add(make_voorstel(), "Jan Jansen")
    register.close()
    return register


def call(tmp_path: Path, *woorden: str) -> str:
    uitkomst = CliRunner().invoke(app, ["signaal", *woorden, "--data", str(tmp_path)])
    assert uitkomst.exit_code == 0, uitkomst.output
    return uitkomst.output


def test_commands_turn_the_key_and_tell_who_did_what_but_not_what_was_reported(
    tmp_path: Path, register: Signaalregister
) -> None:
    sleutel = tmp_path / "sleutels" / "signaal.sleutel"
    oud = sleutel.read_text()

    gedraaid = call(tmp_path, "roteer-sleutel", "--door", "B. Heer")
    log = call(tmp_path, "log", "--door", "P. Functionaris")
    goed = call(tmp_path, "controleer")

    assert "1 rijen zijn opnieuw versleuteld." in gedraaid
    assert sleutel.read_text() != oud
    assert "B. Heer" in log
    assert "Jansen" not in log
    assert "C001" not in log
    assert "Het log klopt: 3 regels." in goed


def test_reading_counts_on_the_command_line_is_noted(
    tmp_path: Path, register: Signaalregister
) -> None:
    assert "nog geen kwartaal" in call(tmp_path, "tellingen", "--door", "A. de Wit")

    assert "tellingen_gelezen" in {regel.handeling for regel in register.list_log("test")}
    assert any((tmp_path / "leeslog").glob("*.jsonl"))
