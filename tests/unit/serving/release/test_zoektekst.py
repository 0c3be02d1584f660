"""Search does not mind accents, capitals or spacing."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from serving.release.zoektekst import normalize_zoektekst


def test_accents_capitals_and_spacing_do_not_matter() -> None:
    assert normalize_zoektekst("  Curaçao  STRAAT ") == normalize_zoektekst("curacao straat")


@given(st.text())
def test_folded_text_folds_to_itself(tekst: str) -> None:
    gevouwen = normalize_zoektekst(tekst)

    assert normalize_zoektekst(gevouwen) == gevouwen
