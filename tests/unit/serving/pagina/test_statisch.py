"""The style sheet: cached for ever under its own name, and readable for who sees less."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest
from starlette.testclient import TestClient

from serving.pagina.statisch import MAP, hash_pages, read_bestanden

STIJL = (MAP / "stijl.css").read_text(encoding="utf-8")


def find_colours(donker: bool) -> dict[str, str]:
    """Colours of the light or the dark set."""
    blokken = re.findall(r":root \{(.*?)\}", STIJL, re.DOTALL)
    kleuren: dict[str, str] = {}
    for blok in blokken[: 2 if donker else 1]:
        kleuren |= dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", blok))
    return kleuren


def luminance(kleur: str) -> float:
    """Relative luminance (WCAG 2.2)."""
    delen = [int(kleur[plaats : plaats + 2], 16) / 255 for plaats in (1, 3, 5)]
    r, g, b = (
        deel / 12.92 if deel <= 0.04045 else ((deel + 0.055) / 1.055) ** 2.4 for deel in delen
    )
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def contrast(een: str, ander: str) -> float:
    """Contrast ratio (WCAG 2.2, 1.4.3)."""
    licht, donker = sorted((luminance(een), luminance(ander)), reverse=True)
    return (licht + 0.05) / (donker + 0.05)


@pytest.mark.parametrize("donker", [False, True])
def test_text_is_readable_on_its_ground(donker: bool) -> None:
    kleuren = find_colours(donker)
    for tekst, grond in (
        ("inkt", "grond"),
        ("inkt", "vlak"),
        ("inkt-zacht", "grond"),
        ("inkt-zacht", "vlak"),
        ("accent", "grond"),
        ("accent", "vlak"),
        ("inkt", "accent-vlak"),
        ("op-accent", "accent"),
        ("let-op-inkt", "let-op"),
        *((f"t{label}", f"l{label}") for label in range(6)),
    ):
        assert contrast(kleuren[tekst], kleuren[grond]) >= 4.5, (tekst, grond)
    for rand in ("lijn-sterk", "accent"):
        assert contrast(kleuren[rand], kleuren["vlak"]) >= 3, rand


@pytest.mark.parametrize("donker", [False, True])
def test_labels_darken_step_by_step_so_that_order_shows_without_colour(donker: bool) -> None:
    kleuren = find_colours(donker)
    lichtheid = [luminance(kleuren[f"l{label}"]) for label in range(1, 6)]
    assert lichtheid == sorted(lichtheid, reverse=True)
    for licht, donkerder in pairwise(lichtheid):
        assert (licht + 0.05) / (donkerder + 0.05) >= 1.25


def test_style_sheet_fetches_nothing() -> None:
    assert "@import" not in STIJL
    assert "@font-face" not in STIJL
    assert re.findall(r"url\((?!#)", STIJL) == []


@pytest.mark.parametrize("naam", ["stijl.css", "merk.svg"])
def test_static_file_is_kept_for_ever_under_a_name_that_changes(
    naam: str, stad: TestClient
) -> None:
    bestand = read_bestanden()[naam]
    antwoord = stad.get(bestand.adres)
    assert antwoord.status_code == 200
    assert antwoord.content == (MAP / naam).read_bytes()
    assert antwoord.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert antwoord.headers["content-type"] == bestand.mediatype
    assert bestand.adres in stad.get("/").text
    assert stad.head(bestand.adres).content == b""


def test_static_files_are_small() -> None:
    assert sum(len(bestand.inhoud) for bestand in read_bestanden().values()) < 40_000


def test_hash_of_the_pages_is_stable() -> None:
    assert hash_pages() == hash_pages()
    assert re.fullmatch("[0-9a-f]{10}", hash_pages())
