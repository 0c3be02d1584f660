"""What API and page share: who reports, how often they may, and where it is about."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from starlette.requests import Request
from starlette.types import Scope

from serving.api.rem import Grenzen
from serving.api.rem import Rem as Aanvraagrem
from serving.api.toegang import lezer_of
from serving.pagina.plek import Plek, list_plekken
from serving.release.winkel import Uitgave, Winkel
from serving.signaal.regels import Beleid, OngeldigSignaal, Voorstel, admit
from serving.signaal.register import Signaalregister, Stand
from serving.signaal.rem import Rem

ONBEKEND_COMPLEX = "staat niet in de lijst van complexen"


class TeVaak(Exception):
    """Too many reports in a short time.

    Parameters
    ----------
    seconden
        After how many the next one is taken.
    """

    def __init__(self, seconden: int) -> None:
        self.seconden = seconden
        super().__init__(f"try again after {seconden} s")


class Signaaldienst:
    """Takes reports for API and page.

    Parameters
    ----------
    register
        The store.
    winkel
        Door to the current release, for the list of complexes.
    rem
        How often somebody may report.
    find_adres
        Says from where a request comes; proxies are not believed when left out.
    """

    def __init__(
        self,
        register: Signaalregister,
        winkel: Winkel,
        rem: Rem | None = None,
        *,
        find_adres: Callable[[Scope], str] | None = None,
    ) -> None:
        self.register = register
        self.winkel = winkel
        self._rem = rem or Rem()
        self._find_adres = find_adres or Aanvraagrem(Grenzen()).find_adres

    @property
    def beleid(self) -> Beleid:
        """What this association allows."""
        return self.register.beleid

    def take(self, aanvraag: Request, voorstel: Voorstel) -> Stand:
        """Record a report.

        Raises
        ------
        TeVaak
            When this reporter must wait.
        NuGevaar, OngeldigSignaal
            When the rules refuse it.
        SignalenFout, GebruikFout
            When the store cannot be written.
        """
        lezer = lezer_of(aanvraag)
        melder = lezer.naam or self._find_adres(aanvraag.scope)
        if seconden := self._rem.admit(melder):
            raise TeVaak(seconden)
        plek = self._find_plek(voorstel.complex_id)
        voorstel = replace(voorstel, buurt_id=plek.buurt_id if plek else "")
        if lezer.organisatie:
            voorstel = replace(voorstel, organisatie=lezer.organisatie, is_organisatie_bekend=True)
        if voorstel.complex_id and plek is None:
            # The other fields are looked at as well: all errors at once.
            raise OngeldigSignaal({**self._judge(voorstel), "complexId": ONBEKEND_COMPLEX})
        return self.register.add(voorstel, lezer.naam)

    def _judge(self, voorstel: Voorstel) -> Mapping[str, str]:
        try:
            admit(voorstel, self.beleid)
        except OngeldigSignaal as fout:
            return fout.fouten
        return {}

    def _find_plek(self, complex_id: str) -> Plek | None:
        return list_plekken(self.winkel.current()).get(complex_id)


def name_buurten(uitgave: Uitgave) -> Mapping[str, str]:
    """Return the names of buurten by id."""
    rijen: list[Any] = uitgave.query(
        "select beheerobject_id, naam from lijst where niveau = 'buurt'"
    )
    return dict(rijen)
