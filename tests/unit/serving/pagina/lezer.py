"""What a test wants to know of a page: its words, its links, its ids."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from html.parser import HTMLParser

_LEEG = {"meta", "link", "img", "input", "br"}
_VERWIJST = ("aria-labelledby", "aria-describedby", "for")


@dataclass
class Pagina:
    """One page as read.

    ``naar`` are all addresses it refers to, ``labels`` the ids that names and descriptions use.
    """

    tekst: str = ""
    naar: list[str] = field(default_factory=list)
    ids: Counter[str] = field(default_factory=Counter)
    labels: set[str] = field(default_factory=set)
    elementen: Counter[str] = field(default_factory=Counter)
    attributen: Counter[str] = field(default_factory=Counter)
    taal: str | None = None


class _Lezer(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.pagina = Pagina()
        self._open: list[str] = []
        self._woorden: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _LEEG:
            self._open.append(tag)
        self._note(tag, attrs)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._note(tag, attrs)

    def _note(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.pagina.elementen[tag] += 1
        for naam, waarde in attrs:
            self.pagina.attributen[naam] += 1
            if naam in {"href", "src", "action", "data", "srcset", "poster"}:
                self.pagina.naar.append(waarde or "")
            elif naam == "id":
                self.pagina.ids[waarde or ""] += 1
            elif naam in _VERWIJST:
                self.pagina.labels.update((waarde or "").split())
            elif naam == "lang" and tag == "html":
                self.pagina.taal = waarde

    def handle_endtag(self, tag: str) -> None:
        assert self._open, f"</{tag}> sluit niets"
        assert self._open[-1] == tag, f"</{tag}> sluit {self._open[-1]}"
        self._open.pop()

    def handle_data(self, data: str) -> None:
        self._woorden.append(data)

    def finish(self) -> Pagina:
        assert not self._open, f"niet gesloten: {self._open}"
        self.pagina.tekst = re.sub(r"\s+", " ", " ".join(self._woorden)).strip()
        return self.pagina


def read_page(html: str) -> Pagina:
    """Read a page; every element that opens must close."""
    lezer = _Lezer()
    lezer.feed(html)
    lezer.close()
    return lezer.finish()
