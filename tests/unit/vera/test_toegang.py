"""The table of roles: what follows from it for who has them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vera.toegang import (
    BEREIKEN,
    NIEMAND,
    OPENBAAR,
    ROLLEN,
    THEMAS,
    Lezer,
    _rol,
    find_rollen,
)

verzamelingen = st.sets(st.sampled_from(sorted(ROLLEN)))


def test_every_scope_is_described_and_belongs_to_somebody() -> None:
    uitgedeeld = OPENBAAR.bereiken.union(*(rol.bereiken for rol in ROLLEN.values()))

    assert set(BEREIKEN) == uitgedeeld


@pytest.mark.parametrize("naam", ["politie", "ondernemer"])
def test_police_and_shopkeepers_have_no_financial_or_social_theme_and_no_risk(naam: str) -> None:
    lezer = Lezer("x", find_rollen([naam]))

    assert not lezer.themas & {"FIN", "SOC"}
    assert lezer.zicht.inzage == "labels"
    for bereik in ("complex", "indicator", "export", "overlast", "woonfraude", "signaal_telling"):
        assert not lezer.may(bereik)


def test_who_logs_out_sees_no_theme_that_a_partner_lacks() -> None:
    for rol in ROLLEN.values():
        if "gebied" in rol.bereiken:
            assert NIEMAND.themas <= rol.themas, rol.naam


@given(verzamelingen)
def test_one_more_role_never_takes_anything_away(namen: set[str]) -> None:
    minder, meer = Lezer("x", find_rollen(namen)), Lezer("x", find_rollen(namen | {"politie"}))

    assert minder.bereiken <= meer.bereiken
    assert minder.themas <= meer.themas
    assert not minder.ziet_alles or meer.ziet_alles


@given(verzamelingen)
def test_nobody_sees_scores_without_a_role_of_our_own_that_sees_complexes(namen: set[str]) -> None:
    lezer = Lezer("x", find_rollen(namen))
    eigen = [rol for rol in lezer.rollen if "complex" in rol.bereiken and not rol.is_partner]

    assert (lezer.zicht.inzage != "labels") is bool(eigen)
    assert not lezer.ziet_alles or lezer.themas == THEMAS


def test_a_partner_who_also_reports_signals_still_sees_labels_only() -> None:
    lezer = Lezer("x", find_rollen(["politie", "melder"]))

    assert lezer.is_partner
    assert lezer.zicht.inzage == "labels"


def test_purpose_is_that_of_the_role_that_gives_the_scope() -> None:
    lezer = Lezer("x", find_rollen(["politie", "lezer"]))

    assert lezer.find_rol("complex").naam == "lezer"
    assert lezer.find_rol("openbaar").naam in {"lezer", "politie"}
    with pytest.raises(KeyError):
        lezer.find_rol("woonfraude")


@pytest.mark.parametrize(
    ("bereiken", "opties"),
    [
        ("gebied complex", {"themas": ("TOT",)}),
        ("gebied complex", {"is_partner": True}),
        ("gebied complex", {"niveau": "buurt"}),
        ("gebied", {"niveau": "buurt"}),
        ("gebied complex export", {}),
        ("iets", {}),
    ],
)
def test_a_role_that_does_not_fit_the_ways_to_look_is_refused(
    bereiken: str, opties: dict[str, object]
) -> None:
    with pytest.raises(ValueError, match="role nieuw"):
        _rol("nieuw", "iets", bereiken, **opties)  # type: ignore[arg-type]
