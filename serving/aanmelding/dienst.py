"""Everything of one OpenID provider together, as the application takes it."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass

from serving.aanmelding.aanbieder import Aanbieder
from serving.aanmelding.beleid import Beleid
from serving.aanmelding.sessie import Sessies
from serving.aanmelding.stroom import Stroom
from serving.aanmelding.tokenkast import Tokenkast
from serving.toegang.afmelding import Afmeldingen


@dataclass(frozen=True)
class Aanmelding:
    """One provider: tokens for the API, sessions and the way in for the page."""

    beleid: Beleid
    aanbieder: Aanbieder
    tokens: Tokenkast
    sessies: Sessies
    stroom: Stroom


def make_aanmelding(
    beleid: Beleid,
    geheim: Callable[[], bytes],
    basis_url: str,
    *,
    aanbieder: Aanbieder | None = None,
    afmeldingen: Afmeldingen | None = None,
) -> Aanmelding:
    """Return what the application needs to take people from this provider.

    Parameters
    ----------
    beleid
        What is agreed with the provider.
    geheim
        Gives the secret of this installation; asked once, when it is first needed.
    basis_url
        Address under which people reach the site.
    aanbieder
        The provider, when one is there already.
    afmeldingen
        Which sessions were ended; when left out, those that were ended here.
    """
    aanbieder = aanbieder or Aanbieder(beleid)
    vind = functools.cache(geheim)
    return Aanmelding(
        beleid,
        aanbieder,
        Tokenkast(aanbieder),
        Sessies(beleid, vind, afmeldingen=afmeldingen),
        Stroom(aanbieder, vind, basis_url),
    )
