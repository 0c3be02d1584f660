"""Asking a publisher: politely, patiently, and never more than fits."""

from __future__ import annotations

import random
import socket
from datetime import UTC, datetime
from pathlib import Path

import pytest

from sources.opendata.adres import check_adres, follow
from sources.opendata.fout import AnderAntwoord, BestaatNiet, Onbereikbaar
from sources.opendata.klant import NAAM, Geduld, read_retry_after
from sources.opendata.voorraad import Voorraad
from tests.unit.sources.opendata.conftest import Plek
from tests.unit.sources.opendata.nepuitgever import (
    Antwoord,
    Nepuitgever,
    cut,
    hang,
    status,
    zip_it,
)
from vera.errors import GebruikFout

BESTAND = bytes(random.Random(7).randrange(256) for _ in range(200_000))
CATALOGUS = "/odata/v1/CBS/Datasets"


def test_publisher_sees_who_asks_and_gets_no_cookie_back(nep: Nepuitgever, plek: Plek) -> None:
    with plek.open_klant() as klant:
        klant.read_json(nep.begin + CATALOGUS)
        klant.read_json(f"{nep.begin}/ODataCatalog/Tables")
    assert [koppen["user-agent"] for _, koppen in nep.gevraagd] == [NAAM, NAAM]
    assert NAAM.startswith("Buurtpeil/")
    assert not any({"cookie", "authorization", "referer"} & set(k) for _, k in nep.gevraagd)


@pytest.mark.parametrize(
    "fout",
    [status(429), status(503), status(500), cut(), cut(zonder_lengte=True), cut(0.0)],
    ids=["429", "503", "500", "cut", "cut without a length", "nothing"],
)
def test_what_may_pass_is_asked_again_later_each_time(
    nep: Nepuitgever, plek: Plek, fout: object
) -> None:
    nep.fail(CATALOGUS, fout, fout, fout)  # type: ignore[arg-type]
    with plek.open_klant() as klant:
        assert len(klant.read_json(nep.begin + CATALOGUS)["value"]) == 4
    assert plek.geslapen == [1.0, 2.0, 4.0]


def test_publisher_says_itself_when_to_come_back(nep: Nepuitgever, plek: Plek) -> None:
    nep.fail(
        CATALOGUS,
        status(429, retry_after="17"),
        status(503, retry_after="Mon, 02 Nov 2026 06:00:42 GMT"),
    )
    with plek.open_klant() as klant:
        klant.read_json(nep.begin + CATALOGUS)
    assert plek.geslapen == [17.0, 42.0]


def test_publisher_that_asks_for_an_hour_is_left_alone(nep: Nepuitgever, plek: Plek) -> None:
    nep.fail(CATALOGUS, status(429, retry_after="3600"))
    with plek.open_klant() as klant, pytest.raises(Onbereikbaar, match="over 3600 seconden"):
        klant.read_json(nep.begin + CATALOGUS)
    assert (plek.geslapen, len(nep.gevraagd)) == ([], 1)


def test_publisher_that_keeps_failing_is_asked_five_times_and_then_named(
    nep: Nepuitgever, plek: Plek
) -> None:
    nep.fail(CATALOGUS, *[status(502)] * 9)
    with plek.open_klant() as klant, pytest.raises(Onbereikbaar, match=r"127\.0\.0\.1.*status 502"):
        klant.read_json(nep.begin + CATALOGUS)
    assert len(nep.gevraagd) == 5


def test_what_is_not_there_is_asked_once(nep: Nepuitgever, plek: Plek) -> None:
    with plek.open_klant() as klant, pytest.raises(BestaatNiet, match="status 404"):
        klant.read_json(f"{nep.begin}/odata/v1/CBS/WEG/Observations?$filter=x")
    assert len(nep.gevraagd) == 1


def test_line_that_falls_silent_is_broken_and_tried_again(nep: Nepuitgever, plek: Plek) -> None:
    nep.fail(CATALOGUS, hang)
    with plek.open_klant(Geduld(stilte=0.5)) as klant:
        assert klant.read_json(nep.begin + CATALOGUS)["value"]
    assert len(nep.gevraagd) >= 2  # more on a machine that is very busy


def test_answer_may_be_zipped_on_the_way(nep: Nepuitgever, plek: Plek) -> None:
    nep.fail(CATALOGUS, zip_it)
    with plek.open_klant() as klant:
        assert len(klant.read_json(nep.begin + CATALOGUS)["value"]) == 4
    assert nep.gevraagd[0][1]["accept-encoding"] == "gzip"


def test_zip_that_grows_out_of_all_proportion_is_stopped(nep: Nepuitgever, plek: Plek) -> None:
    nep.fail(CATALOGUS, lambda goed: zip_it(Antwoord(200, b" " * 5_000_000)))
    with (
        plek.open_klant(Geduld(maximum_pagina=1_048_576)) as klant,
        pytest.raises(AnderAntwoord, match="meer dan hier past"),
    ):
        klant.read_json(nep.begin + CATALOGUS)
    assert plek.geslapen == []


def test_what_did_not_change_is_not_sent_again(nep: Nepuitgever, plek: Plek) -> None:
    with plek.open_klant() as klant:
        eerst = klant.read_json(nep.begin + CATALOGUS)
    plek.nu = datetime(2026, 12, 2, 6, tzinfo=UTC)
    with plek.open_klant() as klant:
        assert klant.read_json(nep.begin + CATALOGUS) == eerst
    gevonden = Voorraad(plek.map / "openbaar").find(nep.begin + CATALOGUS)
    assert "if-none-match" in nep.gevraagd[1][1]
    assert gevonden is not None
    assert gevonden[1].opgehaald_op == "2026-12-02T06:00:00+00:00"


def test_damaged_stock_is_fetched_anew(nep: Nepuitgever, plek: Plek) -> None:
    with plek.open_klant() as klant:
        eerst = klant.read_json(nep.begin + CATALOGUS, "cbs_kwb/t/v")
        (pad,) = (plek.map / "openbaar" / "cbs_kwb/t/v").glob("*[!n]")
        pad.write_bytes(pad.read_bytes()[:-9])
        assert klant.read_json(nep.begin + CATALOGUS, "cbs_kwb/t/v") == eerst
        assert klant.read_json(nep.begin + CATALOGUS, "cbs_kwb/t/v") == eerst
    assert len(nep.gevraagd) == 2


@pytest.mark.parametrize("keren", [1, 2, 3])
def test_file_goes_on_where_the_line_broke(nep: Nepuitgever, plek: Plek, keren: int) -> None:
    nep.bestanden["/groot.zip"] = BESTAND
    nep.fail("/groot.zip", *[cut(0.3)] * keren)
    with plek.open_klant() as klant:
        assert klant.fetch_bestand(f"{nep.begin}/groot.zip").read_bytes() == BESTAND
    delen = [koppen.get("range") for _, koppen in nep.gevraagd]
    assert delen[0] is None
    assert all(deel is not None and deel.startswith("bytes=") for deel in delen[1:])
    assert len(delen) == keren + 1


def test_file_goes_on_in_a_later_run(nep: Nepuitgever, plek: Plek) -> None:
    nep.bestanden["/groot.zip"] = BESTAND
    nep.fail("/groot.zip", cut(0.6), *[status(503)] * 4)
    adres = f"{nep.begin}/groot.zip"
    with plek.open_klant() as klant, pytest.raises(Onbereikbaar):
        klant.fetch_bestand(adres)
    assert Voorraad(plek.map / "openbaar").find(adres, "bestand") is None
    nep.gevraagd.clear()
    with plek.open_klant() as klant:
        assert klant.fetch_bestand(adres).read_bytes() == BESTAND
    assert [koppen["range"] for _, koppen in nep.gevraagd] == ["bytes=120000-"]


def test_file_that_changed_meanwhile_starts_anew(nep: Nepuitgever, plek: Plek) -> None:
    nep.bestanden["/groot.zip"] = BESTAND
    nep.fail("/groot.zip", cut(0.6), *[status(503)] * 4)
    adres = f"{nep.begin}/groot.zip"
    with plek.open_klant() as klant:
        with pytest.raises(Onbereikbaar):
            klant.fetch_bestand(adres)
        nep.bestanden["/groot.zip"] = ander = BESTAND[::-1] + b"langer"
        assert klant.fetch_bestand(adres).read_bytes() == ander


def test_file_that_is_still_the_same_is_not_sent_again(nep: Nepuitgever, plek: Plek) -> None:
    nep.bestanden["/groot.zip"] = BESTAND
    with plek.open_klant() as klant:
        eerst = klant.fetch_bestand(f"{nep.begin}/groot.zip")
        assert klant.fetch_bestand(f"{nep.begin}/groot.zip") == eerst
    assert "if-none-match" in nep.gevraagd[1][1]


def test_file_that_is_too_large_is_refused_before_it_comes(nep: Nepuitgever, plek: Plek) -> None:
    nep.bestanden["/groot.zip"] = BESTAND
    with (
        plek.open_klant(Geduld(maximum_bestand=100_000)) as klant,
        pytest.raises(AnderAntwoord, match="meer dan hier past"),
    ):
        klant.fetch_bestand(f"{nep.begin}/groot.zip")


def test_file_of_which_nobody_says_how_long_it_is_is_not_believed(
    nep: Nepuitgever, plek: Plek
) -> None:
    nep.bestanden["/lijst.csv"] = b"a;b\r\n1;2\r\n" * 100
    nep.fail("/lijst.csv", cut(0.5, zonder_lengte=True))
    with plek.open_klant() as klant, pytest.raises(AnderAntwoord, match="hoe lang"):
        klant.fetch_bestand(f"{nep.begin}/lijst.csv")


def test_answer_that_goes_on_and_on_is_broken_off(nep: Nepuitgever, plek: Plek) -> None:
    with plek.open_klant(Geduld(duur=-1.0)) as klant, pytest.raises(Onbereikbaar, match="langer"):
        klant.read_json(nep.begin + CATALOGUS)
    assert len(nep.gevraagd) == 5


def test_redirect_on_the_same_site_is_followed(nep: Nepuitgever, plek: Plek) -> None:
    nep.fail("/ODataCatalog", status(302, location=CATALOGUS))
    with plek.open_klant() as klant:
        assert len(klant.read_json(f"{nep.begin}/ODataCatalog/Tables")["value"]) == 4


def test_redirect_to_elsewhere_is_not_followed(nep: Nepuitgever, plek: Plek) -> None:
    with Nepuitgever() as ander:
        nep.fail(CATALOGUS, status(302, location=ander.begin + CATALOGUS))
        with plek.open_klant() as klant, pytest.raises(AnderAntwoord, match="buiten zijn eigen"):
            klant.read_json(nep.begin + CATALOGUS)
        assert ander.gevraagd == []


def test_redirect_that_never_ends_is_given_up(nep: Nepuitgever, plek: Plek) -> None:
    nep.fail(CATALOGUS, *[status(307, location=CATALOGUS)] * 9)
    with plek.open_klant() as klant, pytest.raises(AnderAntwoord, match="blijft doorverwijzen"):
        klant.read_json(nep.begin + CATALOGUS)
    assert len(nep.gevraagd) == 4


def test_host_that_is_not_there_is_tried_by_one_question_alone(plek: Plek) -> None:
    with socket.socket() as vrij:
        vrij.bind(("127.0.0.1", 0))  # nobody listens
        begin = f"http://127.0.0.1:{vrij.getsockname()[1]}"
        with plek.open_klant() as klant:
            for pad in ("/een", "/twee"):
                with pytest.raises(Onbereikbaar, match="geen verbinding"):
                    klant.read_json(begin + pad)
    assert len(plek.geslapen) == 4


def test_certificate_that_nobody_vouches_for_is_not_accepted(plek: Plek, tmp_path: Path) -> None:
    with Nepuitgever() as nep:
        nep.wrap_tls(tmp_path)
        adres = nep.begin.replace("http://", "https://") + CATALOGUS
        with plek.open_klant(Geduld(pogingen=1)) as klant, pytest.raises(Onbereikbaar):
            klant.read_json(adres)
        assert nep.gevraagd == []


@pytest.mark.parametrize(
    ("van", "naar", "doel"),
    [
        ("https://a.cbs.nl/x", "/y?b=1", "https://a.cbs.nl/y?b=1"),
        ("https://a.cbs.nl/x", "http://a.cbs.nl/y", "https://a.cbs.nl/y"),
        ("https://a.cbs.nl/x", "https://b.cbs.nl/y", "https://b.cbs.nl/y"),
        ("https://a.cbs.nl/x", "https://cbs.nl.example/y", None),
        ("https://a.cbs.nl/x", "https://evilcbs.nl/y", None),
        ("https://a.cbs.nl/x", "https://a.cbs.nl:8443/y", None),
        ("https://a.cbs.nl/x", "http://a.cbs.nl:8080/y", None),
        ("https://a.cbs.nl/x", "https://u:p@a.cbs.nl/y", None),
        ("https://a.cbs.nl/x", "http://127.0.0.1/y", None),
        ("https://a.cbs.nl/x", "http://169.254.1.1/y", None),
        ("https://a.cbs.nl/x", "file:///etc/passwd", None),
        ("https://a.cbs.nl/x", "//[kapot", None),
        ("https://10.1.2.3/x", "https://10.9.2.3/y", None),
    ],
    ids=lambda waarde: str(waarde).replace("/", "_"),
)
def test_publisher_sends_on_within_its_own_site_only(van: str, naar: str, doel: str | None) -> None:
    if doel is None:
        with pytest.raises(AnderAntwoord):
            follow(van, naar)
    else:
        assert follow(van, naar) == doel


@pytest.mark.parametrize(
    "adres", ["http://cbs.example", "cbs.example", "https://u:p@cbs.example", "ftp://cbs.example"]
)
def test_address_without_tls_or_with_a_password_is_refused(adres: str) -> None:
    with pytest.raises(GebruikFout, match="BUURTPEIL_OPEN_CBS"):
        check_adres(adres, "BUURTPEIL_OPEN_CBS")


@pytest.mark.parametrize("tekst", ["", "straks", "-1", "1.5", "١٢"], ids=range(5))
def test_moment_that_is_none_is_no_reason_to_wait(tekst: str) -> None:
    assert read_retry_after({"retry-after": tekst}, datetime(2026, 11, 2, tzinfo=UTC)) is None
