"""Who holds an access token of the provider: looked up when it was seen, checked when it was not.

Looking up is one hash and one dictionary. Checking is some tenths of a millisecond, and may have to
wait for the provider's keys; that is done before the routes (``serving.api.poort``), never on the
quick path. A token that was found good is believed for thirty seconds and never past its end.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from typing import Final

from serving.aanmelding.aanbieder import Aanbieder
from serving.aanmelding.beleid import read_naam, read_rollen
from serving.aanmelding.bewijs import (
    SleutelOnbekend,
    TokenOngeldig,
    check_access_token,
    read_moment,
)
from serving.aanmelding.voorraad import Voorraad
from serving.api.toegang import TokensWeg
from vera.toegang import Lezer

_log = logging.getLogger(__name__)

VERS: Final = 30.0


class Tokenkast:
    """Finds who holds a token.

    Parameters
    ----------
    aanbieder
        Gives keys.
    klok
        Gives seconds since 1970.
    """

    def __init__(self, aanbieder: Aanbieder, *, klok: Callable[[], float] = time.time) -> None:
        self._aanbieder = aanbieder
        self._klok = klok
        self._gezien: Voorraad[Lezer] = Voorraad()
        self._bekend: Voorraad[bool] = Voorraad()

    def find_lezer(self, token: bytes) -> Lezer | None:
        """Return who holds a token that was found good a moment ago; None for every other."""
        return self._gezien.find(token, self._klok())

    def was_good(self, token: bytes) -> bool:
        """Tell whether a token was ever found good here, and has not ended since."""
        return self._bekend.find(token, self._klok()) is not None

    async def examine(self, token: bytes) -> Lezer | None:
        """Return who holds a token; None when it is not good.

        Raises
        ------
        TokensWeg
            When that cannot be said, because the provider does not give its keys.
        """
        try:
            return self._judge(token)
        except SleutelOnbekend:
            pass
        poging = self._aanbieder.refresh()
        if poging is not None:
            # Shielded: who goes away must not take the keys from the others that wait.
            await asyncio.shield(asyncio.wrap_future(poging))
        try:
            return self._judge(token)
        except SleutelOnbekend:
            if self._aanbieder.is_weg:
                raise TokensWeg from None
            return None

    def _judge(self, token: bytes) -> Lezer | None:
        nu = self._klok()
        if (lezer := self._gezien.find(token, nu)) is not None:
            return lezer
        beleid = self._aanbieder.beleid
        try:
            claims = check_access_token(beleid, token, self._aanbieder.find_key, nu)
        except TokenOngeldig as fout:
            _log.info("token refused: %s", fout)
            return None
        naam = read_naam(beleid, claims)
        if naam is None:
            _log.info("token refused: no readable %s", beleid.naam_claim)
            return None
        lezer = beleid.make_lezer(naam, read_rollen(beleid, claims))
        eind = read_moment(claims["exp"])
        self._gezien.keep(token, lezer, min(nu + VERS, eind), nu)
        self._bekend.keep(token, True, eind, nu)
        return lezer
