"""``maatregel``: what maatregelen did to reports, and what new ones would let one see."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

import typer

from orchestration.cli.opties import Data, Json, read_settings

if TYPE_CHECKING:
    from models.maatregel.effect import Effect
    from orchestration.maatregel import Kracht, Maatregelgegevens

maatregel_app = typer.Typer(
    help="Maatregelen: wat zij met meldingen deden, en wat te zien zou zijn.",
    no_args_is_help=True,
)

_SYNTHETISCH = "SYNTHETISCHE GEGEVENS"
_MAANDEN = (
    "januari", "februari", "maart", "april", "mei", "juni", "juli", "augustus", "september",
    "oktober", "november", "december",
)  # fmt: skip


@maatregel_app.command("effect")
def maatregel_effect(
    soort: Annotated[
        str | None, typer.Option("--soort", metavar="CODE", help="Alleen deze soort maatregel")
    ] = None,
    als_json: Json = False,
    data: Data = None,
) -> None:
    """Schat wat maatregelen met het aantal meldingen deden, tegen vergelijkbare complexen."""
    from orchestration.maatregel import compute_effect, read_gegevens, read_synthetisch
    from orchestration.werkmap import Werkmap

    instellingen = read_settings(data)
    gegevens = read_gegevens(Werkmap.of(instellingen.data).warehouse, soort)
    effect = compute_effect(gegevens)
    is_synthetisch = read_synthetisch(instellingen)
    if als_json:
        _print_json({"isSynthetisch": is_synthetisch, **_effect_as_json(gegevens, effect)})
        return
    if is_synthetisch:
        print(_SYNTHETISCH)
    print("\n".join(iter_effect(gegevens, effect)))


@maatregel_app.command("kracht")
def maatregel_kracht(
    starts: Annotated[
        int | None, typer.Option(min=1, help="Hoeveel maatregelen er komen [een rijtje]")
    ] = None,
    looptijd: Annotated[
        int | None,
        typer.Option(min=1, max=24, help="Maanden dat een maatregel loopt [als de vorige]"),
    ] = None,
    als_json: Json = False,
    data: Data = None,
) -> None:
    """Zeg vooraf welk effect nog te zien is, voordat er iets begint."""
    from orchestration.maatregel import STARTS, compute_kracht, read_synthetisch
    from orchestration.werkmap import Werkmap

    instellingen = read_settings(data)
    kracht = compute_kracht(
        Werkmap.of(instellingen.data).warehouse, (starts,) if starts else STARTS, looptijd
    )
    is_synthetisch = read_synthetisch(instellingen)
    if als_json:
        _print_json({"isSynthetisch": is_synthetisch, **_kracht_as_json(kracht)})
        return
    if is_synthetisch:
        print(_SYNTHETISCH)
    print("\n".join(iter_kracht(kracht)))


# --- as text


def iter_effect(gegevens: Maatregelgegevens, effect: Effect) -> Iterator[str]:
    """Give the lines that say what maatregelen did, the verdict last."""
    soort = gegevens.soort
    yield (
        "Effect van maatregelen op meldingen van overlast: "
        f"{'alle soorten' if soort is None else soort.replace('_', ' ')}"
    )
    periode = _write_periode(gegevens.periode)
    yield f"  gegevens              {periode}, {gegevens.complexen} complexen"
    yield (
        f"  maatregelen           {gegevens.begonnen} begonnen, {effect.starts} vergeleken "
        f"({effect.starts_buiten_steun} zonder vergelijkbaar complex)"
    )
    yield f"  looptijd              {_write_maanden(gegevens.looptijd)}"
    if effect.verloop:
        yield (
            f"  meldingen tijdens     {_pct(effect.relatief)} tegenover zonder maatregel "
            f"(95 %: {_pct(effect.relatief_onder)} tot {_pct(effect.relatief_boven)})"
        )
        yield (
            f"  ervoor tegen erna     {_pct(effect.naief_relatief)} "
            "(zegt niet wat de maatregel deed)"
        )
        yield (
            "  aanloop               "
            + ("gelijk" if effect.is_aanloop_gelijk else "niet gelijk")
            + " aan die van vergelijkbare complexen"
        )
        yield "  verschil per complex per maand, met 95 %-interval:"
        for venster in effect.verloop:
            yield (
                f"    {venster.venster:<28}{_getal(venster.verschil)} "
                f"({_getal(venster.onder)} tot {_getal(venster.boven)})"
            )
    yield f"Oordeel: {effect.oordeel}."
    yield effect.zin


def iter_kracht(kracht: Kracht) -> Iterator[str]:
    """Give the lines that say what would be seen."""
    yield "Welke verandering van het aantal meldingen is te zien?"
    yield f"  meldingen             {_write_periode(kracht.periode)}, {kracht.complexen} complexen"
    yield f"  looptijd              {_write_maanden(kracht.looptijd)}"
    for starts, kleinste in kracht.kleinste.items():
        yield f"  {starts:>5} maatregelen     {_write_kleinste(kleinste)}"
    yield (
        "Een kleiner effect kan er wel zijn, maar wordt dan waarschijnlijk niet gezien (kans van "
        "80 % om het te zien, zekerheid van 95 %)."
    )
    if min(kracht.kleinste) < kracht.minimum_starts:
        yield (
            f"Met minder dan {kracht.minimum_starts} maatregelen geeft "
            "`buurtpeil maatregel effect` geen cijfer."
        )


def _write_kleinste(kleinste: float) -> str:
    if not kleinste < 1:
        return "niets: ook als alle meldingen wegblijven, is dat niet met zekerheid te zien"
    return f"{100 * kleinste:.0f} % minder of meer"


def _write_periode(periode: tuple[date, date]) -> str:
    return " tot en met ".join(f"{_MAANDEN[dag.month - 1]} {dag.year}" for dag in periode)


def _write_maanden(aantal: int) -> str:
    return f"{aantal} {'maand' if aantal == 1 else 'maanden'}"


def _pct(deel: float) -> str:
    return f"{100 * deel:+.0f} %".replace("-", "−") if math.isfinite(deel) else "onbekend"


def _getal(waarde: float) -> str:
    return f"{waarde:+.3f}".replace(".", ",").replace("-", "−")


# --- as JSON


def _effect_as_json(gegevens: Maatregelgegevens, effect: Effect) -> dict[str, Any]:
    return {
        "soort": gegevens.soort,
        "eersteMaand": gegevens.periode[0].isoformat(),
        "laatsteMaand": gegevens.periode[1].isoformat(),
        "complexen": gegevens.complexen,
        "maatregelenPerSoort": dict(gegevens.per_soort),
        "looptijdMaanden": gegevens.looptijd,
        "begonnen": gegevens.begonnen,
        "vergeleken": effect.starts,
        "buitenSteun": effect.starts_buiten_steun,
        "relatief": effect.relatief,
        "relatiefOnder": effect.relatief_onder,
        "relatiefBoven": effect.relatief_boven,
        "verschilPerComplexPerMaand": effect.verschil,
        "ervoorTegenErna": effect.naief_relatief,
        "kleinsteEffect": effect.kleinste_effect,
        "isAanloopGelijk": effect.is_aanloop_gelijk if effect.verloop else None,
        "verloop": [
            {"venster": v.venster, "verschil": v.verschil, "onder": v.onder, "boven": v.boven}
            for v in effect.verloop
        ],
        "oordeel": effect.oordeel,
        "zin": effect.zin,
    }


def _kracht_as_json(kracht: Kracht) -> dict[str, Any]:
    return {
        "eersteMaand": kracht.periode[0].isoformat(),
        "laatsteMaand": kracht.periode[1].isoformat(),
        "complexen": kracht.complexen,
        "looptijdMaanden": kracht.looptijd,
        "kleinsteEffect": [
            {"maatregelen": starts, "relatief": kleinste}
            for starts, kleinste in kracht.kleinste.items()
        ],
    }


def _print_json(inhoud: dict[str, Any]) -> None:
    print(json.dumps(_without_nan(inhoud), ensure_ascii=False, indent=2))


def _without_nan(waarde: Any) -> Any:
    """Return the same with null for what no JSON number can say."""
    if isinstance(waarde, dict):
        return {naam: _without_nan(deel) for naam, deel in waarde.items()}
    if isinstance(waarde, list):
        return [_without_nan(deel) for deel in waarde]
    if isinstance(waarde, float):
        return round(waarde, 6) if math.isfinite(waarde) else None
    return waarde
