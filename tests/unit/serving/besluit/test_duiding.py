"""The rules of a duiding, without a store."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serving.besluit.duiding import (
    Duiding,
    DuidingKanNiet,
    OngeldigeDuiding,
    Publicatie,
    Stap,
    admit,
    check_confirm,
    check_withdraw,
    find_status,
    list_peildata,
    select_regels,
    shift_kwartaal,
)
from tests.unit.serving.besluit.conftest import (
    NA_APRIL,
    NA_JANUARI,
    NA_JULI,
    NA_OKTOBER,
    NU,
    make_voorstel,
)

JANUARI, APRIL, JULI = date(2027, 1, 1), date(2027, 4, 1), date(2027, 7, 1)


def make_duiding(
    publicatie: Publicatie = NA_OKTOBER,
    *,
    id_: int = 1,
    door: str = "Anna",
    delta: int = 1,
    tweede_nodig: bool = False,
    bevestigd: Publicatie | None = None,
    ingetrokken: Publicatie | None = None,
) -> Duiding:
    ingaand = shift_kwartaal(publicatie.peildatum, 1)
    return Duiding(
        id=id_,
        voorstel=make_voorstel(door=door, delta=delta),
        ingaand_peildatum=ingaand,
        vervalt_na=shift_kwartaal(ingaand, 1),
        is_tweede_nodig=tweede_nodig,
        vastgelegd_op=NU,
        publicatie=publicatie,
        model_label=3,
        bevestiging=Stap("Bert", NU, bevestigd) if bevestigd else None,
        intrekking=Stap("Bert", NU, ingetrokken) if ingetrokken else None,
    )


def test_duiding_counts_on_the_two_quarters_after_the_published_one() -> None:
    goed = admit(make_voorstel(), NA_OKTOBER, 3, ())

    assert (goed.ingaand_peildatum, goed.vervalt_na) == (JANUARI, APRIL)
    assert not goed.is_tweede_nodig


@pytest.mark.parametrize(("model_label", "delta"), [(5, 1), (1, -1)])
def test_duiding_that_would_leave_one_to_five_is_refused(model_label: int, delta: int) -> None:
    with pytest.raises(DuidingKanNiet, match=f"het modellabel is {model_label}"):
        admit(make_voorstel(delta=delta), NA_OKTOBER, model_label, ())


@pytest.mark.parametrize(("model_label", "delta"), [(4, 1), (2, -1), (5, -1), (1, 1)])
def test_duiding_may_go_to_the_edge(model_label: int, delta: int) -> None:
    assert admit(make_voorstel(delta=delta), NA_OKTOBER, model_label, ())


def test_unknown_label_cannot_be_moved() -> None:
    with pytest.raises(DuidingKanNiet, match="het label is onbekend"):
        admit(make_voorstel(), NA_OKTOBER, None, ())


@pytest.mark.parametrize("delta", [-2, 0, 2])
def test_label_moves_by_one_and_no_other_number(delta: int) -> None:
    with pytest.raises(OngeldigeDuiding) as fout:
        admit(make_voorstel(delta=delta), NA_OKTOBER, 3, ())
    assert fout.value.fouten == {"delta": "is -1 of 1"}


def test_all_that_is_wrong_is_told_at_once() -> None:
    with pytest.raises(OngeldigeDuiding) as fout:
        admit(
            make_voorstel(delta=3, reden_code="zomaar", toelichting="kort", door="  "),
            NA_OKTOBER,
            3,
            (),
        )
    assert set(fout.value.fouten) == {"delta", "redenCode", "toelichting", "door"}


@pytest.mark.parametrize(
    ("tekst", "soort"),
    [
        ("De heer op 123456782 belt dagelijks over herrie", "BSN"),
        ("Bel de melder op 06-12345678 voor de details", "telefoonnummer"),
        ("Mail naar bewoner@voorbeeld.example voor meer", "e-mailadres"),
        ("Betaald van NL91 ABNA 0417 1643 00 in maart", "IBAN"),
        ("Het gaat vooral om 3011 AB 12 op de derde", "postcode met huisnummer"),
    ],
)
def test_text_that_looks_like_a_person_is_refused_and_not_repeated(tekst: str, soort: str) -> None:
    with pytest.raises(OngeldigeDuiding, match=soort) as fout:
        admit(make_voorstel(toelichting=tekst), NA_OKTOBER, 3, ())
    assert tekst not in str(fout.value)


@pytest.mark.parametrize(("lengte", "goed"), [(9, False), (10, True), (500, True), (501, False)])
def test_text_has_a_least_and_a_most_length(lengte: int, goed: bool) -> None:
    voorstel = make_voorstel(toelichting="x" * lengte)
    if goed:
        assert admit(voorstel, NA_OKTOBER, 3, ())
    else:
        with pytest.raises(OngeldigeDuiding, match="tekens"):
            admit(voorstel, NA_OKTOBER, 3, ())


def test_spaces_around_and_between_do_not_count() -> None:
    goed = admit(make_voorstel(toelichting="  een   hek \n staat er ", door=" Anna  B "),
                 NA_OKTOBER, 3, ())  # fmt: skip
    assert goed.voorstel.toelichting == "een hek staat er"
    assert goed.voorstel.door == "Anna B"


@pytest.mark.parametrize(
    ("publicatie", "nodig"),
    [(NA_OKTOBER, True), (NA_JANUARI, True), (NA_APRIL, True), (NA_JULI, False)],
)
def test_second_person_is_needed_while_the_first_runs_or_right_after(
    publicatie: Publicatie, nodig: bool
) -> None:
    eerste = make_duiding(NA_OKTOBER)  # counts in January and April

    assert admit(make_voorstel(), publicatie, 3, [eerste]).is_tweede_nodig is nodig


def test_duiding_that_never_counted_is_no_first_one() -> None:
    for eerste in (
        make_duiding(ingetrokken=NA_OKTOBER),
        make_duiding(NA_OKTOBER, tweede_nodig=True, ingetrokken=NA_JANUARI),
    ):
        assert not admit(make_voorstel(), NA_JANUARI, 3, [eerste]).is_tweede_nodig


def test_withdrawn_duiding_that_counted_is_a_first_one() -> None:
    eerste = make_duiding(NA_OKTOBER, ingetrokken=NA_JANUARI)

    assert admit(make_voorstel(), NA_JANUARI, 3, [eerste]).is_tweede_nodig
    assert not admit(make_voorstel(), NA_APRIL, 3, [eerste]).is_tweede_nodig


def test_no_third_while_one_waits_for_its_second_person() -> None:
    eerdere = [make_duiding(), make_duiding(NA_JANUARI, id_=2, tweede_nodig=True)]

    with pytest.raises(DuidingKanNiet, match="wacht al een duiding"):
        admit(make_voorstel(), NA_JANUARI, 3, eerdere)
    assert admit(make_voorstel(), NA_JULI, 3, eerdere)  # by then it can no longer be confirmed


@pytest.mark.parametrize(
    ("naam", "mag"),
    [("Carla", True), ("Bert", False), ("BERT ", False), ("Anna", False), ("anna", False)],
)
def test_second_person_is_neither_who_sets_it_nor_who_set_the_one_before(
    naam: str, mag: bool
) -> None:
    eerste = make_duiding(NA_OKTOBER, door="Anna")
    tweede = make_duiding(NA_APRIL, id_=2, door="Bert", tweede_nodig=True)

    if mag:
        assert check_confirm(tweede, naam, NA_APRIL, [eerste, tweede]) == naam
    else:
        with pytest.raises(OngeldigeDuiding, match="dezelfde persoon"):
            check_confirm(tweede, naam, NA_APRIL, [eerste, tweede])


def test_without_confirmation_the_second_one_does_not_count() -> None:
    assert list_peildata(make_duiding(tweede_nodig=True)) == ()


def test_late_confirmation_reaches_only_what_is_not_published_yet() -> None:
    laat = make_duiding(NA_OKTOBER, tweede_nodig=True, bevestigd=NA_JANUARI)

    assert list_peildata(laat) == (APRIL,)


def test_withdrawal_reaches_only_what_is_not_published_yet() -> None:
    assert list_peildata(make_duiding(ingetrokken=NA_OKTOBER)) == ()
    assert list_peildata(make_duiding(ingetrokken=NA_JANUARI)) == (JANUARI,)


def test_after_the_last_quarter_there_is_nothing_left_to_confirm_or_withdraw() -> None:
    voorbij = make_duiding(NA_OKTOBER, tweede_nodig=True)

    for check in (
        lambda: check_confirm(voorbij, "Carla", NA_APRIL, [voorbij]),
        lambda: check_withdraw(voorbij, "Carla", NA_APRIL),
    ):
        with pytest.raises(DuidingKanNiet, match="nog komt"):
            check()
    assert check_withdraw(voorbij, "Carla", NA_JANUARI) == "Carla"


@pytest.mark.parametrize(
    ("duiding", "verloop"),
    [
        (make_duiding(), ["gepland", "loopt", "loopt", "verlopen"]),
        (
            make_duiding(tweede_nodig=True),
            ["wacht_op_bevestiging", "wacht_op_bevestiging", "verlopen", "verlopen"],
        ),
        (
            make_duiding(tweede_nodig=True, bevestigd=NA_JANUARI),
            ["gepland", "gepland", "loopt", "verlopen"],
        ),
        (make_duiding(ingetrokken=NA_JANUARI), ["ingetrokken"] * 4),
    ],
)
def test_state_follows_the_published_peildatum(duiding: Duiding, verloop: list[str]) -> None:
    peildata = [p.peildatum for p in (NA_OKTOBER, NA_JANUARI, NA_APRIL, NA_JULI)]

    assert [find_status(duiding, peildatum) for peildatum in peildata] == verloop


def test_of_two_on_one_peildatum_the_youngest_counts_and_they_never_add_up() -> None:
    eerste = make_duiding(NA_OKTOBER, delta=1)
    tweede = make_duiding(NA_JANUARI, id_=2, delta=-1, tweede_nodig=True, bevestigd=NA_JANUARI)

    regels = {regel.peildatum: regel.delta for regel in select_regels([tweede, eerste])}

    assert regels == {JANUARI: 1, APRIL: -1, JULI: -1}


def test_what_goes_to_the_label_holds_no_name_and_no_text() -> None:
    (regel, _) = select_regels([make_duiding(door="Anna de Wit")])

    assert set(vars(regel)) == {"niveau", "beheerobject_id", "peildatum", "delta", "reden_code"}
    assert "Anna" not in str(regel)
    assert "portiek" not in str(regel)


@given(
    st.lists(
        st.tuples(
            st.integers(0, 8), st.sampled_from([-1, 1]), st.booleans(), st.booleans(),
            st.integers(0, 3), st.integers(0, 3),
        ),
        max_size=8,
    )
)  # fmt: skip
def test_a_label_moves_by_one_at_most_whatever_was_decided(
    gezet: list[tuple[int, int, bool, bool, int, int]],
) -> None:
    def publish(kwartaal: int) -> Publicatie:
        return Publicatie("r", shift_kwartaal(date(2026, 10, 1), kwartaal))

    duidingen = [
        make_duiding(
            publish(begin),
            id_=nummer,
            delta=delta,
            tweede_nodig=tweede,
            bevestigd=publish(begin + later),
            ingetrokken=publish(begin + trek) if weg else None,
        )
        for nummer, (begin, delta, tweede, weg, later, trek) in enumerate(gezet)
    ]

    regels = select_regels(duidingen)

    assert len({(r.beheerobject_id, r.peildatum) for r in regels}) == len(regels)
    assert all(abs(regel.delta) == 1 for regel in regels)
    assert list(regels) == sorted(regels)
    for duiding in duidingen:
        assert set(list_peildata(duiding)) <= {duiding.ingaand_peildatum, duiding.vervalt_na}
