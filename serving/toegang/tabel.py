"""The table of roles and the list of doors as Markdown, for the page in ``docs/privacy``."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from vera.toegang import BEPERKT, BEREIKEN, OPENBAAR, ROLLEN, THEMAS, Bereik, Rol


def render_rollen() -> str:
    """Return what every role sees and does."""
    rijen = [_describe(rol) for rol in (OPENBAAR, *ROLLEN.values())]
    return _render(("rol", "waarvoor", "fijnste plek", "thema's", "hoe", "bereiken"), rijen)


def render_bereiken() -> str:
    """Return what every scope opens, and whether reading it is noted."""
    rijen = [
        (f"`{bereik}`", wat, "ja" if bereik in BEPERKT else "") for bereik, wat in BEREIKEN.items()
    ]
    return _render(("bereik", "wat het opent", "in het leeslog"), rijen)


def render_deuren(deuren: Iterable[tuple[str, str, Bereik]]) -> str:
    """Return which scope every address asks.

    Parameters
    ----------
    deuren
        Method, address and scope.
    """
    rijen = [(f"{methode} `{adres}`", f"`{bereik}`") for methode, adres, bereik in sorted(deuren)]
    return _render(("adres", "bereik"), rijen)


def _describe(rol: Rol) -> tuple[str, ...]:
    ziet_gebied = "gebied" in rol.bereiken or rol is OPENBAAR
    eigen = sorted(rol.bereiken - (frozenset() if rol is OPENBAAR else OPENBAAR.bereiken))
    if not ziet_gebied:
        hoe = "alleen wat openbaar is"
    elif rol.is_partner:
        hoe = "labels 1 tot en met 5, aantallen op vijftallen"
    else:
        hoe = "labels, redenen" + (" en waarden" if "indicator" in rol.bereiken else "")
    return (
        f"`{rol.naam}`",
        rol.doel,
        rol.niveau if ziet_gebied else "geen",
        ("alle" if rol.themas == THEMAS else ", ".join(sorted(rol.themas)))
        if ziet_gebied
        else "geen",
        hoe,
        ", ".join(f"`{bereik}`" for bereik in eigen),
    )


def _render(koppen: Sequence[str], rijen: Iterable[Sequence[str]]) -> str:
    regels = [koppen, ["---"] * len(koppen), *rijen]
    return "".join(f"| {' | '.join(regel)} |\n" for regel in regels)
