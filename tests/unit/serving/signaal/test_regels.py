"""What may be reported, and what of it is stored."""

from __future__ import annotations

import pytest

from serving.signaal.regels import Beleid, OngeldigSignaal, admit
from serving.signaal.woorden import CODES, SIGNALEN, VIJF
from tests.unit.serving.signaal.conftest import make_voorstel


def test_form_leads_by_the_five_signals_of_the_report_each_with_what_one_can_see() -> None:
    assert tuple(SIGNALEN)[:5] == VIJF
    for soort in SIGNALEN.values():
        assert soort.gezien
        assert soort.code in CODES


def test_what_is_stored_is_one_of_five_coarse_codes() -> None:
    codes = {admit(make_voorstel(signaal_code=code), Beleid()).code for code in SIGNALEN}

    assert codes == {"zorg", "veiligheid", "eenzaamheid", "vervuiling", "onbekend"}


def test_note_is_refused_unless_the_policy_allows_one() -> None:
    voorstel = make_voorstel(toelichting="Hoopt op bezoek.")

    with pytest.raises(OngeldigSignaal, match="toelichting wordt hier niet gevraagd"):
        admit(voorstel, Beleid())
    assert admit(voorstel, Beleid(mag_toelichting=True)).toelichting == "Hoopt op bezoek."


@pytest.mark.parametrize(
    ("tekst", "reden"),
    [
        ("Bel 06-12345678", "telefoonnummer"),
        ("BSN 111222333", "BSN"),
        ("mail j@voorbeeld.nl", "e-mailadres"),
        ("woont op 3011 AB 12", "postcode met huisnummer"),
        ("x" * 201, "te lang"),
    ],
)
def test_note_with_personal_data_is_refused_with_the_reason_and_not_repeated(
    tekst: str, reden: str
) -> None:
    with pytest.raises(OngeldigSignaal, match=reden) as fout:
        admit(make_voorstel(toelichting=tekst), Beleid(mag_toelichting=True))

    assert tekst not in str(fout.value)


def test_dwelling_is_taken_only_from_the_list_of_the_social_team_and_in_its_complex() -> None:
    beleid = Beleid(eenheden={"VHE-12": "C001", "VHE-99": "C002"})

    assert admit(make_voorstel(eenheid_id=" VHE-12 "), beleid).eenheid_id == "VHE-12"
    meldingen = []
    for eenheid in ("VHE-99", "VHE-1"):
        with pytest.raises(OngeldigSignaal) as fout:
            admit(make_voorstel(eenheid_id=eenheid), beleid)
        meldingen.append(str(fout.value))
    assert meldingen[0] == meldingen[1], "nobody can find out which numbers there are"
    with pytest.raises(OngeldigSignaal, match="wordt hier niet gevraagd"):
        admit(make_voorstel(eenheid_id="VHE-12"), Beleid())


def test_every_wrong_field_is_named_at_once() -> None:
    voorstel = make_voorstel(
        complex_id="", signaal_code="", urgentie="x", organisatie="", benadering="x"
    )

    with pytest.raises(OngeldigSignaal) as fout:
        admit(voorstel, Beleid())

    assert set(fout.value.fouten) == {
        "complexId", "signaalCode", "urgentieCode", "organisatieCode", "benaderingCode",
    }  # fmt: skip


def test_organisation_that_the_login_names_needs_no_choice() -> None:
    voorstel = make_voorstel(organisatie="Schildersbedrijf De Kwast", is_organisatie_bekend=True)

    assert admit(voorstel, Beleid()).organisatie == "Schildersbedrijf De Kwast"
