"""Rules of the gate in on what can hardly be so, also of a first delivery.

The other rules of the kind need an earlier delivery to compare with. These warn: an association
may really have one complex that holds most of its dwellings. Does not belong here: comparing two
deliveries (:mod:`expectations.poort_in_vergelijking`, :mod:`expectations.poort_in_verdeling`).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pandas as pd

from expectations.poort import Meting, Regel
from expectations.relatie import PLEK, Meter
from vera.contract import Tabel
from vera.levering import LeveringVerslag, Verdeling

CLUSTER, CLUSTER_EENHEID = "vera.cluster", "vera.cluster_eenheid"

# A column of fewer rows may well be empty, or of one code.
MINIMUM_RIJEN_KOLOM = 20
# A kind of cluster with this many of them divides dwellings; no one of them holds more than half.
MINIMUM_CLUSTERS = 5
AANDEEL_EEN_CLUSTER = 0.50
# Of rows known on another day than they happened, so many may be known before they happened.
AANDEEL_TE_VROEG = 0.50
MINIMUM_TE_VROEG = 20
# A few rows with a code that moved in the list over the years are ordinary.
AANDEEL_ANDERE_SOORT = 0.02
MINIMUM_ANDERE_SOORT = 3

EENVORMIG = Regel(
    "kolommen_zeggen_iets",
    "bij een eerste levering geen kolom voor het label die nergens is ingevuld, en geen "
    "gebeurtenissen met overal dezelfde code",
    "vraag de leverancier of de export compleet is; klopt het, dan is er niets te doen",
    blokkeert=False,
)
EEN_CLUSTER = Regel(
    "woningen_over_clusters_verdeeld",
    f"geen cluster met meer dan {100 * AANDEEL_EEN_CLUSTER:.0f} % van de woningen van zijn soort",
    "controleer de soort van dat cluster en zijn woningen (vera.cluster, vera.cluster_eenheid)",
    blokkeert=False,
)
VOLGORDE = Regel(
    "bekend_na_gebeurtenis",
    "een kennisdatum die niet voor de gebeurtenis zelf ligt",
    "vraag de leverancier of twee datumkolommen zijn verwisseld",
    blokkeert=False,
)

ONDERSOORT = Regel(
    "detailsoort_past_bij_soort",
    "een detailsoort die in de codelijst onder de soort van dezelfde rij staat",
    "verbeter de codes in de export; een paar dat niet bestaat, telt nergens in mee",
    blokkeert=False,
)


def measure_ondersoort(tabel: Tabel, rijen: pd.DataFrame) -> Meting | None:
    """Measure how many rows name a detail code under another code than its own.

    Such a pair is in no definition, so the row would count for nothing and nobody would know.

    Returns
    -------
    Meting or None
        None where a table has no such pair of columns.
    """
    delen = [k for k in tabel.kolommen if k.onder in rijen and k.naam in rijen]
    if not delen:
        return None
    fout = pd.Series(False, index=rijen.index)
    for kolom in delen:
        hoort = rijen[kolom.naam].map(dict(kolom.ouders))
        fout |= hoort.notna() & rijen[kolom.onder].notna() & (hoort != rijen[kolom.onder])
    # Per file: one wrong month would drown in six years of good ones.
    per_bestand = fout.groupby(rijen["_bestand"])
    fout &= per_bestand.transform("mean") > AANDEEL_ANDERE_SOORT
    fout &= per_bestand.transform("sum") >= MINIMUM_ANDERE_SOORT
    if not fout.any():
        return Meting()
    eerste = rijen[fout].iloc[0]
    van = int((rijen["_bestand"] == eerste["_bestand"]).sum())
    aantal = int((fout & (rijen["_bestand"] == eerste["_bestand"])).sum())
    paren = [
        f"{naam} {keer}x"
        for kolom in delen
        for naam, keer in (rijen[kolom.onder] + "/" + rijen[kolom.naam])[fout]
        .value_counts()
        .head(3)
        .items()
    ]
    return Meting(
        int(fout.sum()),
        int(fout.sum()),
        f"in één bestand {aantal} van {van} rijen met een paar dat niet bestaat, zoals "
        f"{', '.join(paren)}",
        f"{eerste['_bestand']} regel {eerste['_regel']}",
    )


def measure_eenvormig(tabel: Tabel, verslag: LeveringVerslag, einden: frozenset[str]) -> Meting:
    """Measure which columns of a first delivery say nothing.

    Columns that no label is made of are passed over; some associations never fill them.

    Parameters
    ----------
    tabel, verslag
        The contract and the report of the file.
    einden
        Names of planned ends: of a register nothing need have ended, of past events some has.
    """
    gevonden = list(_list_eenvormig(tabel, verslag, einden))
    if not gevonden:
        return Meting()
    return Meting(len(gevonden), len(gevonden), "; ".join(gevonden), verslag.bestand)


def _list_eenvormig(
    tabel: Tabel, verslag: LeveringVerslag, einden: frozenset[str]
) -> Iterator[str]:
    # Every dwelling may be let; not every case that ever came in was of one kind.
    is_aangroei = tabel.levering == "aanvulling"
    for kolom in tabel.kolommen:
        verdeling = verslag.verdeling.get(kolom.naam)
        if verdeling is None or "label" not in kolom.doelen:
            continue
        if kolom.naam in einden and not is_aangroei:
            continue
        if kolom.naam == "kennisdatum" and kolom.naam in verslag.niet_geleverde_kolommen:
            continue  # the contract says what counts instead
        if verdeling.rijen >= MINIMUM_RIJEN_KOLOM and not verdeling.gevuld:
            yield f"{kolom.naam} is nergens ingevuld"
        elif is_aangroei and len(kolom.waarden) > 1 and _has_een_code(verdeling):
            yield f"{kolom.naam} heeft overal code {next(iter(verdeling.aandelen))}"


def _has_een_code(verdeling: Verdeling) -> bool:
    return (
        verdeling.soort == "code"
        and verdeling.gevuld >= MINIMUM_RIJEN_KOLOM
        and len(verdeling.aandelen) == 1
    )


def measure_een_cluster(
    clusters: pd.DataFrame, woningen: pd.DataFrame, bestand: str, klok: date
) -> Meting | None:
    """Measure whether one cluster holds most dwellings of its kind.

    Parameters
    ----------
    clusters
        Of one delivery: ``cluster_id`` and ``soort_code``.
    woningen
        Of one delivery: ``cluster_id``, ``eenheid_id`` and, where delivered, ``einddatum``.
    bestand
        The file that is named.
    klok
        The run's clock; a dwelling that left before it counts no more.

    Returns
    -------
    Meting or None
        None when there are no kinds to judge by.
    """
    if "soort_code" not in clusters or clusters.empty or woningen.empty:
        return None
    if "einddatum" in woningen:
        einde = pd.to_datetime(woningen["einddatum"]).astype("datetime64[s]")
        woningen = woningen[einde.isna() | (einde > pd.Timestamp(klok))]
    soort = clusters.drop_duplicates("cluster_id").set_index("cluster_id")["soort_code"]
    paren = woningen[["cluster_id", "eenheid_id"]].drop_duplicates()
    paren = paren.assign(soort=paren["cluster_id"].map(soort)).dropna(subset=["soort"])
    for naam, groep in paren.groupby("soort", sort=True):
        per_cluster = groep["cluster_id"].value_counts()
        deel = float(per_cluster.iloc[0]) / groep["eenheid_id"].nunique()
        if len(per_cluster) >= MINIMUM_CLUSTERS and deel > AANDEEL_EEN_CLUSTER:
            return Meting(
                deel - AANDEEL_EEN_CLUSTER,
                int(per_cluster.iloc[0]),
                f"van soort {naam} heeft één van de {len(per_cluster)} clusters {deel:.0%} van de "
                "woningen".replace("%", " %"),
                bestand,
            )
    return Meting()


def measure_volgorde(meter: Meter, view: str, anker: str) -> Meting:
    """Measure how many rows were known before they happened.

    Parameters
    ----------
    meter
        Asks the database with the rows.
    view
        Landed rows with days, of a table of which the date by which a row counts as known is no
        announced begin.
    anker
        That date.
    """
    # Per file, for the same reason.
    per_bestand = meter.ask(
        f"""
        select
            _bestand,
            count(*) filter (kennisdatum < {anker}) as te_vroeg,
            count(*) filter (kennisdatum <> {anker}) as anders,
            arg_min(_regel, {PLEK}) filter (kennisdatum < {anker}) as regel
        from {view} group by _bestand order by _bestand
        """
    )
    delen = [
        (te_vroeg / anders, te_vroeg, bestand, regel)
        for bestand, te_vroeg, anders, regel in per_bestand
        if te_vroeg >= MINIMUM_TE_VROEG
    ]
    deel, aantal, bestand, regel = max(delen, key=lambda d: d[0], default=(0.0, 0, "", 0))
    if deel <= AANDEEL_TE_VROEG:
        return Meting()
    return Meting(
        deel - AANDEEL_TE_VROEG,
        aantal,
        f"bij {aantal} rijen ligt de kennisdatum voor {anker}",
        f"{bestand} regel {regel}",
    )
