"""The trend: a step at every peildatum, a gap where the label is unknown."""

from __future__ import annotations

from typing import Any

from serving.pagina.trend import build_trend


def make_labels(
    *waarden: int | None, achteraf: int = 0, referentie: int = 0
) -> list[dict[str, Any]]:
    """Labels at successive quarters."""
    return [
        {
            "peildatum": f"{2024 + nummer // 4}-{nummer % 4 * 3 + 1:02d}-01",
            "waarde": waarde,
            "isAchterafBerekend": nummer < achteraf,
            "isReferentieperiode": nummer < referentie,
        }
        for nummer, waarde in enumerate(waarden)
    ]


def test_one_label_has_no_trend_and_neither_has_none() -> None:
    assert build_trend([]) is None
    assert build_trend(make_labels(3)) is None
    assert build_trend(make_labels(None, None, None)) is None


def test_higher_label_stands_higher_and_time_goes_right() -> None:
    trend = build_trend(make_labels(1, 3, 5))
    assert trend is not None
    assert [punt.label for punt in trend.punten] == [1, 3, 5]
    assert [punt.y for punt in trend.punten] == sorted((p.y for p in trend.punten), reverse=True)
    assert [punt.x for punt in trend.punten] == sorted(punt.x for punt in trend.punten)
    hoogten = dict(trend.niveaus)
    assert [punt.y for punt in trend.punten] == [hoogten[1], hoogten[3], hoogten[5]]


def test_unknown_label_is_a_gap_and_never_zero() -> None:
    trend = build_trend(make_labels(2, None, None, 4, 4))
    assert trend is not None
    assert [punt.label for punt in trend.punten] == [2, 4, 4]
    assert trend.pad.count("M") == 2
    assert len(trend.gaten) == 2
    assert "Op 2 peildata was het onbekend." in trend.tekst
    onder = max(y for _, y in trend.niveaus)
    assert all(punt.y <= onder for punt in trend.punten)


def test_everything_stays_inside_the_drawing() -> None:
    trend = build_trend(make_labels(*[1, 5] * 20))
    assert trend is not None
    for punt in trend.punten:
        assert trend.links <= punt.x <= trend.rechts
        assert trend.boven <= punt.y <= trend.onder
    assert len(trend.jaren) <= 6


def test_reference_period_and_later_computed_labels_are_marked() -> None:
    trend = build_trend(make_labels(3, 3, 3, 3, achteraf=3, referentie=2))
    assert trend is not None
    assert [punt.is_achteraf for punt in trend.punten] == [True, True, True, False]
    assert trend.referentie is not None
    begin, breedte = trend.referentie
    assert begin == trend.punten[0].x
    assert abs(begin + breedte - trend.punten[2].x) < 0.2


def test_trend_is_told_in_words_too() -> None:
    trend = build_trend(make_labels(2, 5, 4))
    assert trend is not None
    assert trend.tekst == (
        "Van 1 januari 2024 tot en met 1 juli 2024: het eerste label was 2, het laatste is 4; "
        "het laagste was 2, het hoogste 5."
    )
