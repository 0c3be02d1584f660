"""A batch of lines is written quickly, and is the same to the byte as line after line."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from serving.leeslog.keten import Keten
from serving.leeslog.regel import BEGIN, Lezing, hash_regel, write_lezingen, write_regel
from vera.toegang import Lezer, find_rollen

LEZERS = (
    Lezer("A. de Wit", find_rollen(["lezer"]), 'Stichting "Één"'),
    Lezer(None, find_rollen(["wijkbeheer", "gebiedsmanager"])),
    Lezer("koppeling", find_rollen(["sociaal_team"]), "x"),
)
LEZINGEN = st.builds(
    Lezing,
    tijd=st.floats(0, 4_000_000_000) | st.sampled_from([0.9999999, 1.0005, 1_790_000_000.9999997]),
    lezer=st.sampled_from(LEZERS),
    bereik=st.just("complex"),
    wat=st.sampled_from(["/v1/complexen/{complexId}", "/complexen/{beheerobject_id}"]),
    object_id=st.none() | st.text(max_size=12),
    niveau=st.sampled_from([None, "complex", "buurt"]),
    release_id=st.sampled_from([None, "0123456789ab"]),
    daad=st.sampled_from(["lezen", "schrijven"]),
)


@given(lezingen=st.lists(LEZINGEN, max_size=150))
def test_batch_has_the_bytes_that_each_line_by_itself_has(lezingen: list[Lezing]) -> None:
    nummer, vorige, apart = 41, BEGIN, []
    for lezing in lezingen:
        nummer += 1
        apart.append(write_regel(nummer, vorige, lezing.describe()))
        vorige = hash_regel(apart[-1])

    assert write_lezingen(41, BEGIN, lezingen) == (apart, vorige)


def test_chain_goes_on_after_another_process_with_lines_longer_than_what_is_read_at_once(
    tmp_path: Path,
) -> None:
    een, ander = (Keten(tmp_path / "leeslog", tmp_path / "sleutels") for _ in range(2))
    lang = Lezing(1.0, LEZERS[0], "complex", "/x", "é" * 20_000)
    kort = Lezing(2.0, LEZERS[1], "complex", "/x", "C1")

    for keten, regels in ((een, [lang]), (ander, [kort, lang]), (een, [kort]), (ander, [lang])):
        keten.add(regels)

    keuring = een.check()
    assert (keuring.aantal, keuring.problemen) == (5, ())
