"""The map page: by theme, day and wijk, for every role; nothing from elsewhere unless it is set."""

from __future__ import annotations

import math
import re
import sqlite3
import threading
import zlib
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from serving.pagina.kaart import MAXIMUM_STIPPEN, draw_kaart, draw_wijk, fits_complexen
from serving.pagina.ondergrond import Kaartlaag, cover, parse_kaartlaag
from serving.pagina.vorm import fit_kader
from serving.release import schema
from serving.release.standen import list_peildata, read_stand
from serving.release.winkel import Uitgave
from tests.unit.serving.pagina.lezer import read_page
from tests.unit.serving.wie import make_app
from vera.errors import GebruikFout

LAAG = Kaartlaag("https://tegels.example/{z}/{x}/{y}.png", "Kaart: de tekenaar")


def read_areas(html: str) -> dict[str, str]:
    """Class by id of every area on a map."""
    return dict(re.findall(r'<a href="/buurten/(\w+)"[^>]*><title>.*?<path class="(\w+)', html))


def test_map_of_now_has_the_labels_of_the_list(stad: TestClient, uitgave: Uitgave) -> None:
    labels = dict(
        uitgave.query("select beheerobject_id, label_ovl from lijst where niveau = 'buurt'")
    )

    assert read_areas(stad.get("/kaart?thema=OVL").text) == {
        id_: f"v{label or 0}" for id_, label in labels.items()
    }


def test_map_of_an_earlier_day_has_the_labels_of_that_day(
    stad: TestClient, uitgave: Uitgave
) -> None:
    dag = list_peildata(uitgave, "buurt")[-1]
    ids = [r[0] for r in uitgave.query("select beheerobject_id from lijst where niveau = 'buurt'")]
    toen = read_stand(uitgave, "buurt", dag, "TOT", ids)

    html = stad.get(f"/kaart?peildatum={dag}").text

    assert read_areas(html) == {id_: f"v{label or 0}" for id_, label in toen.items()}
    assert read_areas(html) != read_areas(stad.get("/kaart").text)
    assert "U kijkt terug" in html


def test_map_of_a_wijk_shows_its_complexes_with_their_figures(
    stad: TestClient, uitgave: Uitgave
) -> None:
    html = stad.get("/kaart?wijk=WK099901&toon=complexen").text
    eigen = {
        f"/complexen/{id_}"
        for (id_,) in uitgave.query(
            "select beheerobject_id from lijst where niveau = 'complex' and wijk_id = 'WK099901' "
            "and lengtegraad is not null"
        )
    }

    stippen = re.findall(r'<a href="(/complexen/[^"]+)"[^>]*><title>', html)
    assert set(stippen) == eigen
    assert len(re.findall(r'<text class="t[0-5]"', html)) == len(eigen)


def test_map_is_sent_once_until_something_of_it_changes(stad_map: Path, stad: TestClient) -> None:
    eerst = stad.get("/kaart?thema=OVL")
    weer = {"if-none-match": eerst.headers["etag"]}

    assert stad.get("/kaart?thema=OVL", headers=weer).status_code == 304
    for klant in (
        TestClient(make_app(stad_map, kaartlaag=LAAG)),
        TestClient(make_app(stad_map, "politie")),
    ):
        ander = klant.get("/kaart?thema=OVL", headers=weer)
        assert ander.status_code == 200
        # A browser takes the headers of a 304 over: the tiles must stay allowed.
        nog = klant.get("/kaart?thema=OVL", headers={"if-none-match": ander.headers["etag"]})
        assert nog.status_code == 304
        beleid = "content-security-policy"
        assert nog.headers[beleid] == ander.headers[beleid]


@pytest.mark.parametrize(
    ("adres", "soort"),
    [("/kaart", "buurten"), ("/kaart?thema=SOC", "buurten"),
     ("/kaart?wijk=WK099901&toon=complexen", "complexen")],
)  # fmt: skip
def test_everything_on_the_map_stands_in_the_list_beneath_it(
    stad: TestClient, adres: str, soort: str
) -> None:
    kaart, _, lijst = stad.get(adres).text.partition('id="lijst-kop"')

    op_kaart = set(re.findall(rf'<a href="(/{soort}/[^"]+)" tabindex="-1"', kaart))
    assert op_kaart
    assert op_kaart <= set(re.findall(rf'<a href="(/{soort}/[^"]+)">', lijst))


def test_links_lead_to_the_day_before_and_after_and_keep_the_rest(
    stad: TestClient, uitgave: Uitgave
) -> None:
    nu, eerder, nog_eerder, *_ = list_peildata(uitgave, "buurt")

    html = stad.get(f"/kaart?thema=OVL&peildatum={eerder}&wijk=WK099901").text

    assert f"/kaart?thema=OVL&amp;peildatum={nog_eerder}&amp;wijk=WK099901" in html
    assert f"/kaart?thema=OVL&amp;peildatum={nu}&amp;wijk=WK099901" in html
    assert 'href="/kaart?peildatum=' in html.split("Kies een thema")[1]  # another theme, same day


@pytest.mark.parametrize(
    ("vraag", "status"),
    [("peildatum=2001-01-01", 400), ("peildatum=x", 400), ("toon=huizen", 400),
     ("thema=XXX", 400), ("wijk=WKxx", 404)],
)  # fmt: skip
def test_address_that_is_wrong_says_so(stad: TestClient, vraag: str, status: int) -> None:
    assert stad.get(f"/kaart?{vraag}").status_code == status


@pytest.mark.parametrize("rol", ["politie", "zorg_welzijn", "ondernemer", "melder"])
def test_others_get_a_map_without_complexes_and_with_their_own_themes(
    stad_map: Path, rol: str
) -> None:
    klant = TestClient(make_app(stad_map, rol))

    html = klant.get("/kaart?toon=complexen&wijk=WK099901").text

    assert "/complexen" not in html
    assert 'name="toon"' not in html
    assert read_areas(html)
    assert klant.get("/kaart?thema=FIN").status_code == 403


def test_page_asks_nothing_elsewhere_unless_it_is_set(stad_map: Path, stad: TestClient) -> None:
    zonder, met = stad, TestClient(make_app(stad_map, kaartlaag=LAAG))

    assert "<image" not in zonder.get("/kaart").text
    assert "img-src 'self';" in zonder.get("/kaart").headers["content-security-policy"]

    antwoord = met.get("/kaart")
    assert len(re.findall(r'<image href="https://tegels\.example/\d+/\d+/\d+\.png"', antwoord.text))
    assert "Kaart: de tekenaar" in antwoord.text
    assert "img-src 'self' https://tegels.example;" in antwoord.headers["content-security-policy"]
    assert antwoord.headers["referrer-policy"] == "no-referrer"
    read_page(antwoord.text)
    for adres in ("/", "/buurten/BU09990003", "/privacy"):
        assert "tegels.example" not in met.get(adres).headers["content-security-policy"]


@pytest.mark.parametrize(
    "tekst",
    ["", "https://x.example/{z}/{x}/{y}.png", "http://x.example/{z}/{x}/{y}.png Kaart: x",
     "https://x.example/{z}/{x}.png Kaart: x", "https://x.example/{z}/{x}/{y};img Kaart: x",
     "https://x.example' *;/{z}/{x}/{y} Kaart", "https://{x}.example/{z}/{x}/{y}.png Kaart"],
)  # fmt: skip
def test_setting_that_is_no_map_is_refused(tekst: str) -> None:
    with pytest.raises(GebruikFout, match="BUURTPEIL_KAARTLAAG"):
        parse_kaartlaag(tekst)


@pytest.mark.parametrize("stad_vorm", [(4.3, 51.8, 4.6, 52.0), (4.47, 51.91, 4.48, 51.92),
                                       (3.3, 50.7, 7.2, 53.6)])  # fmt: skip
def test_tiles_cover_the_drawing_without_gaps(stad_vorm: tuple[float, ...]) -> None:
    west, zuid, oost, noord = stad_vorm
    kader = fit_kader([(west, zuid), (oost, noord)])
    assert kader is not None

    tegels = cover(kader, LAAG)

    assert 0 < len(tegels) <= 64
    assert min(t.x for t in tegels) <= 0
    assert min(t.y for t in tegels) <= 0
    assert max(t.x + t.breedte for t in tegels) >= kader.breedte
    assert max(t.y + t.hoogte for t in tegels) >= kader.hoogte
    assert sum(t.breedte for t in tegels if t.y == tegels[0].y) == pytest.approx(
        max(t.x + t.breedte for t in tegels) - tegels[0].x, abs=0.1
    )
    for tegel in tegels:
        assert tegel.hoogte == pytest.approx(tegel.breedte, rel=0.06)


def test_tile_of_a_known_place_is_the_one_that_everybody_has_there() -> None:
    # A bridge in Rotterdam, by the other formula of the OpenStreetMap wiki.
    lengte, breedte = 4.4868, 51.9092
    kader = fit_kader([(4.480, 51.905), (4.492, 51.913)])
    assert kader is not None
    tegels = {tegel.adres: tegel for tegel in cover(kader, LAAG)}
    zoom = int(next(iter(tegels)).split("/")[3])
    x, y = kader.place((lengte, breedte))
    (raak,) = (
        adres
        for adres, t in tegels.items()
        if t.x <= x < t.x + t.breedte and t.y <= y < t.y + t.hoogte
    )
    _, _, _, _, kolom, rij = raak.split("/")
    boog = math.asinh(math.tan(math.radians(breedte)))
    assert int(kolom) == int((lengte + 180) / 360 * 2**zoom)
    assert int(rij.removesuffix(".png")) == int((1 - boog / math.pi) / 2 * 2**zoom)


class GroteStad(Uitgave):
    """As many complexes as the largest association we design for, in a hundred wijken."""

    AANTAL = 77_000

    def __init__(self) -> None:
        self._bewaard = {}
        self._slot = threading.RLock()
        self._store = sqlite3.connect(":memory:")
        self._store.executescript(schema.OPZOEK_DDL)
        rijen = [
            (f"C{n:06}", f"Complex {n}", f"WK{n % 100:02}", 4 + (n % 100 % 10) / 10 + n % 97 / 1000,
             51 + (n % 100 // 10) / 10 + n % 89 / 1000, n % 5 + 1)
            for n in range(self.AANTAL)
        ]  # fmt: skip
        self._store.executemany(
            "insert into lijst (niveau, beheerobject_id, naam, wijk_id, lengtegraad, breedtegraad, "
            "label_tot, zoek, body) values ('complex', ?, ?, ?, ?, ?, ?, '', '')",
            rijen,
        )
        self._store.execute(
            "insert into stand values ('complex', 'eigen', '2020-01-01', 'TOT', ?)",
            (zlib.compress(b"3" * self.AANTAL),),
        )
        self._store.executescript(schema.OPZOEK_INDEXEN)

    def __del__(self) -> None:
        self._store.close()

    def _opzoek(self) -> sqlite3.Connection:
        return self._store


def test_map_of_a_wijk_among_very_many_complexes_is_small() -> None:
    stad = GroteStad()
    assert not fits_complexen(stad)
    assert GroteStad.AANTAL > MAXIMUM_STIPPEN

    alles = draw_kaart(stad, "TOT", toont_complexen=True)
    assert alles is None or alles.aantal_complexen == 0

    for dag in (None, "2020-01-01"):
        kaart = draw_wijk(stad, "WK42", toont_complexen=True, peildatum=dag)
        assert kaart is not None
        assert kaart.aantal_complexen == 770
        labels = {label for label, _ in kaart.zwermen}
        assert labels == ({1, 2, 3, 4, 5} & {n % 5 + 1 for n in range(42, 77_000, 100)}
                          if dag is None else {3})  # fmt: skip
        assert sum(len(pad) for _, pad in kaart.zwermen) < 20_000
