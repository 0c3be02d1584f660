"""A measured value with its unit, as a reader says it: "12,4 per 100 woningen per jaar".

The catalogue of the release names the unit; here is only how it is written. A unit that is
not known here is written as the catalogue gives it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from serving.pagina.getal import format_getal


@dataclass(frozen=True)
class Eenheid:
    """How values of one unit are written.

    Parameters
    ----------
    voor, achter
        Text before and after the number.
    factor
        What the value is multiplied by, so that it reads well.
    heel_vanaf
        From this size (after ``factor``) on there are no decimals.
    bereik
        End of the scale for a bar; None when the largest of the values shown is the end.
    """

    voor: str = ""
    achter: str = ""
    factor: float = 1.0
    heel_vanaf: float = 100.0
    bereik: float | None = None

    def number(self, waarde: float) -> str:
        """Return the value without words."""
        getoond = waarde * self.factor
        if abs(getoond) >= self.heel_vanaf:
            return format_getal(getoond)
        klein = 0 < abs(getoond) < 0.095 and self.bereik is None
        return format_getal(getoond, 2 if klein else 1)

    def write(self, waarde: float) -> str:
        """Return the value with its unit.

        Examples
        --------
        >>> Eenheid(achter="%", factor=100).write(0.123)
        '12,3%'
        """
        return f"{self.voor}{self.number(waarde)}{self.achter}"


_CIJFER: Final = Eenheid(voor="een ", heel_vanaf=1e9, bereik=10)
_DEEL: Final = "aandeel"
_PROCENT: Final = Eenheid(achter="%", heel_vanaf=10)

_EENHEDEN: Final[Mapping[str, Eenheid]] = {
    "per woning per jaar": Eenheid(achter=" per 100 woningen per jaar", factor=100),
    "per 100 woningen per jaar": Eenheid(achter=" per 100 woningen per jaar"),
    "%": _PROCENT,
    "procent": _PROCENT,
    "procent per jaar": Eenheid(achter="% per jaar", heel_vanaf=10),
    "cijfer 1-10": _CIJFER,
    "rapportcijfer": _CIJFER,
    "dagen": Eenheid(achter=" dagen", heel_vanaf=10),
    "index": Eenheid(voor="index ", heel_vanaf=10),
    "index (stad in basisjaar = 100)": Eenheid(
        voor="index ", achter=" (de stad in het eerste jaar = 100)", heel_vanaf=10
    ),
}


def find_eenheid(naam: str | None) -> Eenheid:
    """Return how to write values of the unit that the catalogue calls ``naam``."""
    if not naam:
        return Eenheid()
    if naam in _EENHEDEN:
        return _EENHEDEN[naam]
    if naam.startswith(_DEEL):
        return Eenheid(achter=f"%{naam.removeprefix(_DEEL)}", factor=100, heel_vanaf=10)
    return Eenheid(achter=f" {naam}")


def describe_eenheid(naam: str | None) -> str:
    """Return the unit itself in words, for the method page.

    Examples
    --------
    >>> describe_eenheid("per woning per jaar")
    'per 100 woningen per jaar'
    >>> describe_eenheid("aandeel van de kwartalen")
    'procent van de kwartalen'
    """
    namen = {
        "per woning per jaar": "per 100 woningen per jaar",
        "%": "procent",
        "cijfer 1-10": "cijfer van 1 tot 10",
        "rapportcijfer": "cijfer van 1 tot 10",
        "index (stad in basisjaar = 100)": "index (de stad in het eerste jaar = 100)",
    }
    tekst = naam or ""
    if tekst.startswith(_DEEL):
        return f"procent{tekst.removeprefix(_DEEL)}"
    return namen.get(tekst, tekst)
