"""A list is found, sorted and cut into pages without losing or doubling an object."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serving.api.lijst import Vraag, build_links, build_query, find_objects, render_list
from serving.release.schema import THEMAS
from serving.release.winkel import Uitgave

SORTEERWIJZEN = ["naam", "-naam", "score", "-score", "aantalVerhuureenheden",
                 "-aantalVerhuureenheden"]  # fmt: skip


def list_ids(uitgave: Uitgave, vraag: Vraag) -> list[str]:
    return [json.loads(rij)["id"] for rij in find_objects(uitgave, vraag).rijen]


def test_unknown_labels_can_be_asked_for(uitgave: Uitgave) -> None:
    assert list_ids(uitgave, Vraag("complex", labels=(0,))) == ["C006"]
    assert list_ids(uitgave, Vraag("complex", labels=(0, 5, 5))) == ["C001", "C006"]


def test_banded_theme_without_a_score_is_sorted_by_its_label(uitgave: Uitgave) -> None:
    ids = list_ids(uitgave, Vraag("complex", thema="FIN", sorteer="-score"))

    assert ids == ["C001", "C002", "C003", "C004", "C005", "C006"]


def test_theme_that_does_not_exist_never_reaches_the_store(uitgave: Uitgave) -> None:
    with pytest.raises(ValueError, match="unknown theme"):
        find_objects(uitgave, Vraag("complex", thema="x; drop table lijst"))  # type: ignore[arg-type]


@given(
    niveau=st.sampled_from(["complex", "buurt", "wijk"]),
    thema=st.sampled_from(THEMAS),
    sorteer=st.sampled_from(SORTEERWIJZEN),
    labels=st.lists(st.integers(0, 5), max_size=3),
    zoek=st.sampled_from(["", "kwartier", "laan", "%", "_"]),
    per_pagina=st.integers(1, 7),
)
def test_pages_together_are_the_whole_list(
    uitgave: Uitgave,
    niveau: str,
    thema: str,
    sorteer: str,
    labels: list[int],
    zoek: str,
    per_pagina: int,
) -> None:
    vraag = Vraag(niveau, labels, thema, zoek, sorteer=sorteer, per_pagina=per_pagina)  # type: ignore[arg-type]
    pagina = find_objects(uitgave, vraag)

    bladen = [
        ident
        for nummer in range(1, pagina.laatste + 2)
        for ident in list_ids(uitgave, vraag.on_page(nummer))
    ]

    assert len(bladen) == len(set(bladen)) == pagina.aantal
    heel = Vraag(niveau, labels, thema, zoek, sorteer=sorteer, per_pagina=500)  # type: ignore[arg-type]
    assert bladen == list_ids(uitgave, heel)


@pytest.mark.parametrize(
    ("pagina", "soorten"),
    [
        (1, {"first", "last", "next"}),
        (2, {"first", "last", "next", "prev"}),
        (3, {"first", "last", "prev"}),
        (9, {"first", "last", "prev"}),
    ],
)
def test_links_name_the_pages_that_exist(uitgave: Uitgave, pagina: int, soorten: set[str]) -> None:
    vraag = Vraag("complex", pagina=pagina, per_pagina=2)

    links = build_links(find_objects(uitgave, vraag), "https://x.example/v1/complexen")

    assert {deel.split('rel="')[1].rstrip('"') for deel in links.split(", ")} == soorten
    if pagina == 9:
        assert 'pagina=3&aantalPerPagina=2>; rel="prev"' in links


def test_empty_list_has_one_page(uitgave: Uitgave) -> None:
    pagina = find_objects(uitgave, Vraag("complex", zoek="bestaat niet"))

    assert (pagina.aantal, pagina.laatste) == (0, 1)
    assert json.loads(render_list(uitgave, pagina))["resultaten"] == []


def test_question_in_an_address_is_escaped() -> None:
    vraag = Vraag("complex", labels=(4, 5), thema="OVL", zoek="a&b=c é", wijk_id="W/1")

    assert build_query(vraag) == (
        "label=4&label=5&thema=OVL&zoek=a%26b%3Dc+%C3%A9&wijkId=W%2F1"
        "&sorteer=naam&pagina=1&aantalPerPagina=20"
    )
