"""Which delivery tables come from which database: ``bronnen.yml`` beside the deliveries.

No address and no password stands in it: those come from the environment or from a file that only
its owner can read (``orchestration.ophalen``). Names go into SQL as quoted names, and a question
must be one that only reads; all else is refused here.

Belongs here: reading and judging that file. Does not belong here: connecting.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

from vera.contract import Contract, Tabel
from vera.errors import GebruikFout

BESTAND: Final = "bronnen.yml"
STANDAARD_SPELING: Final = 3
MEESTE_SPELING: Final = 3660

_VELDEN: Final = ("uit", "vraag", "cursor", "speling_dagen")
_DEEL: Final = r"[A-Za-z_][A-Za-z0-9_$]{0,62}"
_RELATIE: Final = re.compile(rf"{_DEEL}(\.{_DEEL}){{0,2}}")
_KOLOM: Final = re.compile(_DEEL)
_DATABANK: Final = re.compile(r"[a-z][a-z0-9_]{0,30}")
_URL: Final = re.compile(r"[a-z0-9+]+://", re.IGNORECASE)


@dataclass(frozen=True)
class Brontabel:
    """Where the rows of one delivery table come from.

    Parameters
    ----------
    tabel
        Its contract.
    uit
        Table or view, with its schema; empty when there is a question.
    vraag
        A question that reads rows (SELECT); empty when there is a table.
    cursor
        Column that says when a row was added or changed; empty = all is read every time.
    speling_dagen
        So many days before the last reading are read again, for rows that came late.
    """

    tabel: Tabel
    uit: str = ""
    vraag: str = ""
    cursor: str = ""
    speling_dagen: int = STANDAARD_SPELING

    @property
    def waar(self) -> str:
        """What it is called in a message."""
        return self.uit or f"de vraag van {self.tabel.id}"


@dataclass(frozen=True)
class Databank:
    """One database, by its name, and what is read from it in the contract's order."""

    naam: str
    tabellen: tuple[Brontabel, ...]


def read_bronnen(leveringen: Path, contract: Contract) -> tuple[Databank, ...]:
    """Read ``bronnen.yml``; nothing when there is none.

    Raises
    ------
    GebruikFout
        When it is malformed, names a table that is not delivered this way, holds an address, or
        asks for more than reading.
    """
    pad = leveringen / BESTAND
    if not pad.is_file():
        return ()
    try:
        tekst = pad.read_text(encoding="utf-8")
        inhoud = yaml.safe_load(tekst)
    except (UnicodeDecodeError, yaml.YAMLError):
        raise _refuse("is geen leesbare YAML", "een bestand zoals in docs/bronnen-sql.md") from None
    if _URL.search(tekst):
        raise _refuse(
            "bevat een adres van een database",
            "alleen namen van databases en tabellen",
            "zet het adres in BUURTPEIL_BRON_URLS of in een bestand met rechten 600, haal het "
            "hier weg, en verander het wachtwoord als anderen dit bestand konden lezen",
        )
    databases = inhoud.get("databases") if isinstance(inhoud, dict) else None
    if not isinstance(databases, dict) or not databases or set(inhoud) != {"databases"}:
        raise _refuse(
            "heeft niet de goede vorm", "`databases:` met daaronder per database een naam"
        )
    tabellen = {
        tabel.id: tabel
        for bron in contract.bronnen
        if bron.formaat == "tabel"
        for tabel in bron.tabellen
    }
    uit = tuple(_read_databank(naam, deel, tabellen) for naam, deel in databases.items())
    _check_dubbel(uit)
    return uit


def keep_bronnen(
    databanken: Iterable[Databank], bron: str | None = None, tabel: str | None = None
) -> tuple[Databank, ...]:
    """Return only what is of one source or one table (``bron.tabel``).

    Raises
    ------
    GebruikFout
        When nothing is left.
    """
    databanken = tuple(databanken)
    bekend = [deel.tabel.id for databank in databanken for deel in databank.tabellen]
    over = tuple(
        Databank(databank.naam, blijft)
        for databank in databanken
        if (
            blijft := tuple(
                deel
                for deel in databank.tabellen
                if (bron is None or deel.tabel.bron == bron)
                and (tabel is None or deel.tabel.id == tabel)
            )
        )
    )
    if not over:
        gevraagd = tabel or bron or "iets"
        raise GebruikFout(
            f"{gevraagd} wordt uit geen database gelezen.",
            verwacht=f"een bron of tabel uit {BESTAND}: {', '.join(bekend) or 'er staat er geen'}",
            remedie=f"verbeter --bron of --tabel, of zet de tabel in {BESTAND}",
        )
    return over


def check_vraag(vraag: str, waar: str) -> None:
    """Refuse a question that is not one SELECT.

    The transaction is read-only as well; this says it before anything is sent.

    Raises
    ------
    GebruikFout
        When it is more than one statement, changes or locks something, or cannot be parsed.
    """
    import sqlglot
    from sqlglot import exp

    try:
        delen = [deel for deel in sqlglot.parse(vraag) if deel is not None]
    except sqlglot.errors.SqlglotError:
        delen = []
    meer = (
        exp.Insert, exp.Update, exp.Delete, exp.Merge, exp.Create, exp.Drop, exp.Alter,
        exp.Into, exp.Lock, exp.Command,
    )  # fmt: skip
    if len(delen) != 1 or not isinstance(delen[0], exp.Query) or any(delen[0].find_all(*meer)):
        raise _refuse(
            f"heeft bij {waar} een vraag die meer doet dan lezen, of die niet te begrijpen is",
            "één SELECT, zonder puntkomma's ertussen",
            "maak er in de database een view van en noem die bij `uit`",
        )


def _read_databank(naam: object, inhoud: object, tabellen: Mapping[str, Tabel]) -> Databank:
    if not isinstance(naam, str) or not _DATABANK.fullmatch(naam):
        raise _refuse("geeft een database een naam die niet kan", "kleine letters, cijfers en _")
    delen = inhoud.get("tabellen") if isinstance(inhoud, dict) else None
    if not isinstance(inhoud, dict) or not isinstance(delen, dict) or set(inhoud) != {"tabellen"}:
        raise _refuse(
            f"noemt bij database {naam} geen tabellen, of ook iets anders",
            "`tabellen:` met daaronder `bron.tabel:`",
        )
    gelezen = {
        id_: _read_tabel(str(id_), deel, tabellen) for id_, deel in delen.items()
    }  # in the order of the contract, whatever the order here
    return Databank(naam, tuple(gelezen[id_] for id_ in tabellen if id_ in gelezen))


def _read_tabel(id_: str, inhoud: object, tabellen: Mapping[str, Tabel]) -> Brontabel:
    tabel = tabellen.get(id_)
    if tabel is None:
        raise _refuse(
            f"noemt {_show(id_)}, en die tabel kan niet uit een database komen",
            f"een van {', '.join(tabellen)}",
        )
    if not isinstance(inhoud, dict) or not set(inhoud) <= set(_VELDEN):
        raise _refuse(f"zegt bij {id_} iets dat hier niet hoort", f"{', '.join(_VELDEN)}")
    uit, vraag = _read_naam(inhoud, "uit", id_, _RELATIE), inhoud.get("vraag", "")
    if not isinstance(vraag, str) or bool(uit) == bool(vraag.strip()):
        raise _refuse(f"zegt bij {id_} niet waar de rijen staan", "of `uit`, of `vraag`")
    if vraag:
        check_vraag(vraag, id_)
    cursor = _read_naam(inhoud, "cursor", id_, _KOLOM)
    if cursor and tabel.levering == "volledig":
        raise _refuse(
            f"geeft {id_} een cursor, maar die tabel wordt altijd heel geleverd",
            "geen cursor bij deze tabel: wat er niet meer in staat, telt als weg",
        )
    speling = inhoud.get("speling_dagen", STANDAARD_SPELING)
    if (
        not isinstance(speling, int)
        or isinstance(speling, bool)
        or not 0 <= speling <= MEESTE_SPELING
    ):
        raise _refuse(f"heeft bij {id_} een speling die niet kan", f"0 tot {MEESTE_SPELING} dagen")
    return Brontabel(tabel, uit, vraag.strip().rstrip(";"), cursor, speling)


def _read_naam(inhoud: Mapping[str, Any], veld: str, id_: str, vorm: re.Pattern[str]) -> str:
    naam = inhoud.get(veld, "")
    if naam == "":
        return ""
    if not isinstance(naam, str) or not vorm.fullmatch(naam):
        raise _refuse(
            f"heeft bij {id_} een naam bij `{veld}` die geen naam is",
            "letters, cijfers en _, met een punt tussen schema en tabel",
        )
    return naam


def _check_dubbel(databanken: Iterable[Databank]) -> None:
    gezien: dict[str, str] = {}
    for databank in databanken:
        for deel in databank.tabellen:
            if deel.tabel.id in gezien:
                raise _refuse(
                    f"laat {deel.tabel.id} uit twee databases komen ({gezien[deel.tabel.id]} en "
                    f"{databank.naam})",
                    "elke tabel uit één database",
                )
            gezien[deel.tabel.id] = databank.naam


def _show(id_: str) -> str:
    return id_ if re.fullmatch(r"[a-z_.]{1,60}", id_) else "een onbekende tabel"


def _refuse(wat: str, verwacht: str, remedie: str = "") -> GebruikFout:
    return GebruikFout(
        f"{BESTAND} {wat}.",
        verwacht=verwacht,
        remedie=remedie or f"verbeter {BESTAND} in de leveringenmap (docs/bronnen-sql.md)",
    )
