"""The page on privacy: what is held and why, who read it, what was removed, which keys there are.

What is held comes from the contract and from the stores, handed in by who starts the service.
Everybody sees who may see what; names of readers are for the role ``privacy``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from serving.leeslog.keten import BEWAARTERMIJN, Keten
from serving.leeslog.regel import OVER_EEN_OBJECT
from serving.pagina.getal import format_datum, format_getal
from serving.pagina.verwijderd import Originelen, Verwijderd, read_originelen, read_verwijderd
from serving.papier.feiten import Eigenopslag
from serving.toegang.kast import Sleutelbron
from vera.errors import BuurtpeilError
from vera.toegang import OPENBAAR, ROLLEN, THEMAS, Rol

DAGEN: Final = 30
_MAXIMUM: Final = 50
_SOORTEN: Final[Mapping[str, str]] = {
    "openbaar": "openbaar",
    "intern": "intern",
    "persoonsgegeven": "persoonsgegeven",
    "bijzonder": "bijzonder persoonsgegeven",
    "strafrechtelijk": "strafrechtelijk gegeven",
}


@dataclass(frozen=True)
class Bewaartabel:
    """One table that is held: what it is, how its columns are classified, for what, how long."""

    tabel: str
    omschrijving: str
    classificaties: tuple[str, ...]
    doelen: tuple[str, ...]
    bewaartermijn: str

    @property
    def soorten(self) -> str:
        """The classifications in words."""
        return ", ".join(_SOORTEN.get(soort, soort) for soort in self.classificaties)


@dataclass(frozen=True)
class Rolregel:
    """One role in words."""

    naam: str
    doel: str
    niveau: str
    themas: str
    hoe: str


@dataclass(frozen=True)
class Telling:
    """How often somebody read, or something was read."""

    wat: str
    toelichting: str
    aantal: str
    laatste: str


@dataclass(frozen=True)
class Opslagregel:
    """Something that is kept besides deliveries, in words."""

    naam: str
    gegevens: str
    soort: str
    doel: str
    termijnen: tuple[tuple[str, str], ...]
    lezers: str


@dataclass(frozen=True)
class Sleutelregel:
    """One key that opens something now."""

    id: int
    naam: str
    organisatie: str
    rollen: str
    vervalt: str


@dataclass(frozen=True)
class Toezicht:
    """What the role ``privacy`` sees besides."""

    tabellen: Sequence[Bewaartabel]
    opslag: Sequence[Opslagregel]
    per_lezer: Sequence[Telling]
    per_onderwerp: Sequence[Telling]
    meer_onderwerpen: int
    keten: str
    keten_klopt: bool
    verwijderd: Verwijderd
    originelen: Originelen | None
    sleutels: Sequence[Sleutelregel]
    bewaartermijn: str = BEWAARTERMIJN
    dagen: int = DAGEN


@dataclass(frozen=True)
class Privacybeeld:
    """Everything the page shows; ``toezicht`` is None for who is not there to watch."""

    rollen: Sequence[Rolregel]
    toezicht: Toezicht | None


@dataclass(frozen=True)
class Privacyblad:
    """What the page is made of.

    Parameters
    ----------
    tabellen
        What is held, from the contract.
    keten
        The read log.
    sleutels
        The keys.
    verwijdermap
        Folder in which a purge keeps what it did (``serving.pagina.verwijderd``). Need not be
        there.
    nu
        Gives the moment.
    opslag
        What is kept besides deliveries.
    """

    tabellen: Sequence[Bewaartabel] = ()
    keten: Keten | None = None
    sleutels: Sleutelbron | None = None
    verwijdermap: Path | None = None
    nu: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))
    opslag: Sequence[Eigenopslag] = ()

    def describe(self, *, ziet_alles: bool) -> Privacybeeld:
        """Return what the page shows."""
        rollen = tuple(_describe_rol(rol) for rol in (OPENBAAR, *ROLLEN.values()))
        return Privacybeeld(rollen, self._watch() if ziet_alles else None)

    def _watch(self) -> Toezicht:
        nu = self.nu()
        lezers, onderwerpen = self._count(nu)
        klopt, zin = self._check()
        return Toezicht(
            tabellen=self.tabellen,
            opslag=tuple(map(_describe_opslag, self.opslag)),
            per_lezer=lezers,
            per_onderwerp=onderwerpen[:_MAXIMUM],
            meer_onderwerpen=max(0, len(onderwerpen) - _MAXIMUM),
            keten=zin,
            keten_klopt=klopt,
            verwijderd=read_verwijderd(self.verwijdermap),
            originelen=read_originelen(self.verwijdermap),
            sleutels=self._list_sleutels(nu),
        )

    def _count(self, nu: datetime) -> tuple[list[Telling], list[Telling]]:
        per_lezer: dict[tuple[str, str], list[str]] = defaultdict(list)
        per_onderwerp: dict[tuple[str, str], list[str]] = defaultdict(list)
        vanaf = (nu - timedelta(days=DAGEN)).date()
        for regel in self.keten.read(vanaf) if self.keten is not None else ():
            if regel["daad"] not in OVER_EEN_OBJECT:
                continue
            tijd = str(regel["tijd"])
            per_lezer[(str(regel["wie"]), str(regel["rol"]))].append(tijd)
            wat = (
                (f"{regel['niveau']} {regel['object']}", "")
                if regel["object"]
                else (str(regel["wat"]), "lijst of bestand")
            )
            per_onderwerp[wat].append(tijd)
        return _tell(per_lezer), _tell(per_onderwerp)

    def _check(self) -> tuple[bool, str]:
        if self.keten is None:
            return False, "Er is geen leeslog."
        try:
            keuring = self.keten.check()
        except BuurtpeilError as fout:
            return False, fout.gevonden
        if keuring.problemen:
            return False, f"De keten klopt niet: {keuring.problemen[0]}."
        if keuring.aantal == 1:
            return True, "De keten is heel: 1 regel."
        return True, f"De keten is heel: {format_getal(keuring.aantal)} regels sluiten aan."

    def _list_sleutels(self, nu: datetime) -> tuple[Sleutelregel, ...]:
        if self.sleutels is None:
            return ()
        return tuple(
            Sleutelregel(
                sleutel.id,
                sleutel.naam,
                sleutel.organisatie,
                ", ".join(sleutel.rollen),
                format_datum(sleutel.vervalt_op.date().isoformat()),
            )
            for sleutel in self.sleutels.list_sleutels()
            if sleutel.is_geldig(nu)
        )


def _describe_opslag(opslag: Eigenopslag) -> Opslagregel:
    return Opslagregel(
        opslag.naam,
        opslag.gegevens,
        _SOORTEN[opslag.soort],
        opslag.doel,
        tuple((wat.replace("_", " "), regel.replace("_", " ")) for wat, regel in opslag.termijnen),
        opslag.ontvangers.replace("_", " "),
    )


def _describe_rol(rol: Rol) -> Rolregel:
    gebied = "gebied" in rol.bereiken or rol is OPENBAAR
    if not gebied:
        hoe = "geen labels, behalve wat openbaar is"
    elif rol.is_partner:
        hoe = "alleen labels 1 tot en met 5; aantallen afgerond"
    else:
        hoe = "labels met redenen" + (" en waarden" if "indicator" in rol.bereiken else "")
    return Rolregel(
        naam="iedereen" if rol is OPENBAAR else rol.naam.replace("_", " "),
        doel=rol.doel,
        niveau=("complex, buurt, wijk" if rol.niveau == "complex" else "buurt, wijk")
        if gebied
        else "geen",
        themas=("alle" if rol.themas == THEMAS else ", ".join(sorted(rol.themas)))
        if gebied
        else "geen",
        hoe=hoe,
    )


def _tell(per_wat: Mapping[tuple[str, str], Sequence[str]]) -> list[Telling]:
    volgorde = sorted(per_wat.items(), key=lambda paar: (-len(paar[1]), paar[0]))
    return [
        Telling(wat, toelichting, format_getal(len(tijden)), format_datum(max(tijden)[:10]))
        for (wat, toelichting), tijden in volgorde
    ]
