from __future__ import annotations

import io

import pytest

from orchestration.voortgang import RegelVoortgang


def test_log_gets_one_plain_line_per_step_with_its_time() -> None:
    uit = io.StringIO()
    voortgang = RegelVoortgang(uit)
    with voortgang.stap("inlezen", "vera"):
        voortgang.meld(1, 2)
    with voortgang.stap("inlezen", "geo"):
        pass
    assert [regel.split(":")[0] for regel in uit.getvalue().splitlines()] == [
        "inlezen (vera)",
        "inlezen (geo)",
    ]
    assert list(voortgang.seconden) == ["inlezen"]


def test_error_that_ends_a_step_is_kept_for_the_exit_code() -> None:
    voortgang = RegelVoortgang(io.StringIO())
    with pytest.raises(ValueError, match="stuk"), voortgang.stap("bouwen"):
        raise ValueError("stuk")
    assert isinstance(voortgang.fout, ValueError)


@pytest.mark.parametrize(
    ("daarna", "is_weg"),
    [(("lezen", "vera"), True), (("lezen", "geo"), False), (("bouwen", ""), False)],
    ids=["second try", "other part", "other step"],
)
def test_error_is_forgotten_when_that_step_ends_well_after_all(
    daarna: tuple[str, str], is_weg: bool
) -> None:
    voortgang = RegelVoortgang(io.StringIO())
    with pytest.raises(OSError, match="weg"), voortgang.stap("lezen", "vera"):
        raise OSError("weg")
    with voortgang.stap(*daarna):
        pass
    assert (voortgang.fout is None) is is_weg
