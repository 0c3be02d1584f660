"""What the papers are made of, and the hash that says which list of features they speak of."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Final

from vera.contract import Classificatie, Contract, Kolom, Tabel
from vera.toegang import OPENBAAR, ROLLEN, Bereik
from vera.werklijst import Model

PERSOONLIJK: Final = frozenset({"persoonsgegeven", "bijzonder", "strafrechtelijk"})
BASISCIJFERS: Final = 12
NIEMAND: Final = "geen rol; alleen een run leest dit"


@dataclass(frozen=True)
class Indicator:
    """One indicator of the label, as the catalogue has it."""

    code: str
    thema: str
    naam: str
    omschrijving: str
    bron: str
    is_openbaar: bool


@dataclass(frozen=True)
class Kenmerk:
    """One feature that a risk model may read; ``bronnen`` as the list of features has them."""

    model: Model
    naam: str
    familie: str
    teken: int
    omschrijving: str
    bronnen: str = ""


@dataclass(frozen=True)
class Verantwoording:
    """Who answers for the label or a model, and on what ground; empty = nobody said so."""

    eigenaar: str = ""
    grondslag: str = ""
    dpia: str = ""
    bezwaar: str = ""


@dataclass(frozen=True)
class Modelstand:
    """How a risk model stands in this run.

    Attributes
    ----------
    stand
        ``kampioen``, ``regel``, ``gestopt`` or ``storing``.
    getraind_op
        Peildatum of training, yyyy-mm-dd; empty for the rule.
    """

    model: Model
    stand: str
    scoreversie: str
    zin: str
    getraind_op: str = ""


@dataclass(frozen=True)
class Eigenopslag:
    """Something that is kept besides deliveries: decisions, signals, logs.

    Attributes
    ----------
    plek
        Name of the place, as the log of removals has it.
    soort
        The most sensitive classification in it.
    betrokkenen
        About whom it is; empty = about nobody.
    lezers
        Scopes that open it, each with what of it; empty = all of it. Without any
        no role does: a run alone.
    termijnen
        What is kept how long, by the rule that is carried out.
    """

    plek: str
    naam: str
    doel: str
    soort: Classificatie
    betrokkenen: str
    gegevens: str
    lezers: tuple[tuple[Bereik, str], ...]
    termijnen: tuple[tuple[str, str], ...]
    beveiliging: str

    @property
    def is_verwerking(self) -> bool:
        """Whether it belongs in the register of processing."""
        return self.soort in PERSOONLIJK

    @property
    def ontvangers(self) -> str:
        """Who reads it, by role, in words."""
        if not self.lezers:
            return NIEMAND
        return "; ".join(
            ("iedereen" if bereik in OPENBAAR.bereiken else _name_rollen(bereik))
            + (f" ({wat})" if wat else "")
            for bereik, wat in self.lezers
        )

    @property
    def bewaartermijn(self) -> str:
        """What is kept how long, in words."""
        return "; ".join(f"{wat}: {regel}" for wat, regel in self.termijnen)


def _name_rollen(bereik: Bereik) -> str:
    return ", ".join(rol.naam for rol in ROLLEN.values() if bereik in rol.bereiken)


@dataclass(frozen=True)
class Papierfeiten:
    """Everything that the papers say.

    Attributes
    ----------
    eerste_peildatum
        Of the oldest published label, yyyy-mm-dd.
    minimum_eenheden
        Fewer dwellings than this give a complex no label of its own.
    verantwoording
        By ``label`` and model; what is absent was not said.
    opslag
        What is kept besides deliveries.
    """

    organisatie: str
    is_synthetisch: bool
    contact_email: str
    website: str
    methodeversie: str
    codeversie: str
    klok: str
    eerste_peildatum: str
    minimum_eenheden: int
    themas: Mapping[str, str]
    indicatoren: tuple[Indicator, ...]
    kenmerken: tuple[Kenmerk, ...]
    modellen: tuple[Modelstand, ...]
    verantwoording: Mapping[str, Verantwoording]
    contract: Contract
    opslag: tuple[Eigenopslag, ...] = ()

    @property
    def basis(self) -> str:
        """Twelve hexadecimal digits over what is read, from whom, for what and how long."""
        return compute_basis(self.indicatoren, self.kenmerken, self.contract, self.opslag)

    def find_verantwoording(self, onderwerp: str) -> Verantwoording:
        """Return who answers for the label or a model."""
        return self.verantwoording.get(onderwerp, Verantwoording())

    def find_model(self, model: Model) -> Modelstand:
        """Return how a model stands; a model that this run does not have is not in use."""
        for stand in self.modellen:
            if stand.model == model:
                return stand
        return Modelstand(model, "geen", "", "Dit model is er niet in deze run.")

    def list_kolommen(self, doel: str) -> list[tuple[Tabel, Kolom]]:
        """Return every column that may be used for a purpose, in the contract's order."""
        return [
            (tabel, kolom)
            for tabel in self.contract.tabellen
            for kolom in tabel.kolommen
            if doel in kolom.doelen
        ]


def compute_basis(
    indicatoren: Iterable[Indicator],
    kenmerken: Iterable[Kenmerk],
    contract: Contract,
    opslag: Iterable[Eigenopslag] = (),
) -> str:
    """Return the hash of the lists that a paper must be in step with.

    In it: indicators, features, and of every column classification, purposes and treatment, of
    every table how long it is kept, and what is kept besides. Not in it: how a model stands, or
    anything of a run.
    """
    inhoud = {
        "indicatoren": sorted((asdict(i) for i in indicatoren), key=lambda i: i["code"]),
        "kenmerken": sorted((asdict(k) for k in kenmerken), key=lambda k: (k["model"], k["naam"])),
        "contract": {
            tabel.id: {
                "bewaartermijn": tabel.bewaartermijn,
                "kolommen": {
                    kolom.naam: [kolom.classificatie, kolom.behandeling, sorted(kolom.doelen)]
                    for kolom in tabel.kolommen
                },
            }
            for tabel in contract.tabellen
        },
        "opslag": [asdict(eigen) for eigen in opslag],
    }
    tekst = json.dumps(inhoud, sort_keys=True, ensure_ascii=False).encode()
    return hashlib.sha256(tekst).hexdigest()[:BASISCIJFERS]
