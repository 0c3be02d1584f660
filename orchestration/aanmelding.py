"""From settings to an OpenID provider and to limits; checked when the service starts.

Does not belong here: what they do (``serving.aanmelding``, ``serving.api.rem``).
"""

from __future__ import annotations

import stat
from collections.abc import Callable
from dataclasses import fields
from typing import TYPE_CHECKING

from orchestration.instellingen import Instellingen
from serving.api.rem import Grenzen, parse_proxies
from vera.errors import GebruikFout

if TYPE_CHECKING:
    from serving.aanmelding.beleid import Beleid
    from serving.aanmelding.dienst import Aanmelding
    from serving.toegang.afmelding import Afmeldingen

_GRENZEN = ("mens", "programma", "adres", "mislukt")


def open_aanmelding(
    instellingen: Instellingen,
    geheim: Callable[[], bytes],
    adres: str,
    afmeldingen: Afmeldingen | None = None,
) -> Aanmelding | None:
    """Return the OpenID provider of the settings; None when there is none.

    Parameters
    ----------
    instellingen
        The settings.
    geheim
        Gives the secret of this installation.
    adres
        Address under which people reach the service.
    afmeldingen
        Which sessions were ended; when left out, those that were ended here.

    Raises
    ------
    GebruikFout
        When the settings do not hold.
    """
    beleid = read_beleid(instellingen)
    if beleid is None:
        return None
    # Loading what speaks with it takes a tenth of a second.
    from serving.aanmelding.dienst import make_aanmelding

    return make_aanmelding(beleid, geheim, adres, afmeldingen=afmeldingen)


def read_beleid(instellingen: Instellingen) -> Beleid | None:
    """Return what is agreed with the provider; None when there is none.

    Raises
    ------
    GebruikFout
        When there is no issuer but something else of a provider, or a part does not hold.
    """
    from serving.aanmelding.beleid import Beleid, parse_rollen

    if instellingen.oidc_issuer is None:
        los = [
            veld.metadata["naam"]
            for veld in fields(Instellingen)
            if veld.name.startswith("oidc_") and getattr(instellingen, veld.name) is not None
        ]
        if los:
            raise GebruikFout(
                f"Er staat iets over een aanbieder, maar niet wie dat is: {', '.join(los)}.",
                verwacht="ook BUURTPEIL_OIDC_ISSUER",
                remedie="zet de issuer, of haal de andere weg",
            )
        return None
    meer = {
        "rollen_claim": instellingen.oidc_rollen_claim,
        "naam_claim": instellingen.oidc_naam_claim,
        "naam": instellingen.oidc_naam,
        "scope": instellingen.oidc_scope,
    }
    return Beleid(
        uitgever=instellingen.oidc_issuer,
        rollen=parse_rollen(instellingen.oidc_rollen or ""),
        audience=instellingen.oidc_audience,
        client_id=instellingen.oidc_client_id,
        client_geheim=_read_geheim(instellingen),
        **{naam: waarde for naam, waarde in meer.items() if waarde is not None},
    )


def read_grenzen(instellingen: Instellingen) -> Grenzen:
    """Return how often somebody may ask.

    Raises
    ------
    GebruikFout
        When a limit is no number, or a proxy no address.
    """
    aantallen: dict[str, int] = {}
    for naam in _GRENZEN:
        tekst = getattr(instellingen, f"grens_{naam}")
        if tekst is None:
            continue
        if not (tekst.isascii() and tekst.isdecimal()):
            raise GebruikFout(
                f"BUURTPEIL_GRENS_{naam.upper()} is geen aantal: {tekst[:40]}.",
                verwacht="een aantal per minuut; 0 = geen grens",
                remedie="verbeter de instelling of haal haar weg",
            )
        aantallen[naam] = int(tekst)
    return Grenzen(**aantallen, proxies=parse_proxies(instellingen.proxies or ""))


def _read_geheim(instellingen: Instellingen) -> str | None:
    pad = instellingen.oidc_client_secret_bestand
    if pad is None:
        return instellingen.oidc_client_secret
    pad = pad.expanduser()
    if instellingen.oidc_client_secret is not None or not pad.is_file():
        raise GebruikFout(
            "Het geheim van de pagina bij de aanbieder is niet te lezen.",
            verwacht="BUURTPEIL_OIDC_CLIENT_SECRET, of een bestand in "
            "BUURTPEIL_OIDC_CLIENT_SECRET_BESTAND, niet allebei",
            remedie="zet het geheim in een bestand met rechten 600",
        )
    if stat.S_IMODE(pad.stat().st_mode) & 0o007:
        raise GebruikFout(
            f"Het bestand {pad.name} met het geheim is leesbaar voor iedereen.",
            verwacht="rechten 600 of 640",
            remedie=f"chmod 600 op {pad.name}",
        )
    return pad.read_text(encoding="utf-8").strip() or None
