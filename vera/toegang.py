"""Who may read and do what: every role with its purpose, level, themes and scopes, in one table.

Belongs here: the facts. Does not belong here: finding out who asks (``serving.api.toegang``), nor
what a scope opens (the routes and commands name it themselves). What is not in this table is
refused.

Source: design paper on trust, "Access"; AVG art. 5.1.b and 25.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Final, Literal, get_args

Bereik = Literal[
    "openbaar",
    "gebied",
    "complex",
    "indicator",
    "export",
    "wat_als",
    "duiding",
    "overlast",
    "woonfraude",
    "werklijst_overlast",
    "werklijst_woonfraude",
    "budget",
    "initiatief_lezen",
    "initiatief_vastleggen",
    "signaal_melden",
    "signaal_opvolgen",
    "signaal_telling",
    "privacy",
    "beheer",
]
"""What a route or command asks for."""

BEREIKEN: Final[Mapping[Bereik, str]] = MappingProxyType(
    {
        "openbaar": "methode, modellen, versheid en afgeronde labels per buurt en wijk",
        "gebied": "labels per buurt en wijk",
        "complex": "labels per complex, met redenen en geschiedenis",
        "indicator": "waarden van indicatoren",
        "export": "bestanden met alles wat de rol mag zien",
        "wat_als": "andere gewichten proberen",
        "duiding": "een duiding vastleggen, bevestigen of intrekken",
        "overlast": "kans op escalatie van overlast per complex",
        "woonfraude": "kans dat een onderzoek naar woonfraude iets vindt, per complex",
        "werklijst_overlast": "werklijst overlast: beoordelen, besluiten, uitkomst",
        "werklijst_woonfraude": "werklijst woonfraude: beoordelen, besluiten, uitkomst",
        "budget": "budgetvoorstel",
        "initiatief_lezen": "bewonersinitiatieven lezen",
        "initiatief_vastleggen": "een bewonersinitiatief vastleggen",
        "signaal_melden": "een Sociaal Signaal melden en de stand van de eigen melding zien",
        "signaal_opvolgen": "Sociale Signalen lezen en opvolgen",
        "signaal_telling": "aantallen Sociale Signalen per buurt, vanaf tien",
        "privacy": "wat er wordt bewaard, waarvoor, hoe lang, wie het las, wat is verwijderd",
        "beheer": "sleutels, metingen, modellen stilzetten",
    }
)

Niveau = Literal["buurt", "complex"]
"""Finest grain that a role sees; whoever sees complexes sees buurten and wijken as well."""

THEMAS: Final = frozenset({"TOT", "SHV", "OVL", "FIN", "SOC", "LFB"})

BEPERKT: Final[frozenset[Bereik]] = frozenset(
    {
        "complex",
        "indicator",
        "export",
        "overlast",
        "woonfraude",
        "werklijst_overlast",
        "werklijst_woonfraude",
        "signaal_opvolgen",
        "signaal_telling",
        "privacy",
    }
)
"""Scopes of which every read goes into the read log."""


@dataclass(frozen=True)
class Rol:
    """One role.

    Parameters
    ----------
    naam
        As a token, a key or a provider names it.
    doel
        What it may use the figures for, as a reader and the processing register say it.
    niveau
        Finest grain of labels.
    themas
        Codes of the themes it sees; TOT is the total.
    bereiken
        What it may read and do.
    is_partner
        Whether it is of another organisation: then it sees labels 1 to 5, and rounded counts.
    """

    naam: str
    doel: str
    niveau: Niveau
    themas: frozenset[str]
    bereiken: frozenset[Bereik]
    is_partner: bool = False


def _rol(
    naam: str,
    doel: str,
    bereiken: str,
    *,
    niveau: Niveau = "complex",
    themas: Iterable[str] = THEMAS,
    is_partner: bool = False,
) -> Rol:
    namen = frozenset(bereiken.split()) | {"openbaar"}
    vreemd = namen - set(get_args(Bereik))
    if vreemd:
        raise ValueError(f"role {naam} names unknown scopes: {sorted(vreemd)}")
    # The two ways to look at a release (``Zicht``) rest on this.
    if "complex" in namen and (niveau != "complex" or is_partner or set(themas) != THEMAS):
        raise ValueError(f"role {naam} sees complexes, so it is ours and sees every theme")
    if namen & {"indicator", "export", "wat_als"} and not namen >= {"complex", "indicator"}:
        raise ValueError(f"role {naam} gets values, so it must see complexes and indicators")
    if "gebied" in namen and "complex" not in namen and not is_partner:
        raise ValueError(f"role {naam} sees areas only, so it must see them as a partner does")
    return Rol(naam, doel, niveau, frozenset(themas), namen, is_partner)  # type: ignore[arg-type]


_LEZEN = "gebied complex indicator export wat_als initiatief_lezen"
_EIGEN = "signaal_melden"  # own staff report with the same form as contractors
_LEEFBAAR = ("TOT", "SHV", "LFB")

OPENBAAR: Final = _rol(
    "openbaar",
    "Kunnen nagaan hoe het label werkt",
    "",
    niveau="buurt",
    themas=("TOT", "LFB"),
    is_partner=True,
)
"""Whoever did not say who they are. Its themes are those that every partner sees: a partner who
logs out must not see more than before."""

_ROLLEN: Final = (
    _rol("lezer", "Zien waar de beheeropgave groot is", f"{_LEZEN} {_EIGEN}"),
    _rol(
        "wijkbeheer",
        "Vroeg zien waar het wijkbeheer naartoe moet",
        f"{_LEZEN} {_EIGEN} overlast werklijst_overlast duiding initiatief_vastleggen",
    ),
    _rol(
        "gebiedsmanager",
        "Inzet en budget verdelen",
        f"{_LEZEN} {_EIGEN} overlast duiding budget initiatief_vastleggen signaal_telling",
    ),
    _rol(
        "woonfraude",
        "Kiezen waar naar woonfraude wordt gekeken, en haar voorkomen",
        f"woonfraude werklijst_woonfraude {_EIGEN}",
        niveau="buurt",
        themas=(),
    ),
    _rol(
        "sociaal_team",
        "Bewoners bereiken die hulp nodig kunnen hebben",
        f"gebied complex initiatief_lezen signaal_opvolgen signaal_telling {_EIGEN}",
    ),
    _rol(
        "melder",
        "Een Sociaal Signaal doorgeven",
        "signaal_melden",
        niveau="buurt",
        themas=(),
    ),
    _rol(
        "privacy",
        "Toezien op de omgang met persoonsgegevens",
        "privacy",
        niveau="buurt",
        themas=(),
    ),
    _rol(
        "beheer",
        "Het platform laten werken",
        "beheer",
        niveau="buurt",
        themas=(),
    ),
    _rol(
        "zorg_welzijn",
        "Zorg en welzijn brengen waar de sociale opgave groot is",
        "gebied initiatief_lezen signaal_telling",
        niveau="buurt",
        themas=("TOT", "SOC", "OVL", "LFB"),
        is_partner=True,
    ),
    _rol(
        "onderwijs",
        "Samen optrekken rond scholen en jeugd in de buurt",
        "gebied initiatief_lezen",
        niveau="buurt",
        themas=("TOT", "SOC", "SHV", "LFB"),
        is_partner=True,
    ),
    _rol(
        "ondernemer",
        "Samen zorgen voor een schone en prettige winkelstraat",
        "gebied initiatief_lezen",
        niveau="buurt",
        themas=_LEEFBAAR,
        is_partner=True,
    ),
    _rol(
        "politie",
        "Samen zorgen voor veiligheid in de buurt",
        "gebied",
        niveau="buurt",
        themas=(*_LEEFBAAR, "OVL"),
        is_partner=True,
    ),
    _rol(
        "gemeente",
        "Gebiedsaanpak en voorzieningen afstemmen",
        "gebied initiatief_lezen signaal_telling",
        niveau="buurt",
        themas=("TOT", "SHV", "OVL", "SOC", "LFB"),
        is_partner=True,
    ),
)

ROLLEN: Final[Mapping[str, Rol]] = MappingProxyType({rol.naam: rol for rol in _ROLLEN})
"""Every role that somebody can be given, by name."""


Inzage = Literal["alles", "zonder_waarden", "labels"]
"""How much of the figures: everything, everything but values of indicators, or labels alone."""


@dataclass(frozen=True)
class Zicht:
    """What a reader sees of a release, whatever they ask for.

    ``labels`` is labels 1 to 5 of buurten and wijken, and rounded counts: no complex, no score,
    share, chance or value. The other two have no theme left out.
    """

    inzage: Inzage
    themas: frozenset[str]


@dataclass(frozen=True)
class Lezer:
    """Who asks: a name for the log, an organisation, and the roles they have.

    ``naam`` is None when nobody said who they are; ``rollen`` is empty then, unless the place
    they sit at gives some.
    """

    naam: str | None
    rollen: tuple[Rol, ...] = ()
    organisatie: str | None = None

    @cached_property
    def bereiken(self) -> frozenset[Bereik]:
        """Everything that any of the roles, or anybody at all, may read or do."""
        return frozenset().union(*(rol.bereiken for rol in (OPENBAAR, *self.rollen)))

    def may(self, bereik: Bereik) -> bool:
        """Return whether any of the roles, or anybody at all, has this scope."""
        return bereik in self.bereiken

    @cached_property
    def zicht(self) -> Zicht:
        """What this reader sees of a release."""
        gebieden = [rol for rol in self.rollen if "gebied" in rol.bereiken]
        themas = frozenset().union(*(rol.themas for rol in (OPENBAAR, *gebieden)))
        if not self.may("complex"):
            return Zicht("labels", themas)
        return Zicht("alles" if self.may("indicator") else "zonder_waarden", themas)

    @cached_property
    def ziet_alles(self) -> bool:
        """Whether nothing is left out of a release for this reader."""
        return self.zicht.inzage == "alles"

    @property
    def niveau(self) -> Niveau:
        """The finest grain of labels that this reader sees."""
        return "complex" if self.may("complex") else "buurt"

    @property
    def is_partner(self) -> bool:
        """Whether no role shows labels to an own colleague: labels alone, and rounded counts."""
        return all(rol.is_partner for rol in self.rollen if "gebied" in rol.bereiken)

    @property
    def themas(self) -> frozenset[str]:
        """The themes that this reader sees."""
        return self.zicht.themas

    @property
    def doelen(self) -> tuple[str, ...]:
        """What the roles are for."""
        return tuple(rol.doel for rol in self.rollen)

    def find_rol(self, bereik: Bereik) -> Rol:
        """Return the role by which this reader has a scope, for saying the purpose.

        Raises
        ------
        KeyError
            When the reader has no such scope.
        """
        for rol in (*self.rollen, OPENBAAR):
            if bereik in rol.bereiken:
                return rol
        raise KeyError(f"no role with scope {bereik}")


NIEMAND: Final = Lezer(None)
"""Who did not say who they are."""


def find_rollen(namen: Iterable[str]) -> tuple[Rol, ...]:
    """Return the roles of these names, in the table's order.

    Raises
    ------
    KeyError
        When a name is not a role: nothing is guessed.

    Examples
    --------
    >>> [rol.naam for rol in find_rollen(["politie", "lezer"])]
    ['lezer', 'politie']
    >>> Lezer("agent", find_rollen(["politie"])).may("overlast")
    False
    """
    gevraagd = set(namen)
    vreemd = sorted(gevraagd - set(ROLLEN))
    if vreemd:
        raise KeyError(f"unknown roles: {', '.join(vreemd)}")
    return tuple(rol for naam, rol in ROLLEN.items() if naam in gevraagd)
