"""The store of Sociale Signalen as the settings say it, for the server, the commands and the purge.

Belongs here: opening it. Does not belong here: anything that a run reads; no run reads it.
"""

from __future__ import annotations

from orchestration.instellingen import Instellingen
from orchestration.werkmap import Werkmap
from serving.signaal.eenheden import read_eenheden
from serving.signaal.regels import Beleid
from serving.signaal.register import Signaalregister
from serving.signaal.sleutel import Sleutelbos
from vera.errors import GebruikFout

_JA = "ja"


def open_signalen(instellingen: Instellingen) -> Signaalregister:
    """Return the store with its keys and the policy of this association.

    Raises
    ------
    GebruikFout
        When the store is not apart from others, or a setting is not right.
    """
    anderen = {
        instellingen.besluiten_url,
        instellingen.toegang_url,
        instellingen.mlflow_url,
    } - {None}
    if instellingen.signalen_url in anderen:
        raise GebruikFout(
            "Sociale Signalen staan in dezelfde database als iets anders.",
            verwacht="een database voor zich",
            remedie="geef BUURTPEIL_SIGNALEN_URL een eigen database",
        )
    if instellingen.signaal_toelichting not in {None, _JA}:
        raise GebruikFout(
            "BUURTPEIL_SIGNAAL_TOELICHTING klopt niet.",
            verwacht=f"`{_JA}`, of leeg",
            remedie="verbeter de instelling of haal haar weg",
        )
    return Signaalregister(
        instellingen.signalen_adres,
        Sleutelbos(Werkmap.of(instellingen.data).sleutels, instellingen.signaal_sleutel),
        Beleid(
            dpia=instellingen.signaal_dpia,
            mag_toelichting=instellingen.signaal_toelichting == _JA,
            crisisnummer=instellingen.crisisnummer,
            eenheden=(
                read_eenheden(instellingen.signaal_eenheden.expanduser())
                if instellingen.signaal_eenheden
                else {}
            ),
        ),
    )
