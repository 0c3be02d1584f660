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
from orchestration.goedkeuring import list_wachtend
from orchestration.resources import Werkplaats
from orchestration.scan import Uitslag, read_toegestaan, scan_data
from orchestration.voor_publicatie import STAP
from orchestration.voortgang import Voortgang
from orchestration.warehouse import find_laag
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
            {
                p.naam: dg.AssetKey([find_laag(p.tabellen[0]), p.tabellen[0]])
                for p in RISICOMODELLEN
            },
        ),
        _build_doelbinding(
            "doelbinding_publicatie", PUBLICATIE, {p.naam: _key_of(p) for p in PUBLICATIE}
        ),
    ]


def build_persoonsgegevens() -> dg.AssetChecksDefinition:
    """Return the check of what is served, or may be after approval, for personal data; it warns.

    A new release was looked through before the pointer moved (``orchestration.voor_publicatie``),
    and the one that is served is then not looked through again. What stood there already is judged
    by what is known today, and so is what waits for approval, whatever the run did: it may come
    from a run of last week, by older code. All else that a run leaves behind is for
    ``buurtpeil scan``.
    """

    @dg.asset_check(
        name=PERSOONSGEGEVENS,
        asset=RELEASE,
        description=(
            "Of er in de bestanden van de release en het archief iets staat dat op een BSN, IBAN, "
            "e-mailadres, telefoonnummer of adres lijkt; ook van een release die op goedkeuring "
            "wacht."
        ),
    )
    def check(
        werkplaats: Werkplaats, voortgang: dg.ResourceParam[Voortgang]
    ) -> dg.AssetCheckResult:
        huidig = current(werkplaats.map.releases)
        te_doen = list_wachtend(werkplaats.map)
        if huidig is not None and STAP not in voortgang.seconden:
            te_doen = (huidig, *te_doen)
        if not te_doen:
            return dg.AssetCheckResult(
                passed=True, description="Niets gevonden, voor de wijzer omging."
            )
        with voortgang.stap(STAP):
            uitslagen = {id_: scan_release(werkplaats, id_) for id_ in te_doen}
        delen = [
            f"In release {id_} staan persoonsgegevens. {_advise(id_, huidig)}:\n"
            + _describe([str(v) for uitslag in deel for v in uitslag.vondsten])
            for id_, deel in uitslagen.items()
            if any(uitslag.vondsten for uitslag in deel)
        ]
        return dg.AssetCheckResult(
            passed=not delen,
            severity=dg.AssetCheckSeverity.WARN,
            description="\n".join(delen) or "Niets gevonden.",
            metadata={
                "bestanden": sum(u.bekeken for deel in uitslagen.values() for u in deel),
                "releases": ", ".join(te_doen),
            },
        )

    return check


def scan_release(werkplaats: Werkplaats, release_id: str) -> list[Uitslag]:
    """Scan a release and the exact tables behind it."""
    toegestaan = read_toegestaan(werkplaats.leveringen_map)
    mappen = [map_ / release_id for map_ in (werkplaats.map.releases, werkplaats.map.archief)]
    return [scan_data(map_, toegestaan=toegestaan) for map_ in mappen]


def _advise(release_id: str, huidig: str | None) -> str:
    """Return what to do about a release that holds personal data."""
    if release_id == huidig:
        weg = "Zet de vorige terug met `buurtpeil release rollback`"
    else:
        weg = f"Wijs haar af met `buurtpeil release afwijzen {release_id}`"
    return f"{weg} en kijk met `buurtpeil scan` waar nog meer"


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
    return dg.AssetKey([find_laag(tabel), tabel])


def _describe(regels: Sequence[str]) -> str:
    rest = len(regels) - MEESTE_REGELS
    staart = [f"... en nog {rest}"] if rest > 0 else []
    return "\n".join([*regels[:MEESTE_REGELS], *staart])
