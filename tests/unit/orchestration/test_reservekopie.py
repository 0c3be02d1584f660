"""A copy of everything, put back elsewhere: what was published, decided, reported and read."""

from __future__ import annotations

import json
import sqlite3
import stat
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.engine import make_url
from typer.testing import CliRunner

from orchestration.cli.reservekopie import reservekopie_app
from orchestration.instellingen import Instellingen
from orchestration.melding import Melder, Melding
from orchestration.reservekopie import (
    DATABASES,
    INHOUD,
    KopieFout,
    _call,
    check_kopie,
    make_kopie,
    restore_kopie,
)
from orchestration.signaal import open_signalen
from orchestration.slot import RunBezig, hold_slot
from orchestration.werkmap import Werkmap
from serving.besluit.duiding import Publicatie
from serving.besluit.publicatie import read_publicatie
from serving.besluit.register import Besluitregister
from serving.leeslog.keten import MAP, Keten
from serving.leeslog.regel import Lezing
from serving.release.winkel import current_path, open_release, verify
from serving.toegang.register import Toegangsregister
from tests.unit.conftest import make_database
from tests.unit.serving.besluit.conftest import make_voorstel
from tests.unit.serving.signaal.conftest import VOORSTEL
from tests.unit.serving.voorbeeld_release import publish_example
from vera.errors import GebruikFout
from vera.toegang import ROLLEN, Lezer

WACHTWOORD = "lang en zelf bedacht"


@dataclass(frozen=True)
class Stand:
    """What must come back."""

    release: str
    duidingen: tuple[object, ...]
    sleutels: tuple[object, ...]
    signalen: tuple[object, ...]
    leeslog: int


def read_stand(instellingen: Instellingen) -> Stand:
    map_ = Werkmap.of(instellingen.data)
    release = current_path(map_.releases)
    assert verify(release) == []
    keuring = Keten(map_.data / MAP, map_.sleutels).check()
    assert keuring.problemen == ()
    with (
        closing(Besluitregister(instellingen.besluiten_adres)) as besluiten,
        closing(Toegangsregister(instellingen.toegang_adres)) as sleutels,
        closing(open_signalen(instellingen)) as signalen,
    ):
        return Stand(
            release.name,
            besluiten.list_duidingen(),
            sleutels.list_sleutels(),
            signalen.list_signalen("Sociaal team").signalen,
            keuring.aantal,
        )


def fill(instellingen: Instellingen) -> Instellingen:
    """Publish, decide, report and read something."""
    map_ = Werkmap.of(instellingen.data)
    release = publish_example(map_.releases)
    with open_release(release) as uitgave:
        publicatie: Publicatie = read_publicatie(uitgave)
    with closing(Besluitregister(instellingen.besluiten_adres)) as besluiten:
        besluiten.add_duiding(make_voorstel("C001"), publicatie, 3)
    with closing(Toegangsregister(instellingen.toegang_adres)) as sleutels:
        sleutels.issue(b"p" * 32, "Bea", ["lezer"], organisatie="V", door="Anna", dagen=30)
    with closing(open_signalen(instellingen)) as signalen:
        signalen.add(VOORSTEL, None)
    lezer = Lezer("Anna", (ROLLEN["lezer"],))
    Keten(map_.data / MAP, map_.sleutels).add(
        [Lezing(1.0, lezer, "complex", "/complexen/{id}", "C001", "complex", release.name)]
    )
    for naam in (
        "landing", "leveringen", "dbt", "quarantaine", "papieren", "herberekend", "herijking",
        "herberekening.werk", ".terugzetten.deel", "lost+found", "warehouse.duckdb.tmp",
    ):  # fmt: skip
        (map_.data / naam).mkdir()
        (map_.data / naam / "rij.txt").write_text("iemand", encoding="utf-8")
    for naam in ("warehouse.duckdb", "warehouse.duckdb.wal", "warehouse.deel", "poort_in.json"):
        (map_.data / naam).write_text("iemand", encoding="utf-8")
    return instellingen


@pytest.fixture
def gevuld(tmp_path: Path) -> Instellingen:
    return fill(Instellingen(data=tmp_path / "data"))


def test_everything_is_back_in_another_folder(gevuld: Instellingen, tmp_path: Path) -> None:
    kluis = tmp_path / "kluis" / "sleutels.bin"
    voor = read_stand(gevuld)
    make_kopie(gevuld, tmp_path / "kopie", sleutels=kluis, wachtwoord=WACHTWOORD)
    elders = Instellingen(data=tmp_path / "elders")
    restore_kopie(elders, tmp_path / "kopie", sleutels=kluis, wachtwoord=WACHTWOORD)
    assert read_stand(elders) == voor
    for map_ in (elders.data, elders.data / "sleutels"):
        assert stat.S_IMODE(map_.stat().st_mode) == 0o700
    for pad in (elders.data / "sleutels").iterdir():
        assert stat.S_IMODE(pad.stat().st_mode) == 0o600


def test_copy_holds_no_key_no_delivery_and_nothing_that_a_run_makes_again(
    gevuld: Instellingen, tmp_path: Path
) -> None:
    kluis = tmp_path / "sleutels.tar"
    make_kopie(gevuld, tmp_path / "kopie", sleutels=kluis)
    assert {pad.name for pad in (tmp_path / "kopie" / "data").iterdir()} == {
        "releases", "besluiten.sqlite", "toegang.sqlite", "signalen.sqlite", "leeslog",
    }  # fmt: skip
    alles = b"".join(p.read_bytes() for p in (tmp_path / "kopie").rglob("*") if p.is_file())
    geheimen = [
        pad.read_bytes().strip()
        for pad in (gevuld.data / "sleutels").iterdir()
        if pad.suffix != ".anker"
    ]
    assert geheimen
    assert [geheim for geheim in geheimen if geheim in alles] == []
    assert all(geheim in kluis.read_bytes() for geheim in geheimen)
    assert stat.S_IMODE(kluis.stat().st_mode) == 0o600


def test_keys_are_locked_with_the_password(gevuld: Instellingen, tmp_path: Path) -> None:
    kluis = tmp_path / "sleutels.bin"
    make_kopie(gevuld, tmp_path / "kopie", sleutels=kluis, wachtwoord=WACHTWOORD)
    for pad in (gevuld.data / "sleutels").iterdir():
        assert pad.read_bytes().strip() not in kluis.read_bytes()
    elders = Instellingen(data=tmp_path / "elders")
    for fout in (None, "anders"):
        with pytest.raises(GebruikFout, match="wachtwoord opent"):
            restore_kopie(elders, tmp_path / "kopie", sleutels=kluis, wachtwoord=fout)
    assert not elders.data.exists()


def test_decision_that_is_still_in_the_log_beside_its_store_is_in_the_copy(
    gevuld: Instellingen, tmp_path: Path
) -> None:
    """SQLite keeps what was just written beside the file; a copy of the file alone lacks it."""
    with closing(sqlite3.connect(gevuld.data / "besluiten.sqlite")) as open_:
        open_.execute("pragma wal_autocheckpoint = 0")
        open_.execute("create table proef (nr integer)")
        open_.execute("insert into proef values (7)")
        open_.commit()
        assert (gevuld.data / "besluiten.sqlite-wal").stat().st_size > 0
        make_kopie(gevuld, tmp_path / "kopie")
    kopie = tmp_path / "kopie" / "data" / "besluiten.sqlite"
    with closing(sqlite3.connect(kopie)) as gekopieerd:
        assert gekopieerd.execute("select nr from proef").fetchall() == [(7,)]
    assert not kopie.with_name("besluiten.sqlite-wal").exists()


def damage_byte(kopie: Path) -> None:
    pad = kopie / "data" / "besluiten.sqlite"
    inhoud = bytearray(pad.read_bytes())
    inhoud[-1] ^= 1
    pad.write_bytes(inhoud)


def remove_file(kopie: Path) -> None:
    (kopie / "data" / "toegang.sqlite").unlink()


def add_file(kopie: Path) -> None:
    (kopie / "data" / "vreemd.txt").write_text("x", encoding="utf-8")


@pytest.mark.parametrize("beschadig", [damage_byte, remove_file, add_file])
def test_copy_that_is_not_whole_is_not_put_back(
    beschadig: Callable[[Path], None], gevuld: Instellingen, tmp_path: Path
) -> None:
    make_kopie(gevuld, tmp_path / "kopie")
    assert check_kopie(tmp_path / "kopie").gemaakt_op
    beschadig(tmp_path / "kopie")
    elders = Instellingen(data=tmp_path / "elders")
    with pytest.raises(KopieFout, match="niet gaaf; 1 bestanden"):
        restore_kopie(elders, tmp_path / "kopie")
    assert not elders.data.exists()


def test_nothing_is_written_over(gevuld: Instellingen, tmp_path: Path) -> None:
    make_kopie(gevuld, tmp_path / "kopie")
    with pytest.raises(GebruikFout, match="niet leeg"):
        make_kopie(gevuld, tmp_path / "kopie")
    voor = read_stand(gevuld)
    with pytest.raises(GebruikFout, match="niet leeg"):
        restore_kopie(gevuld, tmp_path / "kopie")
    assert read_stand(gevuld) == voor


def test_keys_of_another_copy_are_refused(gevuld: Instellingen, tmp_path: Path) -> None:
    make_kopie(gevuld, tmp_path / "een", sleutels=tmp_path / "een.bin", wachtwoord=WACHTWOORD)
    make_kopie(gevuld, tmp_path / "twee", sleutels=tmp_path / "twee.bin", wachtwoord=WACHTWOORD)
    with pytest.raises(KopieFout, match="horen niet bij"):
        restore_kopie(
            Instellingen(data=tmp_path / "elders"),
            tmp_path / "een",
            sleutels=tmp_path / "twee.bin",
            wachtwoord=WACHTWOORD,
        )


@pytest.mark.parametrize(
    ("pad", "sleutels"),
    [
        ("data/kopie", None),
        ("kopie", "kopie/sleutels.bin"),
        ("kopie", "data/sleutels.bin"),
    ],
    ids=["copy in the data folder", "keys in the copy", "keys in the data folder"],
)
def test_copy_in_what_it_copies_is_refused(
    pad: str, sleutels: str | None, gevuld: Instellingen, tmp_path: Path
) -> None:
    with pytest.raises(GebruikFout):
        make_kopie(gevuld, tmp_path / pad, sleutels=tmp_path / sleutels if sleutels else None)
    assert not (tmp_path / "kopie").exists()


def test_copy_waits_for_no_run_and_half_a_copy_never_stands_under_its_name(
    gevuld: Instellingen, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with hold_slot(Werkmap.of(gevuld.data).slot), pytest.raises(RunBezig):
        make_kopie(gevuld, tmp_path / "kopie")

    def fail(*_: object) -> dict[str, str]:
        raise KopieFout("De database is weg.")

    monkeypatch.setattr("orchestration.reservekopie._dump_databases", fail)
    with pytest.raises(KopieFout):
        make_kopie(gevuld, tmp_path / "kopie", sleutels=tmp_path / "sleutels.bin")
    assert [pad.name for pad in tmp_path.iterdir()] == ["data"]


def test_copy_whose_keys_cannot_get_their_name_is_none_either(
    gevuld: Instellingen, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    echt = Path.rename

    def rename(pad: Path, naar: Path) -> Path:
        if naar.name == "sleutels.bin":
            raise PermissionError(13, "Permission denied", str(naar))
        return echt(pad, naar)

    monkeypatch.setattr(Path, "rename", rename)
    with pytest.raises(KopieFout, match="Permission denied"):
        make_kopie(gevuld, tmp_path / "kopie", sleutels=tmp_path / "sleutels.bin")
    assert [pad.name for pad in tmp_path.iterdir()] == ["data"]


def test_key_that_is_a_link_goes_in_with_its_content(gevuld: Instellingen, tmp_path: Path) -> None:
    sleutels = Werkmap.of(gevuld.data).sleutels
    geheim = tmp_path / "geheim.sleutel"
    geheim.write_bytes(b"van de machine")
    (sleutels / "proef.sleutel").symlink_to(geheim)
    make_kopie(gevuld, tmp_path / "kopie", sleutels=tmp_path / "kluis")
    elders = Instellingen(data=tmp_path / "elders")
    restore_kopie(elders, tmp_path / "kopie", sleutels=tmp_path / "kluis")
    terug = elders.data / "sleutels" / "proef.sleutel"
    assert not terug.is_symlink()
    assert terug.read_bytes() == b"van de machine"


def test_copy_is_put_back_in_a_mount_whose_parent_nobody_may_write(
    gevuld: Instellingen, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    voor = read_stand(gevuld)
    make_kopie(gevuld, tmp_path / "kopie", sleutels=tmp_path / "kluis")
    elders = Instellingen(data=tmp_path / "schijf" / "data")
    (elders.data / "lost+found").mkdir(parents=True)
    (elders.data / ".terugzetten.deel").mkdir()
    inode = elders.data.stat().st_ino
    echt = Path.rmdir

    def keep(pad: Path) -> None:
        if pad == elders.data:
            raise OSError(16, "Device or resource busy", str(pad))
        echt(pad)

    monkeypatch.setattr(Path, "rmdir", keep)
    restore_kopie(elders, tmp_path / "kopie", sleutels=tmp_path / "kluis")
    assert read_stand(elders) == voor
    assert elders.data.stat().st_ino == inode
    assert [pad.name for pad in elders.data.parent.iterdir()] == ["data"]
    assert not (elders.data / ".terugzetten.deel").exists()


def test_data_folder_is_as_it_was_when_a_database_is_not_put_back(
    gevuld: Instellingen, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_kopie(gevuld, tmp_path / "kopie")
    gezien = []

    def fail(instellingen: Instellingen, *_: object) -> None:
        gezien.append((instellingen.data / "releases").is_dir())
        raise KopieFout("De database is weg.")

    monkeypatch.setattr("orchestration.reservekopie._restore_databases", fail)
    (tmp_path / "leeg" / "lost+found").mkdir(parents=True)
    for naam in ("leeg", "nieuw"):
        with pytest.raises(KopieFout):
            restore_kopie(Instellingen(data=tmp_path / naam), tmp_path / "kopie")
    assert gezien == [True, True], "files first: these are taken away again, a database is not"
    assert [pad.name for pad in (tmp_path / "leeg").iterdir()] == ["lost+found"]
    assert not (tmp_path / "nieuw").exists()


def test_disk_that_refuses_is_told_with_what_to_do(gevuld: Instellingen, tmp_path: Path) -> None:
    make_kopie(gevuld, tmp_path / "kopie")
    (tmp_path / "bestand").touch()
    with pytest.raises(KopieFout, match="Terugzetten lukt niet") as fout:
        restore_kopie(Instellingen(data=tmp_path / "bestand" / "data"), tmp_path / "kopie")
    assert "df -h" in fout.value.remedie


def test_copy_at_night_waits_for_a_run_and_tells_when_it_fails(
    gevuld: Instellingen, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gewacht, gemeld = [], []

    @contextmanager
    def wait(pad: Path, wacht: float = 0) -> Iterator[None]:
        gewacht.append(wacht)
        raise RunBezig("Er loopt al een run.")
        yield

    def send(melder: Melder, melding: Melding) -> tuple[str, ...]:
        gemeld.append((melding.job, melding.gevonden))
        return ()

    monkeypatch.setattr("orchestration.reservekopie.hold_slot", wait)
    monkeypatch.setattr(Melder, "send", send)
    uit = CliRunner().invoke(
        reservekopie_app,
        ["maak", str(tmp_path / "kopie"), "--wacht", "3600", "--data", str(gevuld.data)],
    )
    assert isinstance(uit.exception, RunBezig)
    assert gewacht == [3600]
    assert gemeld == [("reservekopie", "Er loopt al een run.")]


@pytest.mark.parametrize(
    "adres",
    [
        "postgresql://ik:geheim@machine/besluiten",
        "postgresql://ik@machine/besluiten?password=geheim",
        "postgresql://ik@/besluiten?host=/run/postgresql&password=geheim",
    ],
)
def test_password_of_a_database_is_on_no_command_line(
    adres: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    gezien = []

    def run(opdracht: list[str], **verder: Any) -> subprocess.CompletedProcess[str]:
        gezien.append((opdracht, verder["env"]["PGPASSWORD"]))
        return subprocess.CompletedProcess(opdracht, 1, "", "fout: machine is er niet\n")

    monkeypatch.setattr("shutil.which", lambda naam: naam)
    monkeypatch.setattr("subprocess.run", run)
    with pytest.raises(KopieFout) as fout:
        _call(["pg_dump"], make_url(adres), "besluiten_url")
    ((opdracht, wachtwoord),) = gezien
    assert wachtwoord == "geheim"
    assert "geheim" not in " ".join(opdracht)
    waar = "…" if "@machine" in adres else "machine"
    assert fout.value.gevonden == f"pg_dump lukt niet voor besluiten_url: fout: {waar} is er niet"


def test_copy_of_a_newer_version_is_refused(gevuld: Instellingen, tmp_path: Path) -> None:
    make_kopie(gevuld, tmp_path / "kopie")
    pad = tmp_path / "kopie" / INHOUD
    inhoud = json.loads(pad.read_text(encoding="utf-8"))
    pad.write_text(json.dumps({**inhoud, "formaat": 99}), encoding="utf-8")
    with pytest.raises(GebruikFout, match="nieuwere versie"):
        check_kopie(tmp_path / "kopie")


def test_every_setting_that_names_a_database_is_copied() -> None:
    from dataclasses import fields

    gezet = {veld.name for veld in fields(Instellingen) if veld.name.endswith("_url")}
    assert gezet - {"basis_url"} == set(DATABASES)


def test_stores_in_postgresql_come_back_in_empty_databases_alone(
    postgres: str, tmp_path: Path
) -> None:
    def name_databases(instellingen: Instellingen) -> Instellingen:
        namen = ("besluiten_url", "toegang_url", "signalen_url")
        return replace(instellingen, **{naam: make_database(postgres, naam[:-4]) for naam in namen})

    gevuld = fill(name_databases(Instellingen(data=tmp_path / "data")))
    voor = read_stand(gevuld)
    make_kopie(gevuld, tmp_path / "kopie", sleutels=tmp_path / "sleutels")
    with pytest.raises(GebruikFout, match="BUURTPEIL_BESLUITEN_URL is niet gezet"):
        restore_kopie(Instellingen(data=tmp_path / "elders"), tmp_path / "kopie")
    with pytest.raises(GebruikFout, match="niet leeg; er is niets overschreven"):
        restore_kopie(replace(gevuld, data=tmp_path / "elders"), tmp_path / "kopie")
    assert not (tmp_path / "elders").exists()
    elders = name_databases(Instellingen(data=tmp_path / "elders"))
    restore_kopie(elders, tmp_path / "kopie", sleutels=tmp_path / "sleutels")
    assert read_stand(elders) == voor
