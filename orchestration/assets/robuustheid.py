"""The robustness report as an asset: once per method, a few seconds; after that it is read."""

from collections.abc import Iterator
from typing import Any

import dagster as dg

from models.label.keten import TeWeinigGemeten
from models.label.robuustheid import (
    MAXIMUM_INDEX,
    MAXIMUM_RANGVERSCHUIVING,
    MINIMUM_ZELFDE_LABEL,
    assess_robuustheid,
)
from orchestration import referentie
from orchestration.assets.leveringen import EIGENAAR
from orchestration.beelden import plot_invloed, plot_rangen, plot_zelfde_label
from orchestration.methode import compute_codeversie, compute_methodeversie
from orchestration.meting import read_labelinvoer
from orchestration.resources import Werkplaats
from orchestration.robuustheid import has_kenmerk, make_kenmerk, read_feiten, write_robuustheid
from orchestration.voortgang import Voortgang
from orchestration.warehouse import open_warehouse

ROBUUSTHEID = dg.AssetKey("robuustheid")
POORTEN = {
    "zelfde_label": (
        "Van het middelste complex geeft ten minste "
        f"{MINIMUM_ZELFDE_LABEL:.0%} van de doorrekeningen hetzelfde label."
    ),
    "rangverschuiving": (
        "Complexen verschuiven in de rangorde gemiddeld hooguit "
        f"{MAXIMUM_RANGVERSCHUIVING:.0%} van hun aantal."
    ),
    "geen_keuze_overheerst": (
        f"Geen keuze van de methode heeft een Sobol-index (totaal) boven {MAXIMUM_INDEX}."
    ),
}


def build_robuustheid() -> dg.AssetsDefinition:
    """Return the report. Its gates warn: a report does not hold up the labels of the month."""

    @dg.asset(
        key=ROBUUSTHEID,
        group_name="label",
        owners=[EIGENAAR],
        kinds={"python", "parquet"},
        deps=[
            *(
                dg.AssetKey(["intermediate", naam])
                for naam in (
                    "int_label__cel",
                    "int_label__label",
                    "int_dekking__bron_kwartaal",
                    "int_tijd__venster",
                    *(f"int_referentie__{deel}" for deel in referentie.DELEN),
                )
            ),
            *(dg.AssetKey(["seeds", naam]) for naam in ("methode", "thema", "indicator_eigen")),
        ],
        check_specs=[
            dg.AssetCheckSpec(naam, asset=ROBUUSTHEID, description=omschrijving)
            for naam, omschrijving in POORTEN.items()
        ],
        description=(
            "Eén rij per complex met een label: hoe vaak andere keuzes van de methode (gewichten, "
            "macht, normering, stratum, venster) hetzelfde label geven, en tussen welke rangen het "
            "ligt. Per methodeversie en referentie één keer gerekend; daarna overgeslagen."
        ),
    )
    def build(
        werkplaats: Werkplaats, voortgang: dg.ResourceParam[Voortgang]
    ) -> Iterator[dg.MaterializeResult[None]]:
        with voortgang.stap("robuustheid"):
            try:
                feiten, is_nieuw = find_robuustheid(werkplaats, voortgang)
            except TeWeinigGemeten as reden:
                yield _skip(str(reden))
                return
        yield dg.MaterializeResult(
            metadata={
                "nu gerekend": is_nieuw,
                "complexen": feiten["complexen_aantal"],
                "peildatum": feiten["peildatum"],
                "map": dg.MetadataValue.path(
                    str(werkplaats.map.robuustheid / feiten["methodeversie"])
                ),
                "invloed": dg.MetadataValue.md(plot_invloed(feiten)),
                "zelfde label": dg.MetadataValue.md(plot_zelfde_label(feiten)),
                "rangen": dg.MetadataValue.md(plot_rangen(feiten)),
            },
            check_results=[
                dg.AssetCheckResult(
                    check_name=poort["naam"],
                    passed=poort["geslaagd"],
                    severity=dg.AssetCheckSeverity.WARN,
                    metadata={"waarde": poort["waarde"], "grens": poort["grens"]},
                )
                for poort in feiten["poorten"]
            ],
        )

    return build


def find_robuustheid(werkplaats: Werkplaats, voortgang: Voortgang) -> tuple[dict[str, Any], bool]:
    """Return the facts of the report on this method, and whether they were reckoned just now.

    Raises
    ------
    TeWeinigGemeten
        When there are no complexes with a label to compare.
    """
    methodeversie = compute_methodeversie()
    with open_warehouse(werkplaats.map.warehouse) as warehouse:
        gebruikt = referentie.read_geschat(warehouse, methodeversie)
        eigen = gebruikt.get(referentie.EIGEN)
        kenmerk = make_kenmerk(methodeversie, eigen.id if eigen else "", compute_codeversie())
        feiten = read_feiten(werkplaats.map.robuustheid, methodeversie)
        if feiten is not None and has_kenmerk(feiten, kenmerk):
            return feiten, False
        invoer = read_labelinvoer(warehouse)
    gevonden = assess_robuustheid(
        invoer.meting, invoer.catalogus, invoer.methode, invoer.is_stand, meld=voortgang.meld
    )
    return write_robuustheid(gevonden, invoer.eenheden, kenmerk, werkplaats.map.robuustheid), True


def _skip(reden: str) -> dg.MaterializeResult[None]:
    """Return that there is nothing to judge: open data alone, or a first delivery."""
    return dg.MaterializeResult(
        metadata={"niet gerekend": reden},
        check_results=[
            dg.AssetCheckResult(
                check_name=naam,
                passed=True,
                severity=dg.AssetCheckSeverity.WARN,
                description=f"Niet te bepalen. {reden}",
            )
            for naam in POORTEN
        ],
    )
