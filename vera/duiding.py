"""Words of a duiding: someone who knows the place adds one to its label, or takes one off.

Source: method SBL-1 (step 10).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

REDENEN: Final[Mapping[str, str]] = {
    "recente_maatregel": "Er is kort geleden een maatregel genomen",
    "cijfers_achterhaald": "De cijfers zijn achterhaald",
    "gebeurtenis_niet_geregistreerd": "Een gebeurtenis is niet geregistreerd",
    "registratie_onvolledig": "De registratie is onvolledig",
    "lokale_kennis": "Wat wij ter plaatse zien, past niet bij de cijfers",
}
"""Why someone may read a label otherwise, by code; never a trait of people."""


@dataclass(frozen=True, order=True)
class Regel:
    """A duiding as the label takes it: without names, without text.

    Parameters
    ----------
    niveau, beheerobject_id, peildatum
        What it is about; together the key.
    delta
        -1 or 1.
    reden_code
        Key of ``REDENEN``.
    """

    niveau: str
    beheerobject_id: str
    peildatum: date
    delta: int
    reden_code: str
