"""What is agreed with an OpenID provider, and what its claims mean here.

Belongs here: the settings as one checked value, and reading a role and a name from claims. Does
not belong here: whether the claims are true (``serving.aanmelding.bewijs``).

Source: OpenID Connect Core 1.0; RFC 9068 (access tokens).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final
from urllib.parse import urlsplit

from serving.leesbaar import check_zichtbaar
from vera.errors import GebruikFout
from vera.toegang import ROLLEN, Lezer, Rol, find_rollen

MAXIMUM_NAAM: Final = 80
"""Characters; as long as a name in the read log may be."""

_HIER: Final = frozenset({"127.0.0.1", "::1", "localhost"})


@dataclass(frozen=True)
class Beleid:
    """What is agreed with the provider.

    Parameters
    ----------
    uitgever
        The issuer, exactly as the provider's tokens name it.
    rollen
        Names of the provider, each with the names of our roles.
    audience
        What an access token must be meant for; None = no tokens are taken at the API. Never the
        same as ``client_id``: for that an id token is meant, and not every provider marks those
        so that they can be told from a permission to read.
    client_id
        Under which the provider knows the page; None = nobody logs in there.
    client_geheim
        Secret of the page at the provider; None = a public client, with PKCE alone.
    rollen_claim
        Where the roles are: the name of a claim, or a path with dots.
    naam_claim
        Who somebody is, for the read log. No e-mail address unless it is asked for.
    naam
        What people call the provider; also the organisation of who comes from there.
    scope
        What the page asks of the provider.
    """

    uitgever: str
    rollen: Mapping[str, tuple[str, ...]]
    audience: str | None = None
    client_id: str | None = None
    client_geheim: str | None = field(default=None, repr=False)
    rollen_claim: str = "roles"
    naam_claim: str = "sub"
    naam: str = "uw organisatie"
    scope: str = "openid"

    def __post_init__(self) -> None:
        check_adres(self.uitgever, "BUURTPEIL_OIDC_ISSUER")
        vreemd = sorted({rol for rollen in self.rollen.values() for rol in rollen} - set(ROLLEN))
        if vreemd or not self.rollen:
            raise GebruikFout(
                f"Deze rol bestaat niet: {', '.join(vreemd)}."
                if vreemd
                else "Er staat niet welke rol van de aanbieder welke rol hier is.",
                verwacht=f"naam-bij-de-aanbieder=rol, met een rol uit {', '.join(ROLLEN)}",
                remedie="zet BUURTPEIL_OIDC_ROLLEN; zie docs/runbooks/aanmelden-entra-id.md",
            )
        if self.audience is None and self.client_id is None:
            raise GebruikFout(
                "Er is een aanbieder, maar niemand kan zich bij hem aanmelden.",
                verwacht="BUURTPEIL_OIDC_AUDIENCE voor de API, BUURTPEIL_OIDC_CLIENT_ID voor de "
                "pagina, of allebei",
                remedie="zet er een, of haal BUURTPEIL_OIDC_ISSUER weg",
            )
        if self.audience is not None and self.audience == self.client_id:
            raise GebruikFout(
                "De API en de pagina heten bij de aanbieder hetzelfde. Dan opent een id-token, dat "
                "alleen zegt wie zich aanmeldde, ook de API.",
                verwacht="een eigen audience voor de API, anders dan BUURTPEIL_OIDC_CLIENT_ID",
                remedie="maak bij de aanbieder een aparte registratie voor de API en zet haar "
                "audience in BUURTPEIL_OIDC_AUDIENCE; zie docs/runbooks/aanmelden-entra-id.md",
            )
        if not 0 < len(self.naam.strip()) <= MAXIMUM_NAAM or check_zichtbaar(self.naam):
            raise GebruikFout(
                "Zo kan de aanbieder niet heten.",
                verwacht=f"1 tot {MAXIMUM_NAAM} zichtbare tekens",
                remedie="verbeter BUURTPEIL_OIDC_NAAM",
            )
        if "openid" not in self.scope.split():
            raise GebruikFout(
                "Zonder scope openid zegt de aanbieder niet wie zich aanmeldt.",
                verwacht="namen met een spatie ertussen, waaronder openid",
                remedie="verbeter BUURTPEIL_OIDC_SCOPE",
            )

    @property
    def is_hier(self) -> bool:
        """Whether the provider is at this machine, where nobody listens in."""
        return urlsplit(self.uitgever).hostname in _HIER

    def make_lezer(self, naam: str, rollen: tuple[Rol, ...]) -> Lezer:
        """Return who came from this provider."""
        return Lezer(naam, rollen, self.naam)


def check_adres(adres: str, wat: str, *, is_hier: bool | None = None) -> str:
    """Return an address of the provider when nobody can listen in.

    Parameters
    ----------
    adres
        The address.
    wat
        What it is, for the message.
    is_hier
        Whether plain http is taken, which it is for this machine alone; None = when the address
        is of this machine.

    Raises
    ------
    GebruikFout
        When it is not https (or http at this machine), or holds a name, a query or a fragment.
    """
    try:
        delen = urlsplit(adres)
        naam, _ = delen.hostname, delen.port
    except ValueError:
        naam, delen = None, urlsplit("")
    plat = naam in _HIER and is_hier is not False
    goed = naam is not None and (delen.scheme == "https" or (delen.scheme == "http" and plat))
    if (
        not goed
        or delen.username is not None
        or delen.fragment
        or not adres.isascii()
        or not adres.isprintable()
        or " " in adres
    ):
        raise GebruikFout(
            f"{wat} is geen veilig adres: {adres[:120]!r}.",
            verwacht="https://… (http:// mag alleen op deze machine zelf)",
            remedie="neem het adres over uit de instellingen van de aanbieder",
        )
    return adres


def parse_rollen(tekst: str) -> Mapping[str, tuple[str, ...]]:
    """Read which name of the provider is which role here.

    Raises
    ------
    GebruikFout
        When a part is not ``name=role``. Whether the roles exist is checked with the rest.

    Examples
    --------
    >>> dict(parse_rollen("SBL.Lezer=lezer, SBL.Wijk=wijkbeheer, SBL.Wijk=lezer"))
    {'SBL.Lezer': ('lezer',), 'SBL.Wijk': ('wijkbeheer', 'lezer')}
    """
    gevonden: dict[str, tuple[str, ...]] = {}
    for deel in filter(None, (stuk.strip() for stuk in tekst.split(","))):
        naam, is_, rol = (stuk.strip() for stuk in deel.rpartition("="))
        if not (naam and is_ and rol):
            raise GebruikFout(
                f"Dit deel van BUURTPEIL_OIDC_ROLLEN is niet te lezen: {deel[:60]}.",
                verwacht="naam-bij-de-aanbieder=rol, met komma's ertussen",
                remedie="zie docs/runbooks/aanmelden-entra-id.md",
            )
        gevonden[naam] = (*gevonden.get(naam, ()), rol)
    return MappingProxyType(gevonden)


def has_claim(claims: Mapping[str, Any], pad: str) -> bool:
    """Tell whether there is anything at a path."""
    return find_claim(claims, pad) is not None


def find_claim(claims: Mapping[str, Any], pad: str) -> Any:
    """Return what is at a path: the claim of that whole name, else step by step.

    Examples
    --------
    >>> find_claim({"realm_access": {"roles": ["a"]}}, "realm_access.roles")
    ['a']
    >>> find_claim({"https://x.example/roles": ["b"]}, "https://x.example/roles")
    ['b']
    """
    if pad in claims:
        return claims[pad]
    plek: Any = claims
    for deel in pad.split("."):
        if not isinstance(plek, Mapping) or deel not in plek:
            return None
        plek = plek[deel]
    return plek


def read_rollen(beleid: Beleid, claims: Mapping[str, Any]) -> tuple[Rol, ...]:
    """Return the roles that claims give.

    Only a list of texts counts, and only a name that is written here, sign by sign: no capitals
    are ignored and no spaces taken off. A claim that holds anything else gives nothing at all.
    """
    namen = find_claim(claims, beleid.rollen_claim)
    if not isinstance(namen, list) or not all(isinstance(naam, str) for naam in namen):
        return ()
    return find_rollen(rol for naam in namen for rol in beleid.rollen.get(naam, ()))


def read_naam(beleid: Beleid, claims: Mapping[str, Any]) -> str | None:
    """Return who somebody is, for the read log; None when the claims do not say it readably."""
    naam = find_claim(claims, beleid.naam_claim)
    if not isinstance(naam, str) or naam != naam.strip():
        return None
    return naam if 0 < len(naam) <= MAXIMUM_NAAM and check_zichtbaar(naam) is None else None
