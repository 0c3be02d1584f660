"""Supervision of a run as asset checks: what products are made of, and personal data that leaked.

Belongs here: when those checks run and what they say in Dagster. Does not belong here: what is
a violation (``orchestration.doelbinding``) or a find (``orchestration.scan``).
"""

from collections.abc import Iterator, Sequence

import dagster as dg

from orchestration.assets.release import RELEASE
from orchestration.assets.warehouse import key_of_release_tabel
from orchestration.doelbinding import (
    PUBLICATIE,
    RISICOMODELLEN,
    Product,
    check_project,
    read_gebruik,
    trace_product,
)
from orchestration.resources import Werkplaats
from orchestration.scan import Uitslag, read_toegestaan, scan_data
from orchestration.voor_publicatie import STAP
from orchestration.voortgang import Voortgang
from serving.release import schema
from serving.release.wijzer import current

DOELBINDING = "doelbinding"
PERSOONSGEGEVENS = "persoonsgegevens"
MEESTE_REGELS = 20
"""Lines that a check spells out; the rest is a number, and in the command line."""


def build_doelbinding() -> list[dg.AssetChecksDefinition]:
    """Return the checks of purposes: before anything trains, and before anything is published.

    Both stop the run. The first stands on the feature tables, so that no model learns from what
    it may not; the second on the marts, with what the dbt project may not have at all.
    """
    return [
        _build_doelbinding(
            "doelbinding_risicomodellen",
            RISICOMODELLEN,
            {p.naam: dg.AssetKey(["intermediate", p.tabellen[0]]) for p in RISICOMODELLEN},
        ),
        _build_doelbinding(
            "doelbinding_publicatie", PUBLICATIE, {p.naam: _key_of(p) for p in PUBLICATIE}
        ),
    ]


def build_persoonsgegevens() -> dg.AssetChecksDefinition:
    """Return the check of what is served for personal data; it warns.

    A new release was looked through before the pointer moved (``orchestration.voor_publicatie``),
    and is not looked through twice in one process. What stood there already is judged by what is
    known today. All else that a run leaves behind is for ``buurtpeil scan``.
    """

    @dg.asset_check(
        name=PERSOONSGEGEVENS,
        asset=RELEASE,
        description=(
            "Of er in de bestanden van de release en het archief iets staat dat op een BSN, IBAN, "
            "e-mailadres, telefoonnummer of adres lijkt."
        ),
    )
    def check(
        werkplaats: Werkplaats, voortgang: dg.ResourceParam[Voortgang]
    ) -> dg.AssetCheckResult:
        if STAP in voortgang.seconden:
            return dg.AssetCheckResult(
                passed=True, description="Niets gevonden, voor de wijzer omging."
            )
        with voortgang.stap(STAP):
            uitslagen = scan_huidige(werkplaats)
        vondsten = [vondst for uitslag in uitslagen for vondst in uitslag.vondsten]
        gevonden = _describe([str(vondst) for vondst in vondsten])
        return dg.AssetCheckResult(
            passed=not vondsten,
            severity=dg.AssetCheckSeverity.WARN,
            description=(
                "In de release staan persoonsgegevens. Zet de vorige terug met `buurtpeil release "
                f"rollback` en kijk met `buurtpeil scan` waar nog meer:\n{gevonden}"
                if vondsten
                else "Niets gevonden."
            ),
            metadata={"bestanden": sum(uitslag.bekeken for uitslag in uitslagen)},
        )

    return check


def scan_huidige(werkplaats: Werkplaats) -> list[Uitslag]:
    """Scan the current release and the exact tables behind it."""
    huidig = current(werkplaats.map.releases)
    toegestaan = read_toegestaan(werkplaats.leveringen_map)
    mappen = [map_ / str(huidig) for map_ in (werkplaats.map.releases, werkplaats.map.archief)]
    return [scan_data(map_, toegestaan=toegestaan) for map_ in mappen if huidig]


def _key_of(product: Product) -> dg.AssetKey:
    """Return the asset that a product's check stands on: a mart that no other product has."""
    # The page and the exports are the same marts; each check needs an asset of its own.
    marts = [naam for naam in product.tabellen if naam in schema.TABELLEN]
    return key_of_release_tabel(marts[-1] if product.doel == "export" else marts[0])


def _build_doelbinding(
    naam: str, producten: Sequence[Product], sleutels: dict[str, dg.AssetKey]
) -> dg.AssetChecksDefinition:
    @dg.multi_asset_check(
        name=naam,
        specs=[
            dg.AssetCheckSpec(
                DOELBINDING,
                asset=sleutels[product.naam],
                blocking=True,
                additional_deps=[
                    sleutel
                    for sleutel in dict.fromkeys(map(_as_key, product.tabellen))
                    if sleutel != sleutels[product.naam]
                ],
                description=(
                    f"Of {product.naam} alleen is gemaakt van kolommen waarvan het contract "
                    "dat doel noemt, ook waar een kolom alleen bepaalt welke rijen tellen."
                ),
            )
            for product in producten
        ],
    )
    def check(
        werkplaats: Werkplaats, voortgang: dg.ResourceParam[Voortgang]
    ) -> Iterator[dg.AssetCheckResult]:
        with voortgang.stap("doelbinding"):
            gebruik = read_gebruik(werkplaats.map.dbt, werkplaats.map.warehouse)
            project = check_project(gebruik) if producten is PUBLICATIE else []
            for product in producten:
                herkomst = trace_product(product, gebruik, werkplaats.contract)
                # What the project may not have is nobody's in particular: the first one stops.
                gevonden = [*(project if product is producten[0] else ()), *herkomst.schendingen]
                yield dg.AssetCheckResult(
                    asset_key=sleutels[product.naam],
                    check_name=DOELBINDING,
                    passed=not gevonden,
                    severity=dg.AssetCheckSeverity.ERROR,
                    description=(
                        _describe(list(map(str, gevonden))) or "Geen kolom zonder dit doel."
                    ),
                    metadata={
                        "bronkolommen": len({weg.bron for weg in herkomst.wegen}),
                        "schendingen": len(gevonden),
                    },
                )
            gebruik.save()

    return check


def _as_key(tabel: str) -> dg.AssetKey:
    laag = "mart" if tabel.startswith("mart_") else "intermediate"
    return dg.AssetKey([laag, tabel])


def _describe(regels: Sequence[str]) -> str:
    rest = len(regels) - MEESTE_REGELS
    staart = [f"... en nog {rest}"] if rest > 0 else []
    return "\n".join([*regels[:MEESTE_REGELS], *staart])
