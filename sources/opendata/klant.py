"""Asks a publisher: politely, patiently, and never more than fits.

One request at a time, with our name and version, without cookies, over TLS that is verified. What
may pass (429, 5xx, a line that breaks, a body that is cut short) is asked again, later each time,
or when the publisher says so. A host that is not there is not asked again by the same client.

Belongs here: a request and its answer. Does not belong here: what an answer means (``odata`` and
the modules of the publishers), keeping it (``voorraad``).
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http.cookiejar import DefaultCookiePolicy
from importlib.metadata import version
from pathlib import Path
from types import TracebackType
from typing import Any, Final, NoReturn, Self, TypeVar
from urllib.parse import urlsplit

import httpx2
from tenacity import (
    RetryCallState,
    Retrying,
    retry_if_exception_type,
    stop_after_attempt,
)

from sources.opendata.adres import follow, is_hier
from sources.opendata.fout import AnderAntwoord, BestaatNiet, Onbereikbaar
from sources.opendata.voorraad import Begin, Voorraad

NAAM: Final = f"Buurtpeil/{version('buurtpeil')} (open data; ophalen-open)"
"""By which a publisher knows who asks."""

_T = TypeVar("_T")
_STRAKS: Final = frozenset({408, 425, 429, 500, 502, 503, 504})
_VERDER: Final = frozenset({301, 302, 303, 307, 308})


@dataclass(frozen=True)
class Geduld:
    """How often, how long and how much.

    Parameters
    ----------
    pogingen
        Times that a request is made at most.
    eerste_wacht, langste_wacht
        Seconds before the second time, doubled each next time; and at most. A publisher that asks
        for more than the longest is left alone.
    stilte
        Seconds without a byte after which a line is broken.
    duur
        Seconds that one answer may take.
    maximum_pagina, maximum_bestand
        Bytes of one answer, unzipped.
    verwijzingen
        Redirects that are followed for one request.
    """

    pogingen: int = 5
    eerste_wacht: float = 1.0
    langste_wacht: float = 120.0
    stilte: float = 60.0
    duur: float = 300.0
    maximum_pagina: int = 64 * 1024 * 1024
    maximum_bestand: int = 256 * 1024 * 1024
    verwijzingen: int = 3


class _StraksError(Exception):
    """What may go well later; ``na`` is how many seconds later the publisher says."""

    def __init__(self, wat: str, na: float | None = None, *, is_weg: bool = False) -> None:
        super().__init__(wat)
        self.na = na
        self.is_weg = is_weg


class Klant:
    """Asks publishers, and keeps what they answer.

    Parameters
    ----------
    voorraad
        Where answers are kept.
    geduld
        How often, how long and how much.
    slaap
        Waits a number of seconds.
    nu
        Gives the moment, in UTC.
    opnieuw
        Ask for everything anew, once, also for what is kept.
    """

    def __init__(
        self,
        voorraad: Voorraad,
        geduld: Geduld | None = None,
        *,
        slaap: Callable[[float], None] = time.sleep,
        nu: Callable[[], datetime] = lambda: datetime.now(UTC),
        opnieuw: bool = False,
    ) -> None:
        self.voorraad = voorraad
        self.geduld = geduld or Geduld()
        self._slaap = slaap
        self._nu = nu
        self._opnieuw = opnieuw
        self._weg: dict[str, str] = {}
        self._vers: set[str] = set()
        self._klanten: dict[bool, httpx2.Client] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        soort: type[BaseException] | None,
        fout: BaseException | None,
        spoor: TracebackType | None,
    ) -> None:
        for klant in self._klanten.values():
            klant.close()

    @property
    def moment(self) -> str:
        """Now, in UTC, to the second."""
        return self._nu().isoformat(timespec="seconds")

    def read_json(self, adres: str, plek: str | None = None) -> dict[str, Any]:
        """Return a JSON object.

        Parameters
        ----------
        adres
            What to ask.
        plek
            Where the version of a table is kept that this is part of (``voorraad.place``): what is
            there already is not asked. None = ask whether what is kept is still the same.

        Raises
        ------
        Onbereikbaar
            When the publisher does not answer, however often it is asked.
        AnderAntwoord
            When it does not have this, or answers no JSON object, or too much.
        """
        bewaard = self.voorraad.find(adres, plek or "los")
        is_vers = plek is not None and not self._opnieuw
        if bewaard is not None and (is_vers or adres in self._vers):
            return _parse(bewaard[0].read_bytes(), adres)

        def ask() -> dict[str, Any]:
            koppen = {"accept": "application/json"}
            if bewaard is not None and not self._opnieuw:
                koppen |= _ask_same(bewaard[1].etag, bewaard[1].gewijzigd_op)
            with self._open(adres, koppen) as antwoord:
                if antwoord.status_code == 304 and bewaard is not None:
                    self.voorraad.confirm(adres, self.moment, plek or "los")
                    self._vers.add(adres)
                    return _parse(bewaard[0].read_bytes(), adres)
                self._check_status(antwoord, adres, 200)
                inhoud = b"".join(self._iter_body(antwoord, self.geduld.maximum_pagina))
            try:
                gelezen = _parse(inhoud, adres)
            except AnderAntwoord as fout:
                # A line that closes early looks like this where no length was given.
                raise _StraksError("een antwoord dat geen JSON is") from fout
            self.voorraad.store(adres, inhoud, antwoord.headers, self.moment, plek or "los")
            self._vers.add(adres)
            return gelezen

        return self._retry(adres, ask)

    def fetch_bestand(self, adres: str) -> Path:
        """Return a file as the publisher has it, from the stock when it is still the same.

        A line that breaks is taken up where it broke, also by a later client.

        Raises
        ------
        Onbereikbaar, AnderAntwoord
            As for ``read_json``.
        """
        bewaard = None if self._opnieuw else self.voorraad.find(adres, "bestand")

        def ask() -> Path:
            begin = self.voorraad.find_begin(adres)
            # As it lies there: a part of something zipped on the way is a part of nothing.
            koppen = {"accept-encoding": "identity"}
            if begin.omvang:
                koppen |= {"range": f"bytes={begin.omvang}-", "if-range": begin.kenmerk}
            elif bewaard is not None:
                koppen |= _ask_same(bewaard[1].etag, bewaard[1].gewijzigd_op)
            with self._open(adres, koppen) as antwoord:
                if antwoord.status_code == 304 and bewaard is not None:
                    self.voorraad.confirm(adres, self.moment, "bestand")
                    return bewaard[0]
                if antwoord.status_code == 416:
                    begin.pad.unlink(missing_ok=True)
                    raise _StraksError("een bestand dat korter is dan ervan is opgehaald", 0.0)
                if antwoord.status_code != 206:
                    self._check_status(antwoord, adres, 200)
                    begin = self.voorraad.start_begin(adres, _mark(antwoord.headers))
                elif not _fits(antwoord.headers.get("content-range", ""), begin.omvang):
                    begin.pad.unlink(missing_ok=True)
                    raise _StraksError("een ander deel dan is gevraagd", 0.0)
                _check_lengte(antwoord.headers, adres)
                self._append(antwoord, begin)
                return self.voorraad.finish_begin(adres, antwoord.headers, self.moment)

        return self._retry(adres, ask)

    def _append(self, antwoord: httpx2.Response, begin: Begin) -> None:
        ruimte = self.geduld.maximum_bestand - begin.omvang
        verwacht = antwoord.headers.get("content-length", "")
        if verwacht.isdigit() and int(verwacht) > ruimte:
            _refuse_omvang(str(antwoord.url), self.geduld.maximum_bestand)
        with begin.pad.open("ab") as bestand:
            for blok in self._iter_body(antwoord, ruimte):
                bestand.write(blok)

    def _retry(self, adres: str, ask: Callable[[], _T]) -> _T:
        host = urlsplit(adres).hostname or ""
        if host in self._weg:
            _say_weg(host, self._weg[host])
        try:
            return Retrying(
                stop=stop_after_attempt(self.geduld.pogingen),
                wait=self._find_wacht,
                retry=retry_if_exception_type(_StraksError),
                sleep=self._slaap,
                reraise=True,
            )(ask)
        except _StraksError as fout:
            if fout.is_weg:
                self._weg[host] = str(fout)
            _say_weg(host, str(fout))

    def _find_wacht(self, stand: RetryCallState) -> float:
        """Return how long to wait: as the publisher says, else twice as long each time."""
        fout = stand.outcome.exception() if stand.outcome is not None else None
        if isinstance(fout, _StraksError) and fout.na is not None:
            if fout.na > self.geduld.langste_wacht:
                raise Onbereikbaar(
                    f"De uitgever vraagt om over {fout.na:.0f} seconden terug te komen ({fout}).",
                    verwacht=f"hoogstens {self.geduld.langste_wacht:.0f} seconden",
                    remedie="haal het later opnieuw op; wat al binnen is, wordt niet opnieuw "
                    "gevraagd",
                ) from fout
            return fout.na
        keer: float = self.geduld.eerste_wacht * 2.0 ** (stand.attempt_number - 1)
        return min(keer, self.geduld.langste_wacht)

    @contextmanager
    def _open(self, adres: str, koppen: Mapping[str, str]) -> Iterator[httpx2.Response]:
        """Ask once, and go where the publisher sends us; the body is still to be read."""
        try:
            for _ in range(self.geduld.verwijzingen + 1):
                with self._find_klant(adres).stream("GET", adres, headers=koppen) as antwoord:
                    if antwoord.status_code not in _VERDER:
                        yield antwoord
                        return
                    adres = follow(adres, antwoord.headers.get("location", ""))
        except httpx2.InvalidURL:
            raise AnderAntwoord(
                f"{urlsplit(adres).hostname} verwijst naar iets dat geen adres is.",
                verwacht="een adres op dezelfde site",
                remedie="kijk bij de uitgever of het adres is veranderd",
            ) from None
        except (httpx2.TransportError, httpx2.DecodingError) as fout:
            is_weg = isinstance(fout, httpx2.ConnectError | httpx2.ConnectTimeout)
            raise _StraksError(_describe(fout), is_weg=is_weg) from fout
        raise AnderAntwoord(
            f"{urlsplit(adres).hostname} blijft doorverwijzen.",
            verwacht=f"hoogstens {self.geduld.verwijzingen} verwijzingen",
            remedie="kijk bij de uitgever of het adres is veranderd, en pas de instelling aan",
        )

    def _find_klant(self, adres: str) -> httpx2.Client:
        """Return the client for this machine, which no proxy is for, or for elsewhere."""
        hier = is_hier(adres)
        if hier not in self._klanten:
            klant = httpx2.Client(
                timeout=self.geduld.stilte,
                follow_redirects=False,
                trust_env=not hier,
                headers={"user-agent": NAAM, "accept-encoding": "gzip"},
            )
            klant.cookies.jar.set_policy(DefaultCookiePolicy(allowed_domains=[]))
            self._klanten[hier] = klant
        return self._klanten[hier]

    def _iter_body(self, antwoord: httpx2.Response, ruimte: int) -> Iterator[bytes]:
        """Yield the body, unzipped, as long as it fits and goes on."""
        eind = time.monotonic() + self.geduld.duur
        omvang = 0
        # As it comes: what waits for a block to fill is lost when the line breaks.
        for blok in antwoord.iter_bytes():
            omvang += len(blok)
            if omvang > ruimte:
                _refuse_omvang(str(antwoord.url), ruimte)
            if time.monotonic() > eind:
                raise _StraksError(f"een antwoord dat langer duurt dan {self.geduld.duur:.0f} s")
            yield blok

    def _check_status(self, antwoord: httpx2.Response, adres: str, verwacht: int) -> None:
        status = antwoord.status_code
        if status == verwacht:
            return
        if status in _STRAKS:
            raise _StraksError(f"status {status}", read_retry_after(antwoord.headers, self._nu()))
        soort = BestaatNiet if status in {404, 410} else AnderAntwoord
        raise soort(
            f"{urlsplit(adres).hostname} geeft dit niet (status {status}): {show_adres(adres)}.",
            verwacht="status 200",
            remedie="kijk bij de uitgever of de tabel of het bestand nog bestaat, en of het adres "
            "in de instelling klopt",
        )


def read_retry_after(koppen: Mapping[str, str], nu: datetime) -> float | None:
    """Return how many seconds a publisher asks to wait; None when it does not say.

    Source: RFC 9110 section 10.2.3 (a number of seconds, or a moment).

    Examples
    --------
    >>> read_retry_after({"retry-after": "30"}, datetime(2026, 11, 2, tzinfo=UTC))
    30.0
    """
    tekst = koppen.get("retry-after", "").strip()
    if tekst.isascii() and tekst.isdigit():
        return float(tekst[:9])
    try:
        moment = parsedate_to_datetime(tekst)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - nu).total_seconds())


def show_adres(adres: str) -> str:
    """Return an address for a message: without the question, and not without end."""
    delen = urlsplit(adres)
    return f"{delen.hostname}{delen.path}"[:160]


def _parse(inhoud: bytes, adres: str) -> dict[str, Any]:
    """Parse a JSON object; figures keep the digits that the publisher wrote."""
    try:
        gelezen = json.loads(inhoud, parse_float=str, parse_int=str)
    except (ValueError, RecursionError):
        gelezen = None
    if not isinstance(gelezen, dict):
        raise AnderAntwoord(
            f"{show_adres(adres)} geeft geen JSON-object.",
            verwacht="een antwoord van OData: een JSON-object",
            remedie="kijk bij de uitgever of het adres is veranderd",
        )
    return gelezen


def _ask_same(etag: str, gewijzigd_op: str) -> dict[str, str]:
    koppen = {"if-none-match": etag, "if-modified-since": gewijzigd_op}
    return {naam: waarde for naam, waarde in koppen.items() if waarde}


def _mark(koppen: Mapping[str, str]) -> str:
    """Return by what a publisher knows this very file; a weak mark is none (RFC 9110, 13.1.5)."""
    etag = koppen.get("etag", "")
    return etag if etag.startswith('"') else koppen.get("last-modified", "")


def _check_lengte(koppen: Mapping[str, str], adres: str) -> None:
    """Refuse a file of which nobody could say that it is whole."""
    if "content-length" not in koppen and "transfer-encoding" not in koppen:
        raise AnderAntwoord(
            f"{show_adres(adres)} zegt niet hoe lang het bestand is.",
            verwacht="een antwoord met zijn lengte, of in delen met een einde",
            remedie="haal dit bestand zelf op en leg het bij de leveringen, als het heel is",
        )


def _fits(bereik: str, vanaf: int) -> bool:
    return bereik.startswith(f"bytes {vanaf}-")


def _describe(fout: Exception) -> str:
    """Say in Dutch what went wrong with a line."""
    if isinstance(fout, httpx2.ConnectError | httpx2.ConnectTimeout):
        return "geen verbinding"
    if isinstance(fout, httpx2.TimeoutException):
        return "geen antwoord binnen de tijd"
    return f"de verbinding brak af ({type(fout).__name__})"


def _refuse_omvang(adres: str, ruimte: int) -> NoReturn:
    raise AnderAntwoord(
        f"{show_adres(adres)} geeft meer dan hier past.",
        verwacht=f"hoogstens {ruimte // (1024 * 1024)} MiB",
        remedie="haal dit bestand zelf op en leg het bij de leveringen, als het klopt",
    )


def _say_weg(host: str, wat: str) -> NoReturn:
    raise Onbereikbaar(
        f"{host} is niet te bereiken: {wat}.",
        verwacht=f"een verbinding met {host} (poort 443)",
        remedie="kijk of deze machine naar buiten mag (proxy, firewall) en haal het later opnieuw "
        "op; wat al binnen is, wordt niet opnieuw gevraagd",
    )
