"""The templates: where they are, and the few words they may use."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final
from urllib.parse import quote, urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from serving.pagina.getal import count, format_datum, format_getal
from serving.pagina.statisch import read_bestanden
from serving.pagina.zinnen import OPGAVE, describe_label

MAP: Final = Path(__file__).parent / "templates"


class Sjablonen:
    """Renders a template by name; everything from outside is escaped."""

    def __init__(self) -> None:
        self.bestanden = read_bestanden()
        self._omgeving = Environment(
            loader=FileSystemLoader(MAP),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._omgeving.filters |= {
            "datum": format_datum,
            "getal": format_getal,
            "woord": describe_label,
            "deel": quote_part,
            "list_thema": lambda thema: (thema["code"], thema["waarde"]),
        }
        self._omgeving.globals |= {
            "tel": count,
            "met": build_query,
            "opgave": OPGAVE,
            "stijl": self.bestanden["stijl.css"].adres,
            "merk": self.bestanden["merk.svg"].adres,
        }

    def render(self, naam: str, **inhoud: Any) -> str:
        """Return the HTML of template ``naam``."""
        return self._omgeving.get_template(naam).render(**inhoud)


def quote_part(waarde: str) -> str:
    """Return an id as it stands in an address.

    Examples
    --------
    >>> quote_part("BC-1/2")
    'BC-1%2F2'
    """
    return quote(waarde, safe="")


def build_query(adres: str, **waarden: Any) -> str:
    """Return an address with a query; empty values are left out, lists are repeated.

    Examples
    --------
    >>> build_query("/complexen", label=[4, 5], zoek="")
    '/complexen?label=4&label=5'
    """
    gevuld = {naam: waarde for naam, waarde in waarden.items() if waarde not in (None, "", [], ())}
    return f"{adres}?{urlencode(gevuld, doseq=True)}" if gevuld else adres
