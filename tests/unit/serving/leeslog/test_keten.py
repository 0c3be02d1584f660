"""The read log: what a check sees, what a crash leaves, what the term takes away."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from serving.leeslog.keten import ANKER, Keten, LeeslogFout
from serving.leeslog.regel import Lezing
from vera.toegang import Lezer, find_rollen

LEZER = Lezer("Anna", find_rollen(["lezer"]), "ons")


def make_lezing(dag: date, object_id: str = "C001") -> Lezing:
    tijd = datetime(dag.year, dag.month, dag.day, 12, tzinfo=UTC).timestamp()
    return Lezing(tijd, LEZER, "complex", "/v1/complexen/{complexId}", object_id, "complex", "r1")


class Wereld:
    """A log, and the day on which it is written."""

    def __init__(self, pad: Path) -> None:
        self.vandaag = date(2026, 11, 24)
        self.map, self.sleutels = pad / "leeslog", pad / "sleutels"
        self.keten = self.open()

    def open(self) -> Keten:
        """The log as another process would open it."""
        return Keten(self.map, self.sleutels, nu=self.now)

    def now(self) -> datetime:
        return datetime(self.vandaag.year, self.vandaag.month, self.vandaag.day, 13, tzinfo=UTC)

    def write(self, *ids: str, dag: date | None = None) -> None:
        self.vandaag = dag or self.vandaag
        self.keten.add([make_lezing(self.vandaag, id_) for id_ in ids])

    @property
    def bestand(self) -> Path:
        return self.keten.list_bestanden()[-1]

    def list_ids(self) -> list[str]:
        return [r["object"] for r in self.open().read() if r["daad"] == "lezen"]


@pytest.fixture
def wereld(tmp_path: Path) -> Wereld:
    gemaakt = Wereld(tmp_path)
    gemaakt.write("C001", "C002")
    gemaakt.write("C003", "C004")
    return gemaakt


def test_line_says_who_read_what_when_and_what_for(wereld: Wereld) -> None:
    regel = next(iter(wereld.keten.read()))

    assert regel["nr"] == 1
    assert regel["tijd"] == "2026-11-24T12:00:00.000Z"
    assert (regel["wie"], regel["organisatie"], regel["rol"]) == ("Anna", "ons", "lezer")
    assert regel["doel"] == "Zien waar de beheeropgave groot is"
    assert (regel["daad"], regel["wat"]) == ("lezen", "/v1/complexen/{complexId}")
    assert (regel["object"], regel["niveau"], regel["release"]) == ("C001", "complex", "r1")


def test_whole_chain_has_no_problems_and_counts_its_lines(wereld: Wereld) -> None:
    keuring = wereld.open().check()

    assert keuring.problemen == ()
    assert keuring.aantal == keuring.kop.nummer == 4
    assert wereld.list_ids() == ["C001", "C002", "C003", "C004"]


def _change(regels: list[bytes]) -> list[bytes]:
    return [regels[0], regels[1].replace(b"C002", b"C009"), *regels[2:]]


def _change_last(regels: list[bytes]) -> list[bytes]:
    return [*regels[:-1], regels[-1].replace(b"C004", b"C009")]


def _renumber(regels: list[bytes]) -> list[bytes]:
    """Leave the second out and close the numbers, as somebody who knows the form would."""
    anders = [json.loads(regel) for regel in (regels[0], *regels[2:])]
    for nummer, regel in enumerate(anders, 1):
        regel["nr"] = nummer
    return [json.dumps(r, separators=(",", ":")).encode() + b"\n" for r in anders]


@pytest.mark.parametrize(
    "ingreep",
    [
        lambda regels: regels[1:],
        lambda regels: [regels[0], *regels[2:]],
        lambda regels: regels[:-1],
        lambda regels: regels[:-2],
        lambda regels: [],
        lambda regels: [regels[1], regels[0], *regels[2:]],
        lambda regels: [*regels[:2], regels[1], *regels[2:]],
        lambda regels: [*regels[:2], b"geen json\n", *regels[2:]],
        _change,
        _change_last,
        _renumber,
    ],
    ids=["eerste weg", "een weg", "laatste weg", "twee laatste weg", "alles weg", "verwisseld",
         "dubbel", "onleesbaar", "veranderd", "laatste veranderd", "weg en doorgenummerd"],
)  # fmt: skip
def test_line_that_is_gone_changed_or_moved_shows_and_keeps_showing(
    wereld: Wereld, ingreep: Callable[[list[bytes]], list[bytes]]
) -> None:
    regels = wereld.bestand.read_bytes().splitlines(keepends=True)
    wereld.bestand.write_bytes(b"".join(ingreep(regels)))

    assert wereld.open().check().problemen
    wereld.keten.add([make_lezing(wereld.vandaag, "C005")])
    wereld.open().add([make_lezing(wereld.vandaag, "C006")])
    assert wereld.open().check().problemen, "writing on must not hide it"


def test_whole_file_or_anchor_that_is_gone_shows(wereld: Wereld) -> None:
    anker = wereld.sleutels / ANKER
    bewaard = anker.read_bytes()
    anker.unlink()
    assert wereld.open().check().problemen == ("het anker ontbreekt",)
    anker.write_bytes(bewaard.replace(b'"nr":4', b'"nr":2'))
    assert "het anker is niet van Buurtpeil" in wereld.open().check().problemen
    anker.write_bytes(bewaard)
    wereld.bestand.unlink()
    assert wereld.open().check().problemen
    wereld.open().add([make_lezing(wereld.vandaag)])
    assert wereld.open().check().problemen, "a new log in the place of the old one shows"


def test_line_cut_off_by_a_crash_is_mended_and_told(wereld: Wereld) -> None:
    with wereld.bestand.open("ab") as bestand:
        bestand.write(b'{"nr":5,"tijd":"2026-')

    assert wereld.open().check().problemen == (), "nobody did this"
    wereld.open().add([make_lezing(wereld.vandaag, "C005")])

    assert wereld.open().check().problemen == ()
    assert wereld.list_ids() == ["C001", "C002", "C003", "C004", "C005"]
    assert [r["aantal"] for r in wereld.open().read() if r["daad"] == "hersteld"] == [21]


def test_end_cut_off_in_the_middle_of_a_line_shows_and_is_no_crash(wereld: Wereld) -> None:
    inhoud = wereld.bestand.read_bytes()
    derde = inhoud.index(b'{"nr":3')
    wereld.bestand.write_bytes(inhoud[: derde + 20])

    assert wereld.open().check().problemen
    wereld.open().add([make_lezing(wereld.vandaag, "C005")])

    assert wereld.open().check().problemen, "the anchor knew of lines 3 and 4"


@pytest.mark.parametrize("los", [b"", b'{"nr":5,"tij'])
def test_crash_before_the_first_line_of_a_month_shuts_nothing(wereld: Wereld, los: bytes) -> None:
    (wereld.map / "leeslog-2026-12.jsonl").write_bytes(los)

    wereld.vandaag = date(2026, 12, 1)
    wereld.open().add([make_lezing(wereld.vandaag, "C005")])
    wereld.open().add([make_lezing(wereld.vandaag, "C006")])

    assert wereld.open().check().problemen == ()
    assert wereld.list_ids() == ["C001", "C002", "C003", "C004", "C005", "C006"]


def test_crash_before_the_first_line_of_all_shuts_nothing(tmp_path: Path) -> None:
    wereld = Wereld(tmp_path)
    wereld.map.mkdir()
    (wereld.map / "leeslog-2026-11.jsonl").write_bytes(b'{"nr":1')

    wereld.write("C001")

    assert wereld.open().check().problemen == ()
    assert wereld.list_ids() == ["C001"]


def test_lines_of_several_processes_make_one_chain(wereld: Wereld) -> None:
    code = """
import sys
from pathlib import Path
from serving.leeslog.keten import Keten
from serving.leeslog.regel import Lezing
from vera.toegang import Lezer, find_rollen
keten = Keten(Path(sys.argv[1]), Path(sys.argv[2]))
lezer = Lezer(sys.argv[3], find_rollen(["lezer"]))
for nummer in range(40):
    keten.add([Lezing(0.0, lezer, "complex", "x", str(nummer))])
"""
    processen = [
        subprocess.Popen([sys.executable, "-c", code, str(wereld.map), str(wereld.sleutels), naam])
        for naam in ("een", "twee")
    ]
    assert [proces.wait(timeout=60) for proces in processen] == [0, 0]

    keuring = wereld.open().check()
    assert keuring.problemen == ()
    assert keuring.aantal == 84
    wereld.keten.add([make_lezing(wereld.vandaag)])
    assert wereld.open().check().problemen == (), "who wrote before them goes on after them"


def test_what_is_past_its_term_goes_and_the_rest_still_holds(wereld: Wereld) -> None:
    for maand in (1, 6, 12):
        wereld.write(f"J{maand}", dag=date(2027, maand, 10))
    wereld.write("LATER", dag=date(2028, 12, 9))
    voor = wereld.list_ids()

    proef = wereld.open().purge(date(2029, 6, 20), dry_run=True)
    assert wereld.list_ids() == voor
    weg = wereld.open().purge(date(2029, 6, 20))

    assert [v.aantal for v in weg] == [4, 1, 1]
    assert proef == weg
    assert {v.plek for v in weg} == {"leeslog"}
    assert wereld.list_ids() == ["J12", "LATER"]
    keuring = wereld.open().check()
    assert keuring.problemen == ()
    assert keuring.verwijderd == 6
    (opschoning,) = [r for r in wereld.open().read() if r["daad"] == "opschonen"]
    assert (opschoning["aantal"], opschoning["totEnMet"]) == (6, 6)
    assert wereld.open().purge(date(2029, 6, 20)) == ()


def test_part_of_a_month_goes_to_the_day(wereld: Wereld) -> None:
    wereld.write("C005", dag=date(2026, 11, 25))

    wereld.vandaag = date(2028, 11, 25)
    weg = wereld.open().purge(date(2028, 11, 25))

    assert [v.aantal for v in weg] == [4]
    assert wereld.list_ids() == ["C005"]
    assert wereld.open().check().problemen == ()
    assert wereld.open().purge(date(2028, 11, 26))[0].aantal == 1
    assert wereld.list_ids() == []
    wereld.write("C006", dag=date(2028, 11, 26))
    keuring = wereld.open().check()
    assert keuring.problemen == ()
    assert wereld.list_ids() == ["C006"]


def test_beginning_taken_away_by_hand_shows_also_with_a_made_up_sign(wereld: Wereld) -> None:
    regels = wereld.bestand.read_bytes().splitlines(keepends=True)
    derde = json.loads(regels[2])
    nagemaakt = {"soort": "ijkpunt", "nr": 2, "hash": derde["vorige"], "zegel": "ab" * 32}
    wereld.bestand.write_bytes(json.dumps(nagemaakt).encode() + b"\n" + b"".join(regels[2:]))

    (probleem,) = wereld.open().check().problemen
    assert "niet van Buurtpeil" in probleem


def _purge_with_a_line_left(wereld: Wereld) -> bytes:
    """Take the first two lines away by their term; return the sign that stands for them."""
    wereld.write("J1", "J2", dag=date(2027, 1, 10))
    wereld.vandaag = date(2028, 12, 1)
    wereld.open().purge(wereld.vandaag)
    wereld.write("D1", "D2")
    return wereld.keten.list_bestanden()[0].read_bytes().splitlines(keepends=True)[0]


def test_sign_of_an_earlier_purge_put_at_the_end_hides_nothing(wereld: Wereld) -> None:
    ijkpunt = _purge_with_a_line_left(wereld)
    inhoud = wereld.bestand.read_bytes()
    wereld.bestand.write_bytes(inhoud.replace(b'"D1"', b'"D9"') + ijkpunt)

    assert wereld.open().check().problemen
    wereld.open().add([make_lezing(wereld.vandaag, "D3")])
    assert wereld.open().check().problemen, "writing on must not hide it"


def test_sign_of_an_earlier_purge_in_a_file_of_its_own_hides_nothing(wereld: Wereld) -> None:
    ijkpunt = _purge_with_a_line_left(wereld)
    (wereld.map / "leeslog-2099-01.jsonl").write_bytes(ijkpunt)

    assert wereld.open().check().problemen
    wereld.open().add([make_lezing(wereld.vandaag, "D3")])
    assert wereld.open().check().problemen, "writing on must not hide it"


def test_lines_made_up_before_the_sign_of_a_purge_are_no_reads(wereld: Wereld) -> None:
    _purge_with_a_line_left(wereld)
    eerste = wereld.keten.list_bestanden()[0]
    verzonnen = eerste.read_bytes().splitlines(keepends=True)[-1].replace(b"J2", b"VALS")
    (wereld.map / "leeslog-2020-01.jsonl").write_bytes(verzonnen)
    assert "VALS" not in wereld.list_ids()
    (wereld.map / "leeslog-2020-01.jsonl").unlink()

    eerste.write_bytes(verzonnen + eerste.read_bytes())

    assert wereld.open().check().problemen


def test_purge_every_night_takes_every_month_in_its_turn(wereld: Wereld) -> None:
    for maand in range(1, 7):
        wereld.write(f"J{maand}", dag=date(2027, maand, 10))

    for maand in range(1, 7):
        wereld.vandaag = date(2029, maand, 1)
        wereld.open().purge(wereld.vandaag)
        assert wereld.list_ids() == [f"J{rest}" for rest in range(maand, 7)]
        assert wereld.open().check().problemen == ()


def test_purge_leaves_no_copy_of_what_a_stopped_one_was_writing(wereld: Wereld) -> None:
    wereld.write("J1", dag=date(2027, 1, 10))
    (wereld.map / ".leeslog-2026-11.jsonl.abcd1234").write_bytes(wereld.bestand.read_bytes())

    wereld.open().purge(date(2028, 12, 1))

    assert sorted(pad.name for pad in wereld.map.iterdir() if pad.name.startswith(".")) == [".slot"]


def test_purge_stopped_halfway_is_no_problem_and_is_finished_the_next_time(
    wereld: Wereld,
) -> None:
    for maand in (1, 6):
        wereld.write(f"J{maand}", dag=date(2027, maand, 10))
    oud = [(pad, pad.read_bytes()) for pad in wereld.keten.list_bestanden()[:2]]
    wereld.open().purge(date(2029, 5, 1))
    for pad, inhoud in oud[:1]:
        pad.write_bytes(inhoud)

    assert wereld.open().check().problemen == ()
    wereld.open().purge(date(2029, 5, 1))
    assert wereld.list_ids() == ["J6"]
    assert wereld.open().check().problemen == ()


def test_nothing_is_taken_from_a_chain_that_does_not_hold(wereld: Wereld) -> None:
    regels = wereld.bestand.read_bytes().splitlines(keepends=True)
    wereld.bestand.write_bytes(b"".join([regels[0], *regels[2:]]))

    with pytest.raises(LeeslogFout, match="klopt niet"):
        wereld.open().purge(date(2029, 1, 1))

    assert len(wereld.list_ids()) == 3


def test_reading_from_a_day_passes_over_what_is_before(wereld: Wereld) -> None:
    wereld.write("C005", dag=date(2026, 12, 2))

    assert [r["object"] for r in wereld.keten.read(date(2026, 12, 1))] == ["C005"]
    assert len(list(wereld.keten.read(date(2026, 11, 24)))) == 5


def test_log_is_for_its_owner_alone(wereld: Wereld) -> None:
    assert wereld.bestand.stat().st_mode & 0o077 == 0
    assert wereld.map.stat().st_mode & 0o077 == 0


def test_log_that_was_never_written_is_whole(tmp_path: Path) -> None:
    keten = Keten(tmp_path / "leeslog", tmp_path / "sleutels")

    assert keten.check().problemen == ()
    assert list(keten.read()) == []
    assert keten.purge(date(2030, 1, 1)) == ()
    assert list(tmp_path.iterdir()) == []
