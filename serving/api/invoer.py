"""What a client may put in a query, checked by name and by value.

A parameter that is not named here is refused together with every other error.
Does not belong here: how a list is found (``serving.api.lijst``).
"""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Final, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pydantic.alias_generators import to_camel

from serving.api.lijst import MAXIMUM_PER_PAGINA, MAXIMUM_ZOEKTEKST, Sorteer, Themacode, Vraag
from serving.api.modellen import Labelwaarde

MAXIMUM_ID: Final = 64
Signaalthema = Literal["SHV", "OVL", "FIN", "SOC", "LFB"]
_DATUM: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


class Invoer(BaseModel):
    """A query without parameters; the others add theirs."""

    model_config = ConfigDict(alias_generator=to_camel, extra="forbid")


def _parse_date(waarde: object) -> object:
    """Take ``jjjj-mm-dd`` only; pydantic itself would take a moment or a number as well."""
    if isinstance(waarde, str) and _DATUM.fullmatch(waarde):
        try:
            return date.fromisoformat(waarde)
        except ValueError:
            pass
    raise ValueError("is geen datum; schrijf jjjj-mm-dd")


class Historie(Invoer):
    """Which labels of an object's history."""

    peildatum: Annotated[date | None, BeforeValidator(_parse_date)] = Field(
        None,
        description="Geef alleen het label dat op deze dag gold (jjjj-mm-dd).",
        examples=["2026-10-01"],
    )


class Wijklijst(Invoer):
    """Which wijken, in which order."""

    labels: list[Labelwaarde] = Field(
        [],
        alias="label",
        max_length=5,
        description="Alleen deze labels (1 tot 5); mag vaker voorkomen.",
    )
    thema: Themacode = Field(
        "TOT",
        description="Thema waarop `label` en sorteren op `score` slaan; TOT is het totaal.",
    )
    zoek: str = Field(
        "",
        max_length=MAXIMUM_ZOEKTEKST,
        description="Woorden in naam, code, straat, buurt of wijk. Geen huisnummer of postcode.",
    )
    sorteer: Sorteer = Field("naam", description="Volgorde; een minteken keert hem om.")
    pagina: int = Field(1, ge=1, le=1_000_000, description="Nummer van de pagina, vanaf 1.")
    per_pagina: int = Field(
        20,
        alias="aantalPerPagina",
        ge=1,
        le=MAXIMUM_PER_PAGINA,
        description="Rijen per pagina.",
    )

    def to_vraag(self, niveau: str) -> Vraag:
        """Return the question about objects of ``niveau``."""
        return Vraag(niveau, **self.model_dump())


class Buurtlijst(Wijklijst):
    """Which buurten, in which order."""

    wijk_id: str | None = Field(None, max_length=MAXIMUM_ID, description="Alleen in deze wijk.")


class Complexlijst(Buurtlijst):
    """Which complexen, in which order."""

    buurt_id: str | None = Field(None, max_length=MAXIMUM_ID, description="Alleen in deze buurt.")
    themasignalen: list[Signaalthema] = Field(
        [],
        alias="themasignaal",
        max_length=5,
        description="Alleen met een themasignaal in de laatste maand van een van deze thema's; "
        "mag vaker voorkomen.",
    )
