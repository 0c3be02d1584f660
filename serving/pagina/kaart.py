"""The map as data for one drawing: areas, complexes as dots, and what each links to.

Labels come from the release's list; nothing is computed but places on paper.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from serving.pagina.vorm import (
    Kader,
    Plek,
    Ring,
    find_centre,
    fit_kader,
    read_ringen,
    simplify,
    snap_ringen,
    write_path,
)
from serving.release.schema import THEMAS
from serving.release.standen import read_stand
from serving.release.winkel import Uitgave

MAXIMUM_VLAKKEN: Final = 400
"""More areas than this make the page heavy and the drawing unreadable."""

MAXIMUM_STIPPEN: Final = 6_000
"""More complexes than this are drawn per wijk only: no eye sees them apart, and a page of them is
heavy (ADR 0040)."""

MAXIMUM_STIPPEN_MET_LINK: Final = 400
MAXIMUM_STIPPEN_MET_CIJFER: Final = 150
_TOLERANTIE: Final = 1.5
_LIGGEND: Final = 0.6
_RUIMTE_KLEIN_SCHERM: Final = 24.0
_RUIMTE_GROOT_SCHERM: Final = 13.0


@dataclass(frozen=True)
class Vlak:
    """One area on the map.

    Parameters
    ----------
    pad
        SVG path.
    label
        Label 1..5, or None when unknown.
    x, y
        Where its figure stands.
    cijfer
        ``groot`` when the figure fits on a phone as well, ``klein`` when only on a wide
        screen, empty when there is no room.
    is_hier
        Whether the page is about this area.
    """

    id: str
    naam: str
    pad: str
    label: int | None
    x: int
    y: int
    cijfer: str
    is_hier: bool = False


@dataclass(frozen=True)
class Stip:
    """One complex on the map, with a link of its own."""

    id: str
    naam: str
    label: int | None
    x: int
    y: int


@dataclass(frozen=True)
class Kaart:
    """A drawing with its areas and dots.

    Parameters
    ----------
    stippen
        Dots with a link; empty when there are too many of them for that.
    zwermen
        Path of all dots by label (0 = unknown), for when they have no link.
    toont_complexen
        Whether the dots carry the colours instead of the areas.
    aantal_complexen
        Number of complexes that have a place.
    kader
        Where on earth the drawing lies.
    """

    breedte: int
    hoogte: int
    kader: Kader
    vlakken: tuple[Vlak, ...]
    stippen: tuple[Stip, ...]
    zwermen: tuple[tuple[int, str], ...]
    toont_complexen: bool
    aantal_complexen: int

    @property
    def is_liggend(self) -> bool:
        """Whether the drawing is so wide that it wants the whole width of a page."""
        return self.hoogte < _LIGGEND * self.breedte

    @property
    def toont_cijfers(self) -> bool:
        """Whether dots are few enough to hold the figure of their label."""
        return 0 < len(self.stippen) <= MAXIMUM_STIPPEN_MET_CIJFER


@dataclass(frozen=True)
class _Gebied:
    """Outline of one area on one drawing."""

    id: str
    pad: str
    midden: Plek
    ruimte: float


def draw_kaart(
    uitgave: Uitgave, thema: str, *, toont_complexen: bool = False, peildatum: str | None = None
) -> Kaart | None:
    """Return the map of everything, or None when no place is known or there are too many.

    Parameters
    ----------
    uitgave
        Release to read.
    thema
        Theme whose labels give the colours; ``TOT`` is the total.
    toont_complexen
        Colour the complexes instead of the areas; not done where there are too many of them.
    peildatum
        Day of the labels; None = the current ones.
    """
    ondergrond = uitgave.remember("kaart_ondergrond", lambda: _draw_ground(uitgave))
    if ondergrond is None:
        return None
    kader, gebieden = ondergrond
    toont_complexen = toont_complexen and fits_complexen(uitgave)
    complexen = _find_complexen(uitgave, thema, "", (), peildatum) if toont_complexen else []
    return _compose(
        kader,
        gebieden,
        _find_labels(uitgave, thema, peildatum),
        complexen,
        toont_complexen=toont_complexen,
    )


def fits_complexen(uitgave: Uitgave) -> bool:
    """Tell whether all complexes go on one map."""
    return uitgave.remember(
        "kaart_past",
        lambda: bool(
            uitgave.query("select count(*) <= ? from lijst where niveau = 'complex'",
                          (MAXIMUM_STIPPEN,))[0][0]
        ),
    )  # fmt: skip


def draw_wijk(
    uitgave: Uitgave,
    wijk_id: str,
    thema: str = "TOT",
    *,
    toont_complexen: bool = False,
    peildatum: str | None = None,
) -> Kaart | None:
    """Return the map of one wijk with its buurten, or None when none has a shape.

    Parameters
    ----------
    uitgave, wijk_id
        Release and wijk.
    thema, toont_complexen, peildatum
        As :func:`draw_kaart` takes them.
    """
    vormen = _read_vormen(uitgave, "and l.wijk_id = ?", (wijk_id,))
    complexen = (
        _find_complexen(uitgave, thema, "and wijk_id = ?", (wijk_id,), peildatum)
        if toont_complexen
        else []
    )
    kader = fit_kader(_all_places(vormen) or [(rij["x"], rij["y"]) for rij in complexen])
    if kader is None or len(vormen) > MAXIMUM_VLAKKEN:
        return None
    return _compose(
        kader,
        _draw_areas(vormen, kader),
        _find_labels(uitgave, thema, peildatum),
        complexen,
        toont_complexen=toont_complexen,
    )


def draw_buurt(uitgave: Uitgave, buurt_id: str, wijk_id: str | None) -> Kaart | None:
    """Return the map of one buurt with its complexes as dots, among the buurten of its wijk."""
    complexen = _find_complexen(uitgave, "TOT", "and buurt_id = ?", (buurt_id,))
    vormen = _read_vormen(
        uitgave, "and (l.wijk_id = ? or v.beheerobject_id = ?)", (wijk_id, buurt_id)
    )
    eigen = {sleutel: ringen for sleutel, ringen in vormen.items() if sleutel == buurt_id}
    kader = fit_kader([*_all_places(eigen), *((rij["x"], rij["y"]) for rij in complexen)])
    if kader is None or len(vormen) > MAXIMUM_VLAKKEN:
        return None
    return _compose(
        kader,
        _draw_areas(vormen, kader),
        _find_labels(uitgave, "TOT"),
        complexen,
        toont_complexen=bool(complexen),
        hier=buurt_id,
    )


def _read_vormen(
    uitgave: Uitgave, waar: str, waarden: tuple[Any, ...]
) -> dict[str, list[list[Plek]]]:
    rijen = uitgave.query(
        "select v.beheerobject_id, v.geojson from vorm v join lijst l "  # noqa: S608 - fixed texts
        "on l.niveau = v.niveau and l.beheerobject_id = v.beheerobject_id "
        f"where v.niveau = 'buurt' {waar} order by v.beheerobject_id limit {MAXIMUM_VLAKKEN + 1}",
        waarden,
    )
    return {sleutel: read_ringen(geojson) for sleutel, geojson in rijen}


def _all_places(vormen: Mapping[str, Sequence[Sequence[Plek]]]) -> list[Plek]:
    return [plek for ringen in vormen.values() for ring in ringen for plek in ring]


def _draw_ground(uitgave: Uitgave) -> tuple[Kader, list[_Gebied]] | None:
    vormen = _read_vormen(uitgave, "", ())
    if len(vormen) > MAXIMUM_VLAKKEN:
        return None
    bewoond = {
        rij[0]
        for rij in uitgave.query(
            "select beheerobject_id from lijst where niveau = 'buurt' "
            "and (label_tot is not null or verhuureenheden_aantal > 0)"
        )
    }
    # Harbours and fields without a label would make the rest small; they may fall off the edge.
    binnen = {sleutel: ringen for sleutel, ringen in vormen.items() if sleutel in bewoond}
    plekken = _all_places(binnen or vormen)
    if not plekken:
        plekken = [(rij["x"], rij["y"]) for rij in _find_complexen(uitgave, "TOT", "", ())]
    kader = fit_kader(plekken)
    return None if kader is None else (kader, _draw_areas(vormen, kader))


def _draw_areas(vormen: Mapping[str, Sequence[Sequence[Plek]]], kader: Kader) -> list[_Gebied]:
    rooster = {sleutel: snap_ringen(ringen, kader) for sleutel, ringen in vormen.items()}
    gebieden = []
    for sleutel, ringen in simplify(rooster, _TOLERANTIE).items():
        if not _is_visible(ringen, kader):
            continue
        gevonden = find_centre(ringen)
        if gevonden is not None:
            midden, ruimte = gevonden
            gebieden.append(_Gebied(sleutel, write_path(ringen), midden, ruimte))
    return gebieden


def _is_visible(ringen: Sequence[Ring], kader: Kader) -> bool:
    xs = [punt[0] for ring in ringen for punt in ring]
    ys = [punt[1] for ring in ringen for punt in ring]
    return bool(xs) and (
        max(xs) > 0 and min(xs) < kader.breedte and max(ys) > 0 and min(ys) < kader.hoogte
    )


def _find_labels(
    uitgave: Uitgave, thema: str, peildatum: str | None = None
) -> Mapping[str, tuple[str, int | None]]:
    """Name and label of every buurt that has a shape."""
    kolom = _column(thema)
    if peildatum is not None:
        nu = _find_labels(uitgave, thema)
        toen = read_stand(uitgave, "buurt", peildatum, thema, nu)
        return {sleutel: (naam, toen.get(sleutel)) for sleutel, (naam, _) in nu.items()}
    return uitgave.remember(
        ("kaart_labels", thema),
        lambda: {
            sleutel: (naam, label)
            for sleutel, naam, label in uitgave.query(
                f"select beheerobject_id, naam, {kolom} from lijst "  # noqa: S608 - fixed names
                "where niveau = 'buurt' and beheerobject_id in (select beheerobject_id from vorm)"
            )
        },
    )


def _column(thema: str) -> str:
    if thema not in THEMAS:
        raise ValueError(f"unknown theme {thema}")
    return f"label_{thema.lower()}"


def _find_complexen(
    uitgave: Uitgave,
    thema: str,
    waar: str,
    waarden: tuple[Any, ...],
    peildatum: str | None = None,
) -> list[dict[str, Any]]:
    rijen = uitgave.query(
        f"select beheerobject_id, naam, {_column(thema)}, lengtegraad, breedtegraad from lijst "  # noqa: S608
        f"where niveau = 'complex' and lengtegraad is not null and breedtegraad is not null {waar} "
        f"order by naam, beheerobject_id limit {MAXIMUM_STIPPEN}",
        waarden,
    )
    complexen = [dict(zip(("id", "naam", "label", "x", "y"), rij, strict=True)) for rij in rijen]
    if peildatum is not None:
        toen = read_stand(uitgave, "complex", peildatum, thema, [rij["id"] for rij in complexen])
        complexen = [{**rij, "label": toen.get(rij["id"])} for rij in complexen]
    return complexen


def _compose(
    kader: Kader,
    gebieden: Sequence[_Gebied],
    labels: Mapping[str, tuple[str, int | None]],
    complexen: Sequence[Mapping[str, Any]],
    *,
    toont_complexen: bool = False,
    hier: str | None = None,
) -> Kaart:
    # A drawing over the whole width of a page has room for smaller figures.
    ruimte_groot = _RUIMTE_GROOT_SCHERM * (0.7 if kader.hoogte < _LIGGEND * kader.breedte else 1)
    vlakken = []
    for gebied in gebieden:
        naam, label = labels.get(gebied.id, (gebied.id, None))
        x, y = round(gebied.midden[0]), round(gebied.midden[1])
        cijfer = _size_figure(gebied.ruimte, ruimte_groot) if kader.holds((x, y)) else ""
        vlakken.append(
            Vlak(gebied.id, naam, gebied.pad, label, x, y, cijfer, is_hier=gebied.id == hier)
        )
    stippen = [
        Stip(rij["id"], rij["naam"], rij["label"], *kader.place((rij["x"], rij["y"])))
        for rij in complexen
    ]
    stippen = [stip for stip in stippen if kader.holds((stip.x, stip.y))]
    met_link = len(stippen) <= MAXIMUM_STIPPEN_MET_LINK
    return Kaart(
        breedte=kader.breedte,
        hoogte=kader.hoogte,
        kader=kader,
        vlakken=tuple(sorted(vlakken, key=lambda vlak: vlak.is_hier)),
        stippen=tuple(stippen) if met_link else (),
        zwermen=() if met_link else _swarm(stippen),
        toont_complexen=toont_complexen,
        aantal_complexen=len(stippen),
    )


def _size_figure(ruimte: float, ruimte_groot: float) -> str:
    if ruimte >= _RUIMTE_KLEIN_SCHERM:
        return "groot"
    return "klein" if ruimte >= ruimte_groot else ""


def _swarm(stippen: Sequence[Stip]) -> tuple[tuple[int, str], ...]:
    """One path per label: a line without length and with round ends is a dot."""
    per_label: dict[int, set[tuple[int, int]]] = defaultdict(set)
    for stip in stippen:
        per_label[stip.label or 0].add((stip.x, stip.y))
    return tuple(
        (label, "".join(f"M{x} {y}h0" for x, y in sorted(per_label[label])))
        for label in sorted(per_label)
    )
