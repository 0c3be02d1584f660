"""An error says what is wrong and what to do, in Dutch, and repeats no value."""

from __future__ import annotations

import json

import pytest

from serving.api.probleem import describe_validation, make_problem


@pytest.mark.parametrize(
    ("status", "titel"), [(400, "Ongeldige aanvraag"), (503, "Tijdelijk niet beschikbaar"),
                          (418, "I'm a Teapot")]
)  # fmt: skip
def test_problem_always_has_status_title_and_detail(status: int, titel: str) -> None:
    inhoud = json.loads(bytes(make_problem(status).body))

    assert inhoud == {"status": status, "title": titel, "detail": inhoud["detail"]}
    assert inhoud["detail"]


def test_finding_of_an_unknown_kind_is_still_told() -> None:
    [fout] = describe_validation([{"type": "iets_nieuws", "loc": ("query", "a", 3), "input": "x"}])

    assert fout == {"plaats": "query", "naam": "a", "melding": "is geen geldige waarde"}


def test_finding_without_a_place_is_about_the_request() -> None:
    [fout] = describe_validation([{"type": "missing", "loc": ()}])

    assert fout == {"plaats": "aanvraag", "naam": "", "melding": "is verplicht"}


def test_limit_that_is_not_told_is_named_instead() -> None:
    [fout] = describe_validation([{"type": "less_than_equal", "loc": ("query", "a")}])

    assert fout["melding"] == "is te groot; het maximum is le"
