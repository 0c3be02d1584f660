"""The last look at a release, as it was written, before the pointer moves to it.

The gate out judged the tables; this judges what readers would get: whether the files hold personal
data, and what somebody sees who gets labels alone. Belongs here: looking, and refusing. Does not
belong here: what personal data look like (:mod:`orchestration.scan`), which public row says too
much (:mod:`expectations.kleine_aantallen`), what a reader is handed (``serving.toegang.inzage``).
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import pandas as pd

from expectations.kleine_aantallen import find_te_openbaar
from orchestration.scan import Uitslag, scan_data
from serving.release import schema
from serving.release.winkel import Uitgave, open_release
from serving.toegang.inzage import look_as
from vera.errors import PoortUitFout
from vera.toegang import NIEMAND, ROLLEN, Lezer

STAP: Final = "persoonsgegevens zoeken"
MEESTE_REGELS: Final = 20
"""Lines that a refusal spells out; the rest is a number."""


def check_release(
    release: Path, archief: Path, toegestaan: Sequence[str], *, was_getoond: bool
) -> list[Uitslag]:
    """Refuse a release that holds personal data, or that tells the public too much.

    Parameters
    ----------
    release, archief
        Its folder, and the one with the exact tables behind it.
    toegestaan
        Values that may stand anywhere (``organisatie.yml``).
    was_getoond
        Whether the release may have been served before; else a refused one is removed.

    Returns
    -------
    list of Uitslag
        What was looked at.

    Raises
    ------
    PoortUitFout
        With what was found and where, never a value.
    """
    uitslagen = [scan_data(map_, toegestaan=toegestaan) for map_ in (release, archief)]
    gevonden = [str(vondst) for uitslag in uitslagen for vondst in uitslag.vondsten]
    with open_release(release) as uitgave:
        te_openbaar = list(list_te_openbaar(uitgave))
    if not gevonden and not te_openbaar:
        return uitslagen
    if not was_getoond:
        for map_ in (release, archief):
            shutil.rmtree(map_, ignore_errors=True)
    delen = []
    if gevonden:
        delen.append("In de nieuwe release staan persoonsgegevens:\n" + describe_regels(gevonden))
    if te_openbaar:
        delen.append("Wie alleen labels mag zien, ziet te veel:\n" + describe_regels(te_openbaar))
    raise PoortUitFout(
        "\n".join(["De release is niet gepubliceerd; de vorige blijft staan.", *delen]),
        verwacht="een release zonder persoonsgegevens, en voor partners alleen labels van gebieden "
        "met ten minste tien woningen en aantallen op vijftallen",
        remedie="verbeter de bron van de genoemde plek (naam, tekst, contract) en draai opnieuw",
    )


def list_te_openbaar(uitgave: Uitgave) -> Iterator[str]:
    """Yield what somebody who gets labels alone would see too much of, for every set of themes."""
    precies = _read_lijst(uitgave)
    for lezer in _list_lezers():
        gezien = look_as(uitgave, lezer)
        rijen = _add_kaarten(gezien, _read_lijst(gezien))
        for naam, fout in find_te_openbaar(rijen, precies, lezer.themas, schema.THEMAS).items():
            for rij in rijen[fout].itertuples():
                yield f"{rij.niveau} {rij.beheerobject_id}: {naam}"


def _list_lezers() -> list[Lezer]:
    """Return one reader for each way to see labels alone."""
    alle = [NIEMAND, *(Lezer(None, (rol,)) for rol in ROLLEN.values())]
    return list({lezer.zicht: lezer for lezer in alle if lezer.zicht.inzage == "labels"}.values())


def _read_lijst(uitgave: Uitgave) -> pd.DataFrame:
    """Return the list of a release, a row per object."""
    kolommen = [*(f"label_{t.lower()}" for t in schema.THEMAS), *(f"score_{t.lower()}" for t in
                schema.THEMAS)]  # fmt: skip
    rijen = uitgave.query(
        "select niveau, beheerobject_id, grondslag, verhuureenheden_aantal, "
        f"{', '.join(kolommen)} from lijst order by niveau, beheerobject_id"
    )
    return pd.DataFrame(
        [tuple(rij) for rij in rijen],
        columns=["niveau", "beheerobject_id", "grondslag", "woningen", *kolommen],
    )


def _add_kaarten(uitgave: Uitgave, frame: pd.DataFrame) -> pd.DataFrame:
    """Return the list of a release with what its cards say of the same objects."""
    kaarten = [
        _read_kaart(uitgave, str(r.niveau), str(r.beheerobject_id)) for r in frame.itertuples()
    ]
    return pd.concat([frame, pd.DataFrame(kaarten, index=frame.index)], axis=1)


def _read_kaart(uitgave: Uitgave, niveau: str, id_: str) -> dict[str, Any]:
    inhoud = uitgave.answer(niveau, id_)
    kaart = json.loads(inhoud) if inhoud is not None else {}
    label = kaart.get("sociaalBeheerLabel") or {}
    themas = {t["code"]: t.get("waarde") for t in label.get("themas", [])}
    return {
        "kaart_woningen": kaart.get("aantalVerhuureenheden"),
        "kaart_score": label.get("score"),
        **{
            f"kaart_{t.lower()}": label.get("waarde") if t == schema.THEMA_TOTAAL else themas.get(t)
            for t in schema.THEMAS
        },
    }


def describe_regels(regels: Sequence[str]) -> str:
    """Return lines, the first of them spelled out."""
    rest = len(regels) - MEESTE_REGELS
    staart = [f"... en nog {rest}"] if rest > 0 else []
    return "\n".join([*regels[:MEESTE_REGELS], *staart])
