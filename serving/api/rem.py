"""How often somebody may ask: per person, per program, per address, and for keys that are wrong.

One number per who: the moment at which what they asked so far is spread out (GCRA, a leaky
bucket). So a burst of a minute's worth is fine, and after it the mean holds. In the memory of one
process; it starts anew with it. Each worker counts by itself, so of several the limits hold per
worker: who is spread over all of them may ask as many times as much. Wrong keys alone are divided
over the workers (:meth:`Grenzen.share`): that limit is there to keep somebody out, and who has a
good key does not reach it. The library ``limits`` does the same in 13 microseconds per request
and with a thread of its own; here it is half a microsecond, before answers of some fifty.

Belongs here: counting, and whose address it is behind a proxy. Does not belong here: what is
answered (``serving.api.poort``).
"""

from __future__ import annotations

import ipaddress
import math
import time
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, replace
from typing import Final

from starlette.types import Scope

from vera.errors import GebruikFout
from vera.toegang import Lezer

MINUUT: Final = 60.0
MAXIMUM_WIE: Final = 50_000

ONDERZOEK: Final = 120
"""Tokens a minute that are still examined of an address from which too many did not hold."""

_Net = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True)
class Grenzen:
    """How many requests a minute; 0 is without a limit.

    Parameters
    ----------
    mens
        For who is logged in at the page.
    programma
        For who shows a key or a token.
    adres
        For an address from which nobody said who they are.
    mislukt
        Keys and tokens that do not hold, per address.
    proxies
        Addresses and networks of proxies; only they are believed when they say for whom they ask.
    """

    mens: int = 600
    programma: int = 60_000
    adres: int = 600
    mislukt: int = 30
    proxies: tuple[_Net, ...] = ()

    def share(self, werkers: int) -> Grenzen:
        """Return the limits of one of so many workers; keys that do not hold are divided."""
        return replace(self, mislukt=-(-self.mislukt // max(1, werkers)))

    def __post_init__(self) -> None:
        if min(self.mens, self.programma, self.adres, self.mislukt) < 0:
            raise GebruikFout(
                "Een grens aan het aantal aanvragen is kleiner dan nul.",
                verwacht="een aantal per minuut; 0 = geen grens",
                remedie="verbeter BUURTPEIL_GRENS_…",
            )


def parse_proxies(tekst: str) -> tuple[_Net, ...]:
    """Read addresses and networks, with commas in between.

    Raises
    ------
    GebruikFout
        When one of them is neither.

    Examples
    --------
    >>> [str(net) for net in parse_proxies("10.0.0.7, 192.168.0.0/16")]
    ['10.0.0.7/32', '192.168.0.0/16']
    """
    try:
        return tuple(
            ipaddress.ip_network(deel)
            for deel in filter(None, (stuk.strip() for stuk in tekst.split(",")))
        )
    except ValueError as fout:
        raise GebruikFout(
            "BUURTPEIL_PROXIES is niet te lezen.",
            verwacht="adressen of netwerken met komma's ertussen, zoals 10.0.0.7,10.1.0.0/24",
            remedie="zet er de adressen in van de proxy's die voor de dienst staan",
        ) from fout


class Teller:
    """Counts requests per who.

    Parameters
    ----------
    per_minuut
        How many; 0 = as many as they like.
    klok
        Gives seconds that only go forward.
    maximum
        Of how many it remembers anything.
    """

    def __init__(
        self,
        per_minuut: int,
        klok: Callable[[], float] = time.monotonic,
        maximum: int = MAXIMUM_WIE,
    ) -> None:
        self._stap = MINUUT / per_minuut if per_minuut else 0.0
        self._klok = klok
        self._maximum = maximum
        self._tot: dict[Hashable, float] = {}

    def admit(self, wie: Hashable) -> int:
        """Count one request; return 0, or after how many seconds the next one is taken."""
        stap = self._stap
        if not stap:
            return 0
        nu = self._klok()
        tot = self._tot.get(wie, nu)
        tot = (tot if tot > nu else nu) + stap
        if (over := tot - nu - MINUUT) > 1e-9:
            return max(1, math.ceil(over))
        if len(self._tot) >= self._maximum and wie not in self._tot:
            self._forget(nu)
        self._tot[wie] = tot
        return 0

    def wait(self, wie: Hashable) -> int:
        """Return after how many seconds the next one is taken, without counting; 0 = now."""
        nu = self._klok()
        over = self._tot.get(wie, nu) + self._stap - nu - MINUUT
        return max(1, math.ceil(over)) if self._stap and over > 1e-9 else 0

    def _forget(self, nu: float) -> None:
        # A copy in one step: the login form counts in another thread.
        over = {wie: tot for wie, tot in self._tot.copy().items() if tot > nu}
        for oud in list(over)[: len(over) - self._maximum * 9 // 10]:
            del over[oud]
        self._tot = over


class Rem:
    """Decides whether a request is one too many.

    Parameters
    ----------
    grenzen
        How many a minute.
    klok
        Gives seconds that only go forward.
    """

    def __init__(self, grenzen: Grenzen, klok: Callable[[], float] = time.monotonic) -> None:
        self._proxies = grenzen.proxies
        self._mens = Teller(grenzen.mens, klok)
        self._programma = Teller(grenzen.programma, klok)
        self._adres = Teller(grenzen.adres, klok)
        self._mislukt = Teller(grenzen.mislukt, klok)
        self._onderzoek = Teller(ONDERZOEK, klok)

    def admit(self, scope: Scope, lezer: Lezer, *, toont_sleutel: bool) -> int:
        """Count a request; return 0, or after how many seconds the next one is taken.

        Parameters
        ----------
        scope
            Of the connection.
        lezer
            Who asks.
        toont_sleutel
            Whether they show a key or token, good or not.
        """
        if lezer.naam is not None:
            wie = (lezer.organisatie, lezer.naam)
            return (self._programma if toont_sleutel else self._mens).admit(wie)
        if lezer.rollen:
            return 0  # who sits at this machine, which nothing else reaches
        adres = self.find_adres(scope)
        if toont_sleutel and (seconden := self._mislukt.admit(adres)):
            return seconden
        return self._adres.admit(adres)

    def wait_after_failures(self, scope: Scope) -> int:
        """Return for how many seconds an address must not try another key; 0 = it may."""
        return self._mislukt.wait(self.find_adres(scope))

    def admit_onderzoek(self, scope: Scope) -> int:
        """Count a token to examine; return 0, or after how many seconds the next one is taken.

        An address from which few did not hold waits for nothing. Of another, some are looked at
        still: somebody with a good token may be behind the same one.
        """
        adres = self.find_adres(scope)
        return self._onderzoek.admit(adres) if self._mislukt.wait(adres) else 0

    def note_failure(self, scope: Scope) -> None:
        """Count a key that did not hold."""
        self._mislukt.admit(self.find_adres(scope))

    def find_adres(self, scope: Scope) -> str:
        """Return from where a request comes; of IPv6 the network that one subscriber has.

        A proxy that is named in the settings is believed about who asks it; what stands before
        that in the header may be made up.
        """
        adres = str((scope.get("client") or ("",))[0])
        if self._proxies and self._is_proxy(adres):
            keten = b",".join(w for n, w in scope["headers"] if n == b"x-forwarded-for")
            for stap in reversed(keten.decode("latin-1").split(",")):
                naam = _strip_poort(stap.strip())
                if _parse(naam) is None:
                    break
                adres = naam
                if not self._is_proxy(adres):
                    break
        if ":" not in adres:
            return adres
        ip = _parse(adres)
        if not isinstance(ip, ipaddress.IPv6Address):
            return adres
        if ip.ipv4_mapped is not None:
            return str(ip.ipv4_mapped)
        return str(ipaddress.IPv6Network((ip, 64), strict=False))

    def _is_proxy(self, adres: str) -> bool:
        ip = _parse(adres)
        return ip is not None and _is_in(ip, self._proxies)


def _strip_poort(stap: str) -> str:
    """Return an address without the port that some proxies write with it, nor ``[..]`` around it.

    Or whoever comes by such a proxy would have its address, all of them one.
    """
    if stap.startswith("["):
        naam, haak, rest = stap[1:].partition("]")
        heel = haak and (not rest or (rest[0] == ":" and rest[1:].isdecimal()))
        return naam if heel else stap
    naam, _, poort = stap.partition(":")
    return naam if poort.isdecimal() else stap


def _parse(adres: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(adres)
    except ValueError:
        return None


def _is_in(ip: ipaddress.IPv4Address | ipaddress.IPv6Address, netten: Iterable[_Net]) -> bool:
    return any(ip.version == net.version and ip in net for net in netten)
