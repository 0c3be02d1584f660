"""The model card: what a model is, what it may not be used for, and how good it was.

Belongs here: the facts of a card, whether they are complete, and the card as Dutch Markdown. Does
not belong here: measuring (``maten``, ``eerlijkheid``, ``selectie``, ``drift``), keeping the card
(``models/registry.py``), the register of algorithms and the DPIA, which come from the same facts.
Source: design paper on the risk models, "Model card"; design paper on trust, "Transparency".
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date
from typing import Final

from models.risico.drift import Signaal
from models.risico.eerlijkheid import (
    MAATNAMEN,
    WIJK,
    Eerlijkheidsgrenzen,
    Groepsmaat,
    Helling,
    Omweg,
    describe_veelheid,
)
from models.risico.kenmerk import FAMILIES, Kenmerk
from models.risico.maten import KCurve, Verhouding
from models.risico.selectie import Naasteen
from vera.errors import BuurtpeilError
from vera.werklijst import Model

MAANDEN_GELDIG: Final = 12

VERBODEN_GEBRUIK: Final[tuple[str, ...]] = (
    "Geen besluit over een persoon, een huishouden, een woning of een adres. De kans gaat over een "
    "complex.",
    "Geen straf, waarschuwing, huurverhoging of weigering op grond van de kans.",
    "Geen besluit zonder mens. Een medewerker beslist, met naam en reden.",
)
"""What no model of the house may be used for; on every card, whatever the facts say."""

_INVULWOORD = re.compile(r"^\W*(todo|tbd|n\.?t\.?b\.?|nader te bepalen|invullen|x+)?\W*$", re.I)
_TEKENS: Final[Mapping[int, str]] = {1: "hoger = meer kans", -1: "hoger = minder kans", 0: "vrij"}


class KaartFout(BuurtpeilError):
    """A model card lacks facts that it must have."""


@dataclass(frozen=True)
class Vensterrij:
    """What one test window says of the model, the rule and persistence.

    Attributes
    ----------
    naam : str
        Peildatum of the window.
    rijen, gebeurtenissen : int
    waarde, waarde_regel, waarde_persistentie : float
        The deciding metric: average precision, or weighted yield of woonfraude.
    precisie, precisie_regel, precisie_persistentie : float
        Precision at k.
    auc, lift : float
    """

    naam: str
    rijen: int
    gebeurtenissen: int
    waarde: float
    waarde_regel: float
    waarde_persistentie: float
    precisie: float
    precisie_regel: float
    precisie_persistentie: float
    auc: float
    lift: float


@dataclass(frozen=True)
class Kaartfeiten:
    """Everything on a model card. None or empty is missing, unless said otherwise.

    Attributes
    ----------
    model, modelversie
        Which model it is.
    datum : date
        Of the card; the model may be used for twelve months from then.
    is_synthetisch : bool
        Whether it learned from the demo association.
    doel, eigenaar, grondslag, dpia_id : str
        Purpose, owner (a role), legal basis, and the number of the DPIA.
    cohort, uitkomst : str
        Which complexes at which moments, and what is foretold.
    label_hash : str
        Hash of the SQL that makes the outcome.
    data_van, data_tot : date
        Window of the data that were learned from.
    kenmerken : tuple of Kenmerk
    gewichten : mapping of str to float
        Coefficient on the standard scale per feature; empty for a model without.
    vervallen : tuple of str
        Features on the list that were dropped for lack of coverage; may be empty.
    vensters : tuple of Vensterrij
    ece, ece_vloer, helling : float
    oe : Verhouding
    k : int
        Length of the list.
    kcurve : KCurve
    eerlijkheid : tuple of Groepsmaat
    omwegen : tuple of Omweg
    voorspelbaarheid : float
        How well the features foretell composition (R2).
    helling_samenstelling : Helling
    aselect_aandeel : float
        Share of capacity that is drawn by lot.
    selectiebias : str
        How the selection of who was looked at is dealt with.
    opbrengsten : tuple of Naasteen
        Required of woonfraude.
    drift : tuple of Signaal, optional
        Signals of the last month; empty for a first version, None is missing.
    bekende_fouten, wijzigingen : tuple of str
        Where it goes wrong, and what changed since the version before.
    samenvatting : str
        Plain Dutch for residents.
    bezwaar : str
        Where to go with questions and objections.
    extra_verboden : tuple of str
        Besides :data:`VERBODEN_GEBRUIK`; may be empty.
    """

    model: Model
    modelversie: str
    datum: date
    is_synthetisch: bool
    doel: str = ""
    eigenaar: str = ""
    grondslag: str = ""
    dpia_id: str = ""
    cohort: str = ""
    uitkomst: str = ""
    label_hash: str = ""
    data_van: date | None = None
    data_tot: date | None = None
    kenmerken: tuple[Kenmerk, ...] = ()
    gewichten: Mapping[str, float] = field(default_factory=dict)
    vervallen: tuple[str, ...] = ()
    vensters: tuple[Vensterrij, ...] = ()
    ece: float = math.nan
    ece_vloer: float = math.nan
    helling: float = math.nan
    oe: Verhouding | None = None
    k: int = 0
    kcurve: KCurve | None = None
    eerlijkheid: tuple[Groepsmaat, ...] = ()
    omwegen: tuple[Omweg, ...] = ()
    voorspelbaarheid: float | None = None
    helling_samenstelling: Helling | None = None
    aselect_aandeel: float = math.nan
    selectiebias: str = ""
    opbrengsten: tuple[Naasteen, ...] = ()
    drift: tuple[Signaal, ...] | None = None
    bekende_fouten: tuple[str, ...] = ()
    wijzigingen: tuple[str, ...] = ()
    samenvatting: str = ""
    bezwaar: str = ""
    extra_verboden: tuple[str, ...] = ()

    @property
    def vervaldatum(self) -> date:
        """Last day on which the model may be used: a year on."""
        jaar, maand = divmod(self.datum.month - 1 + MAANDEN_GELDIG, 12)
        # 29 February has no next year.
        dag = 28 if (self.datum.month, self.datum.day) == (2, 29) else self.datum.day
        return date(self.datum.year + jaar, maand + 1, dag)

    def is_verlopen(self, dag: date) -> bool:
        """Whether the model may no longer be used on a day."""
        return dag > self.vervaldatum


_MAG_LEEG: Final = frozenset(
    {"gewichten", "vervallen", "extra_verboden", "opbrengsten", "drift", "is_synthetisch"}
)


def find_ontbrekend(feiten: Kaartfeiten) -> tuple[str, ...]:
    """Return the names of required facts that are missing, in the order of the card.

    A text that only says that it is still to be written is missing. A number that could not be
    measured is missing too: NaN is not a fact.
    """
    uit = []
    for veld in fields(feiten):
        waarde = getattr(feiten, veld.name)
        if isinstance(waarde, str):
            mist = bool(_INVULWOORD.match(waarde))
        elif isinstance(waarde, float):
            mist = math.isnan(waarde)
        elif isinstance(waarde, tuple):
            mist = not waarde or any(isinstance(w, str) and _INVULWOORD.match(w) for w in waarde)
        else:
            mist = waarde is None or (veld.name == "k" and waarde < 1)
        if mist and (veld.name not in _MAG_LEEG or waarde is None):
            uit.append(veld.name)
    if feiten.model == "woonfraude" and not feiten.opbrengsten:
        uit.append("opbrengsten")
    return tuple(uit)


def is_compleet(feiten: Kaartfeiten) -> bool:
    """Whether every required fact is there: condition (f) of the gate."""
    return not find_ontbrekend(feiten)


def render_modelkaart(feiten: Kaartfeiten) -> str:
    """Return the card as Dutch Markdown.

    Raises
    ------
    KaartFout
        If a required fact is missing.
    """
    ontbrekend = find_ontbrekend(feiten)
    if ontbrekend:
        raise KaartFout(
            f"Op de modelkaart van {feiten.model} ({feiten.modelversie}) ontbreekt: "
            f"{', '.join(ontbrekend)}.",
            verwacht="alle verplichte feiten ingevuld en gemeten",
            remedie="vul ze aan; zonder complete kaart komt een model niet door de poort",
        )
    f = feiten
    delen = [
        f"# Modelkaart {f.model}",
        *(
            ["> **Synthetisch.** Dit model leerde van de verzonnen demo-corporatie. De cijfers "
             "gaan niet over echte complexen."]
            if f.is_synthetisch else []
        ),
        f"Versie `{f.modelversie}`, kaart van {_dag(f.datum)}. "
        f"**Te gebruiken tot en met {_dag(f.vervaldatum)}.**",
        "## In het kort", f.samenvatting,
        f"Vragen of bezwaar: {f.bezwaar}",
        "## Doel en grenzen", f.doel, "Hiervoor mag het model niet worden gebruikt:",
        _lijst((*VERBODEN_GEBRUIK, *f.extra_verboden)),
        _tabel(("", ""), [("eigenaar", f.eigenaar), ("grondslag", f.grondslag),
                          ("DPIA", f.dpia_id)]),
        "## Wat het voorspelt", f.uitkomst,
        _tabel(("", ""), [
            ("complexen", f.cohort),
            ("SQL van de uitkomst (hash)", f"`{f.label_hash}`"),
            ("gegevens", f"{_dag(f.data_van)} tot en met {_dag(f.data_tot)}"),
        ]),
        "## Kenmerken", *_kenmerken(f),
        "## Hoe goed het is", *_prestaties(f),
        "## Eerlijk tussen buurten", *_eerlijkheid(f),
        "## Wie bekeken wordt", f.selectiebias,
        f"Door loting gekozen: {_pct(f.aselect_aandeel)} van de lijst.",
        *([_lijst([n.zin for n in f.opbrengsten])] if f.opbrengsten else []),
        "## Verandert de wereld?", *_drift(f),
        "## Waar het fout gaat", _lijst(f.bekende_fouten),
        "## Wat er is veranderd", _lijst(f.wijzigingen),
    ]  # fmt: skip
    return "\n\n".join(delen) + "\n"


def _kenmerken(f: Kaartfeiten) -> list[str]:
    met_gewicht = bool(f.gewichten)
    kop = ("kenmerk", "wat het is", "eenheid", "soort", "teken", *(["gewicht"] * met_gewicht))
    rijen = [
        (
            f"`{k.naam}`", k.omschrijving, k.eenheid, FAMILIES[k.familie], _TEKENS[k.teken],
            *([_getal(f.gewichten.get(k.naam, 0.0), 2)] if met_gewicht else []),
        )
        for k in f.kenmerken
    ]  # fmt: skip
    uit = [_tabel(kop, rijen)]
    if met_gewicht:
        uit.append("Het gewicht is per standaardafwijking. 0 = doet niet mee.")
    uit.append(
        f"Vervallen omdat te weinig bekend was: {', '.join(f'`{n}`' for n in f.vervallen)}."
        if f.vervallen
        else "Er is geen kenmerk vervallen: van alle is genoeg bekend."
    )
    return uit


def _prestaties(f: Kaartfeiten) -> list[str]:
    maat = "opbrengst" if f.model == "woonfraude" else "gemiddelde precisie"
    kop = ("toets op", "rijen", "gebeurd", f"{maat}: model", "regel", "persistentie",
           f"precisie bij {f.k}: model", "regel", "persistentie", "AUC", "lift")  # fmt: skip
    velden = ("waarde", "waarde_regel", "waarde_persistentie", "precisie", "precisie_regel",
              "precisie_persistentie", "auc", "lift")  # fmt: skip
    rijen = [
        (v.naam, str(v.rijen), str(v.gebeurtenissen), *(_getal(getattr(v, n)) for n in velden))
        for v in f.vensters
    ]
    rijen.append(
        ("**gemiddeld ± fout**", "", "", *(_mean_se([getattr(v, n) for v in f.vensters])
                                           for n in velden))
    )  # fmt: skip
    if f.oe is None or f.kcurve is None:  # find_ontbrekend has refused these before
        raise KaartFout("De ijking of de k-curve ontbreekt.")
    c = f.kcurve
    stap = max(1, len(c.k) // 10)
    plekken = range(stap - 1, len(c.k), stap)
    return [
        _tabel(kop, rijen),
        "Elke toets ligt in de tijd na wat het model leerde, met een gat zo lang als de periode "
        "waarover het voorspelt.",
        "### Kloppen de kansen?",
        _tabel(("maat", "waarde", "goed is"), [
            ("gemiddelde fout van de kans (ECE)", _getal(f.ece, 4),
             f"klein; door toeval alleen al {_getal(f.ece_vloer, 4)}"),
            ("helling", _getal(f.helling, 2), "1"),
            ("gebeurd gedeeld door voorspeld", f"{_getal(f.oe.verhouding, 2)} "
             f"({_getal(f.oe.onder, 2)} tot {_getal(f.oe.boven, 2)})", "1"),
        ]),
        "### Hoe lang mag de lijst zijn?",
        f"De lijst is {f.k} complexen lang. Zonder model is {_pct(c.basis)} raak.",
        _tabel(("lengte", "raak", "gevonden", "raak van het laatste stuk", "minstens"), [
            (str(int(c.k[i])), _pct(float(c.precisie[i])), _pct(float(c.recall[i])),
             _pct(float(c.marginaal[i])), _pct(float(c.ondergrens[i])))
            for i in plekken
        ]),
    ]  # fmt: skip


def _eerlijkheid(f: Kaartfeiten) -> list[str]:
    rijen = [
        (
            m.indeling, m.groep, MAATNAMEN[m.maat], *_aantal_en_waarde(m),
            "-" if math.isnan(m.verhouding) else f"{_getal(m.verhouding, 2)} "
            f"({_getal(m.onder, 2)} tot {_getal(m.boven, 2)})",
            m.oordeel,
        )
        for m in f.eerlijkheid
    ]  # fmt: skip
    helling = f.helling_samenstelling
    if helling is None or f.voorspelbaarheid is None:
        raise KaartFout("De toets op omwegen ontbreekt.")
    return [
        "Een verhouding vergelijkt een groep met alle andere samen. 1 = gelijk. Het interval komt "
        "van trekkingen van buurten. De samenstelling van een buurt is een openbaar cijfer van het "
        "CBS. Het model kent het niet.",
        _tabel(("indeling", "groep", "maat", "aantal", "waarde", "verhouding", "oordeel"), rijen),
        describe_veelheid(f.eerlijkheid, WIJK, Eerlijkheidsgrenzen().niveau),
        "### Is er een omweg naar samenstelling?",
        _tabel(("weggelaten", "verhouding dichter bij 1", "verlies", "blokkeert"), [
            (", ".join(f"`{n}`" for n in o.kenmerken), _getal(o.verschuiving, 2),
             _pct(o.verlies, 1), "**ja**" if o.is_blokkade else "nee")
            for o in f.omwegen
        ]),
        f"De kenmerken voorspellen samenstelling met R² {_getal(f.voorspelbaarheid, 2)} "
        "(0 of lager = helemaal niet). Van complexen die verder gelijk zijn, stijgt de score met "
        f"{_getal(helling.waarde, 2)} per standaardafwijking van samenstelling "
        f"({_getal(helling.onder, 2)} tot {_getal(helling.boven, 2)}).",
    ]  # fmt: skip


def _aantal_en_waarde(m: Groepsmaat) -> tuple[str, str]:
    """Return both as shown: a share of a handful of complexes points at one of them."""
    minimum = Eerlijkheidsgrenzen().minimum_aantal
    if m.aantal < minimum:
        return f"minder dan {minimum}", "-"
    return str(m.aantal), "-" if m.oordeel == "te weinig gegevens" else _getal(m.waarde)


def _drift(f: Kaartfeiten) -> list[str]:
    if not f.drift:
        return ["Dit is de eerste maand. Er is nog niets om mee te vergelijken."]
    return [render_signalen(f.drift)]


def render_signalen(signalen: Sequence[Signaal]) -> str:
    """Return signals as a table in Dutch Markdown."""
    rijen = [
        (s.naam, _getal(s.waarde, 2), s.grens, "**ja**" if s.is_alarm else "nee", s.zin)
        for s in signalen
    ]
    return _tabel(("signaal", "waarde", "grens", "alarm", "betekenis"), rijen)


def add_maand(kaart: str, maand: date, signalen: Sequence[Signaal]) -> str:
    """Return a card with what one month says at its end.

    The card in the registry is of the day of training and is not written over; this is the copy
    that goes out with the scores of a month.

    Parameters
    ----------
    kaart
        As :func:`render_modelkaart` made it; empty stays empty.
    maand
        Peildatum of the scores.
    signalen
        Of that month.
    """
    if not kaart or not signalen:
        return kaart
    return f"{kaart.rstrip()}\n\n## De maand van {_dag(maand)}\n\n{render_signalen(signalen)}\n"


# --- Markdown


def _lijst(regels: Sequence[str]) -> str:
    return "\n".join(f"- {regel}" for regel in regels)


def _tabel(kop: Sequence[str], rijen: Sequence[Sequence[str]]) -> str:
    def regel(cellen: Sequence[str]) -> str:
        # A bar or a line break in a text would break the table.
        schoon = (cel.replace("|", "\\|").replace("\n", " ") for cel in cellen)
        return f"| {' | '.join(schoon)} |"

    return "\n".join([regel(kop), f"|{'---|' * len(kop)}", *(regel(rij) for rij in rijen)])


def _getal(waarde: float, cijfers: int = 3) -> str:
    return "-" if math.isnan(waarde) else f"{waarde:.{cijfers}f}".replace(".", ",")


def _pct(waarde: float, cijfers: int = 0) -> str:
    return "-" if math.isnan(waarde) else f"{_getal(100 * waarde, cijfers)} %"


def _dag(dag: date | None) -> str:
    return dag.strftime("%d-%m-%Y") if dag else "-"


def _mean_se(rij: Sequence[float]) -> str:
    bekend = [w for w in rij if not math.isnan(w)]
    if not bekend:
        return "-"
    gemiddeld = math.fsum(bekend) / len(bekend)
    if len(bekend) < 2:
        return _getal(gemiddeld)
    kwadraat = math.fsum((w - gemiddeld) ** 2 for w in bekend)
    return f"{_getal(gemiddeld)} ± {_getal(math.sqrt(kwadraat / (len(bekend) - 1) / len(bekend)))}"
