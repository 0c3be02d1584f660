"""Sessions of who came by the provider: a sealed cookie; kept is only which ones were ended.

It holds who they are, with which roles of ours, and until when; no token. It is another kind than
the session of a key (``serving.toegang.kast``), which names that key and ends with it.
"""

from __future__ import annotations

import base64
import hmac
import json
import secrets
import time
from collections.abc import Callable
from typing import Final

from serving.aanmelding.beleid import Beleid
from serving.aanmelding.voorraad import Voorraad
from serving.toegang.afmelding import Afmeldingen
from serving.toegang.kast import SESSIE_SECONDEN
from vera.toegang import ROLLEN, Lezer, Rol, find_rollen

VOORVOEGSEL: Final = "oidc."
_VERS: Final = 30.0
_DELEN: Final = 4


class Sessies:
    """Makes and reads sessions.

    Parameters
    ----------
    beleid
        What is agreed with the provider: when that changes, a session made before is none.
    geheim
        Gives the secret of this installation.
    afmeldingen
        Which sessions were ended; when left out, those that were ended here.
    klok
        Gives seconds since 1970.
    """

    def __init__(
        self,
        beleid: Beleid,
        geheim: Callable[[], bytes],
        *,
        afmeldingen: Afmeldingen | None = None,
        klok: Callable[[], float] = time.time,
    ) -> None:
        self._beleid = beleid
        self._afspraak = repr((beleid.uitgever, beleid.client_id, sorted(beleid.rollen.items())))
        self._vind_geheim = geheim
        self._klok = klok
        self._gezien: Voorraad[Lezer] = Voorraad()
        self._afmeldingen = afmeldingen or Afmeldingen(klok=klok)

    def open_sessie(self, naam: str, rollen: tuple[Rol, ...], tot: float) -> tuple[str, int]:
        """Return the value of a cookie, and for how many seconds it is good.

        Parameters
        ----------
        naam, rollen
            Who they are and what of us they are.
        tot
            When the token by which they came ends, in seconds since 1970.
        """
        nu = self._klok()
        eind = int(min(tot, nu + SESSIE_SECONDEN))
        inhoud = json.dumps([naam, [rol.naam for rol in rollen]], ensure_ascii=False)
        kern = f"{VOORVOEGSEL}{eind}.{_encode(inhoud.encode())}~{secrets.token_urlsafe(16)}"
        return f"{kern}.{self._seal(kern)}", max(1, int(eind - nu))

    def find_sessie(self, waarde: str) -> Lezer | None:
        """Return whose session a cookie is; None when it is over, ended or made up."""
        delen = waarde.split(".")
        if len(delen) != _DELEN or not waarde.startswith(VOORVOEGSEL) or not waarde.isascii():
            return None
        nu = self._klok()
        kern = waarde.rpartition(".")[0]
        if self._afmeldingen.is_uit(kern):
            return None
        sleutel = waarde.encode()
        if (lezer := self._gezien.find(sleutel, nu)) is not None:
            return lezer
        if not hmac.compare_digest(self._seal(kern).encode(), delen[3].encode()):
            return None
        eind = int(delen[1])
        if nu >= eind:
            return None
        naam, rollen = json.loads(_decode(delen[2].partition("~")[0]))
        # A role that is not in the table any more gives nothing.
        lezer = self._beleid.make_lezer(naam, find_rollen(r for r in rollen if r in ROLLEN))
        self._gezien.keep(sleutel, lezer, min(float(eind), nu + _VERS), nu)
        return lezer

    def close_sessie(self, waarde: str) -> bool:
        """End a session, here and wherever the ended ones are read; say whether it was one."""
        if self.find_sessie(waarde) is None:
            return False
        kern = waarde.rpartition(".")[0]
        self._afmeldingen.end(kern, float(kern.split(".")[1]))
        return True

    def _seal(self, kern: str) -> str:
        stuk = f"sessie-oidc:{self._afspraak}\n{kern}"
        return _encode(hmac.digest(self._vind_geheim(), stuk.encode(), "sha256"))


def _encode(inhoud: bytes) -> str:
    return base64.urlsafe_b64encode(inhoud).rstrip(b"=").decode()


def _decode(tekst: str) -> bytes:
    return base64.urlsafe_b64decode(tekst + "=" * (-len(tekst) % 4))
