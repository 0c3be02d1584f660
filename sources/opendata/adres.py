"""Where the publishers are, and to which addresses a publisher may send us on.

The defaults are the publishers' public addresses. An address that a publisher gives (a next page,
a redirect) is followed only on its own site, never from TLS to plain text, and never with a name
or password in it.
"""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import ip_address
from typing import Final
from urllib.parse import SplitResult, urljoin, urlsplit

from sources.opendata.fout import AnderAntwoord
from vera.errors import GebruikFout

CBS: Final = "https://datasets.cbs.nl/odata/v1/CBS"
"""OData version 4 of CBS: catalogue and tables."""
CBS_V3: Final = "https://opendata.cbs.nl"
"""OData version 3 of CBS, for tables that version 4 does not have."""
POLITIE: Final = "https://dataderden.cbs.nl"
"""Where CBS serves the tables of data.politie.nl, in OData version 3."""
LEEFBAAROMETER: Final = (
    "https://www.leefbaarometer.nl/resources/open-data-leefbaarometer-meting-2024.zip"
)
"""The file with the scores of all editions."""


@dataclass(frozen=True)
class Adressen:
    """Where each publisher is.

    Parameters
    ----------
    cbs, cbs_v3, politie
        Begin of the addresses of an API, without a slash at the end.
    leefbaarometer
        The file itself.
    wijkprofiel
        The file itself, with ``{jaar}`` and ``{soort}`` (``vi``, ``si``, ``fi_obj``, ``fi_subj``)
        in it; empty = not fetched. The city has no address for it that stays.
    """

    cbs: str = CBS
    cbs_v3: str = CBS_V3
    politie: str = POLITIE
    leefbaarometer: str = LEEFBAAROMETER
    wijkprofiel: str = ""


def is_hier(adres: str) -> bool:
    """Tell whether an address is on this machine."""
    host = urlsplit(adres).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def check_adres(adres: str, instelling: str) -> str:
    """Return an address of a setting, without a slash at the end.

    Raises
    ------
    GebruikFout
        When it is not ``https://``, but for this machine itself, or holds a name or password.
    """
    delen = _split(adres)
    if delen is None or (delen.scheme == "http" and not is_hier(adres)):
        raise GebruikFout(
            f"{instelling} is geen adres dat met https:// begint.",
            verwacht="het adres van de uitgever, met https:// en zonder naam of wachtwoord",
            remedie=f"verbeter {instelling}, of haal de instelling weg voor het gewone adres",
        )
    return adres.rstrip("/")


def follow(van: str, naar: str) -> str:
    """Return the address to which a publisher sends us on, made whole.

    Parameters
    ----------
    van
        What was asked.
    naar
        What the publisher gives; may be relative.

    Raises
    ------
    AnderAntwoord
        When that is not on the publisher's own site.
    """
    try:
        doel = urljoin(van, naar)
    except ValueError:
        doel = ""
    begin, eind = urlsplit(van), _split(doel)
    if eind is not None and begin.scheme == "https" and eind.scheme == "http":
        # CBS writes next pages without TLS; they are there with it.
        if eind.port is None:
            eind = eind._replace(scheme="https")
            doel = eind.geturl()
        else:
            eind = None
    if eind is None or not _is_same_site(begin, eind):
        raise AnderAntwoord(
            f"{begin.hostname} verwijst naar een adres buiten zijn eigen site.",
            verwacht=f"een adres op {begin.hostname}, met TLS",
            remedie="kijk bij de uitgever of het adres is veranderd, en pas de instelling aan",
        )
    return doel


def _split(adres: str) -> SplitResult | None:
    """Return the parts of an address that may be asked; None when it is none."""
    try:
        delen = urlsplit(adres)
        _ = delen.port  # raises for what is no number
    except ValueError:
        return None
    vreemd = delen.username is not None or delen.password is not None
    return None if vreemd or delen.scheme not in {"http", "https"} or not delen.hostname else delen


def _is_same_site(een: SplitResult, ander: SplitResult) -> bool:
    """Tell whether two hosts are one, or names under the same domain (``*.cbs.nl``)."""
    if een.hostname == ander.hostname:
        return een.scheme == ander.scheme and _port(een) == _port(ander)
    if een.scheme != "https" or any(_is_nummer(delen.hostname or "") for delen in (een, ander)):
        return False
    domeinen = [tuple((delen.hostname or "").split(".")[-2:]) for delen in (een, ander)]
    return domeinen[0] == domeinen[1] and len(domeinen[0]) == 2 and _port(ander) == 443


def _is_nummer(host: str) -> bool:
    """Tell whether a host is no name: numbers have no domain."""
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _port(delen: SplitResult) -> int:
    return delen.port or (443 if delen.scheme == "https" else 80)
