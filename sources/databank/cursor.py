"""How far the cursor column of a table was read, and from where the next reading starts.

Reading starts some days before the last one ended, because a row may become visible later than
its moment says (a transaction that took long, a night job, a correction with an old date). What
was in already is recognised and does not come twice (:mod:`sources.databank.ophalen`).

Belongs here: the value, its text, going back. Does not belong here: SQL.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Final

from sources.leesfout import LeesFout

_TEKSTDATUM: Final = re.compile(r"\d{4}-\d{2}-\d{2}([ T].*)?")


@dataclass(frozen=True)
class Stand:
    """The highest value of the cursor column that was read.

    Parameters
    ----------
    soort
        ``datum``, ``moment``, ``zone`` (a moment with a time zone), ``getal`` or ``tekst`` (a date
        as text, as SQLite has them).
    waarde
        As text.
    """

    soort: str
    waarde: str

    @classmethod
    def of_velden(cls, velden: Mapping[str, str] | None) -> Stand | None:
        """Return it as it was kept with a fetched file."""
        return None if velden is None else cls(velden["soort"], velden["waarde"])

    def to_velden(self) -> dict[str, str]:
        """Return it to be kept."""
        return {"soort": self.soort, "waarde": self.waarde}

    def start(self, speling_dagen: int) -> Any:
        """Return the value from which the next reading starts, as a parameter for SQL.

        A number has no days; it starts at the value itself, which is read again.
        """
        terug = timedelta(days=speling_dagen)
        if self.soort == "datum":
            return date.fromisoformat(self.waarde) - terug
        if self.soort in {"moment", "zone"}:
            return datetime.fromisoformat(self.waarde) - terug
        if self.soort == "getal":
            return int(self.waarde)
        return (date.fromisoformat(self.waarde[:10]) - terug).isoformat()


def find_stand(waarden: Sequence[Any], vandaag: date) -> Stand | None:
    """Return the highest cursor value, None when all are missing.

    A value in the future does not count further than today: a typing error in a year would
    otherwise hide whatever comes after it.

    Raises
    ------
    LeesFout
        When the column holds something else than dates, moments or whole numbers.
    """
    gevuld = [_simplify(waarde) for waarde in waarden if waarde is not None]
    if not gevuld:
        return None
    soorten = {_name_soort(waarde) for waarde in gevuld}
    if len(soorten) > 1 or None in soorten:
        raise LeesFout("de cursorkolom houdt geen datum, moment of heel getal in, of door elkaar")
    (soort,) = soorten
    hoogste = max(gevuld)
    einde = datetime.combine(vandaag, time.max).replace(microsecond=0)
    if soort == "datum":
        return Stand("datum", min(hoogste, vandaag).isoformat())
    if soort == "moment":
        return Stand("moment", min(hoogste, einde).isoformat())
    if soort == "zone":
        return Stand("zone", min(hoogste.astimezone(UTC), einde.replace(tzinfo=UTC)).isoformat())
    if soort == "tekst":
        return Stand("tekst", min(_check_dag(hoogste[:10]), vandaag.isoformat()))
    return Stand("getal", str(hoogste))


def pick_hoogste(een: Stand | None, ander: Stand | None) -> Stand | None:
    """Return the further of two; of two kinds the second, which is the newer one."""
    if een is None or ander is None:
        return een or ander
    if een.soort != ander.soort:
        return ander
    return max(een, ander, key=lambda stand: stand.start(0))


def _check_dag(tekst: str) -> str:
    try:
        date.fromisoformat(tekst)
    except ValueError:
        raise LeesFout("de hoogste waarde van de cursorkolom is geen datum die bestaat") from None
    return tekst


def _simplify(waarde: Any) -> Any:
    """Return a whole Decimal, as Oracle gives numbers, as a whole number."""
    if isinstance(waarde, Decimal) and waarde == waarde.to_integral_value():
        return int(waarde)
    return waarde


def _name_soort(waarde: Any) -> str | None:
    if isinstance(waarde, datetime):
        return "moment" if waarde.tzinfo is None else "zone"
    if isinstance(waarde, date):
        return "datum"
    if isinstance(waarde, int) and not isinstance(waarde, bool):
        return "getal"
    if isinstance(waarde, str) and _TEKSTDATUM.fullmatch(waarde):
        return "tekst"
    return None
