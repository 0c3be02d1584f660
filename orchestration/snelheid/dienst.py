"""Measures the service beside bare servers, in rounds within one run, and writes what came out.

A machine is noisy, so a figure of one day cannot be compared with another day's: each server is
measured in every round, and what counts are ratios of medians. Per answer the server's own
processor time is told as well, which hardly moves with what else the machine does.

Does not belong here: starting and asking a server (``last``), the servers it is compared with
(``servers``), the release (``vulling``).
"""

from __future__ import annotations

import importlib.util
import json
import random
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Final

from orchestration.machine import describe_machine
from orchestration.snelheid.last import (
    PYTHON,
    Server,
    Uitslag,
    Vraag,
    choose_kernen,
    fetch,
    find_poort,
    find_wrk,
    put_load,
    serve,
)
from orchestration.snelheid.vulling import name_complex, publish_vulling
from orchestration.werkmap import Werkmap
from serving.adresindex.bestand import write_adresindex
from serving.adresindex.sleutel import load_sleutel
from serving.opslag import url_of_file
from serving.toegang.peper import load_geheim
from serving.toegang.register import Toegangsregister
from vera.adressleutel import compute_vingerafdruk, make_adressleutel

OPZOEK, NIEUW, STAPEL, LIJST, PAGINA = (
    "één label opzoeken",
    "opnieuw vragen (304)",
    "honderd labels ineens",
    "bladzijde van een lijst",
    "labelkaart (HTML)",
)
PER_STAPEL: Final = 100
_VRAGEN: Final = 2_000
_GEEN_GRENZEN: Final = dict.fromkeys(("BUURTPEIL_GRENS_PROGRAMMA", "BUURTPEIL_GRENS_MENS"), "0")
"""The load comes from one key; how often a key may ask is not what is measured."""


@dataclass(frozen=True)
class Opzet:
    """What is measured and how long.

    Parameters
    ----------
    complexen, adressen
        Size of the made release.
    seconden, ronden
        Length of a measurement, and how often each is done.
    """

    complexen: int = 2_000
    adressen: int = 60_000
    seconden: int = 5
    ronden: int = 3


@dataclass(frozen=True)
class Norm:
    """A promise, held against the figures.

    Parameters
    ----------
    wat
        In Dutch.
    waarde, grens
        What came out, and what was promised.
    minstens
        Whether more is better.
    """

    wat: str
    waarde: float
    grens: float
    minstens: bool = True

    @property
    def gehaald(self) -> bool:
        """Whether the promise holds."""
        return self.waarde >= self.grens if self.minstens else self.waarde <= self.grens


@dataclass
class Verslag:
    """All figures of one run, by (server, what was asked).

    Parameters
    ----------
    opzet
        What was measured.
    uitslagen
        One per round.
    tot_antwoord
        Seconds from starting the service to its first good answer.
    rss
        Bytes of the service's process after all of it.
    ontbreekt
        What could not be measured, in Dutch.
    """

    opzet: Opzet
    uitslagen: dict[tuple[str, str], list[Uitslag]] = field(default_factory=dict)
    tot_antwoord: float = 0.0
    rss: int = 0
    ontbreekt: list[str] = field(default_factory=list)

    def find(self, server: str, vraag: str, wat: Callable[[Uitslag], float]) -> float | None:
        """Return the median over the rounds; None when it was not measured."""
        rondes = self.uitslagen.get((server, vraag))
        return median(wat(u) for u in rondes) if rondes else None

    def compare(self, server: str, wat: Callable[[Uitslag], float]) -> float | None:
        """Return the look-up as a multiple of another server's: the median of the rounds."""
        ons = self.uitslagen.get(("buurtpeil", OPZOEK), [])
        ander = self.uitslagen.get((server, OPZOEK), [])
        paren = list(zip(ons, ander, strict=True)) if ander else []
        return median(wat(a) / wat(b) for a, b in paren) if paren else None

    def list_normen(self) -> list[Norm]:
        """Return the promises that could be held against something."""
        mogelijk = (
            ("opzoeken, maal een gewone FastAPI-route", self.compare("fastapi", _tempo), 1.5, True),
            ("opzoeken, maal een kale ASGI-app", self.compare("asgi", _tempo), 0.6, True),
            ("opzoeken, maal Datasette", self.compare("datasette", _tempo), 10.0, True),
            ("p99 van opzoeken, maal die van de ASGI-app", self.compare("asgi", _p99), 2.0, False),
            ("labels per seconde in stapels van honderd", self._labels(), 200_000.0, True),
            ("seconden van start tot eerste antwoord", self.tot_antwoord, 2.0, False),
            ("geheugen van een proces, MB", self.rss / 1e6, 300.0, False),
            ("antwoorden die niet goed waren", float(self.fout), 0.0, False),
        )  # fmt: skip
        return [
            Norm(wat, waarde, grens, minstens)
            for wat, waarde, grens, minstens in mogelijk
            if waarde is not None
        ]

    @property
    def fout(self) -> int:
        """Answers that were no good, of all servers and rounds."""
        return sum(u.fout for rondes in self.uitslagen.values() for u in rondes)

    def _labels(self) -> float | None:
        stapels = self.find("buurtpeil", STAPEL, _tempo)
        return None if stapels is None else stapels * PER_STAPEL


def _tempo(uitslag: Uitslag) -> float:
    return uitslag.per_seconde


def _p99(uitslag: Uitslag) -> float:
    return uitslag.p99


def measure(opzet: Opzet, zeg: Callable[[str], None]) -> Verslag:
    """Make a release, start everything, ask it, and return the figures.

    Parameters
    ----------
    opzet
        What is measured and how long.
    zeg
        Told how far it is, in Dutch.
    """
    find_wrk()
    verslag = Verslag(opzet)
    kern, kern_last = choose_kernen()
    if kern == kern_last:
        verslag.ontbreekt.append("een tweede kern: server en last deelden er één")
    with tempfile.TemporaryDirectory(prefix="buurtpeil-bench-") as naam, ExitStack() as stapel:
        map_ = Path(naam)
        zeg(f"Een release maken van {opzet.complexen} complexen en {opzet.adressen} adressen.")
        wereld = _make_wereld(map_, opzet)
        servers: dict[str, Server] = {}
        koppen = {"Authorization": f"Bearer {wereld.sleutel}"}
        for server, opdracht, adres in _list_servers(wereld, verslag):
            poort = find_poort()
            servers[server] = stapel.enter_context(
                serve(
                    [deel.replace("POORT", str(poort)) for deel in opdracht],
                    poort,
                    kern,
                    adres,
                    koppen if server == "buurtpeil" else {},
                    map_ / f"{server}.log",
                    _GEEN_GRENZEN,
                )
            )
        ons = servers["buurtpeil"]
        verslag.tot_antwoord = ons.secondes_tot_antwoord
        vragen = _list_vragen(wereld, ons, verslag)
        for ronde in range(opzet.ronden):
            zeg(f"Ronde {ronde + 1} van {opzet.ronden}.")
            for (server, soort), vraag in vragen.items():
                if server in servers:
                    uitslag = put_load(servers[server], vraag, kern_last, opzet.seconden)
                    verslag.uitslagen.setdefault((server, soort), []).append(uitslag)
        verslag.rss = ons.read_rss()
    return verslag


@dataclass(frozen=True)
class _Wereld:
    data: Path
    release: Path
    sleutel: str
    ids: Sequence[str]

    def write(self, naam: str, regels: Sequence[str]) -> Path:
        pad = self.data.parent / naam
        pad.write_text("\n".join(regels), encoding="utf-8")
        return pad


def _make_wereld(map_: Path, opzet: Opzet) -> _Wereld:
    werkmap = Werkmap.of(map_ / "data")
    release = werkmap.releases / publish_vulling(werkmap.releases, opzet.complexen)
    geheim = load_sleutel(werkmap.sleutels)
    write_adresindex(release, sorted(_iter_adressen(geheim, opzet)), compute_vingerafdruk(geheim))
    register = Toegangsregister(url_of_file(werkmap.data / "toegang.sqlite"))
    wie = dict.fromkeys(("naam", "organisatie", "door"), "bench")
    geheim = load_geheim(werkmap.sleutels)
    _, sleutel = register.issue(geheim, rollen=["lezer"], dagen=1, **wie)
    register.close()
    rng = random.Random(1)  # noqa: S311 - which complexes are asked for
    ids = [name_complex(rng.randrange(opzet.complexen)) for _ in range(_VRAGEN)]
    return _Wereld(werkmap.data, release, sleutel, ids)


def _iter_adressen(geheim: bytes, opzet: Opzet) -> Iterator[tuple[bytes, str]]:
    for nummer in range(opzet.adressen):
        straat, huis = divmod(nummer, 100)
        postcode = f"{1000 + straat % 9000}{chr(65 + straat // 9000)}A"
        yield (
            make_adressleutel(geheim, postcode, str(huis + 1), ""),
            name_complex(nummer * opzet.complexen // opzet.adressen),
        )


def _list_servers(wereld: _Wereld, verslag: Verslag) -> Iterator[tuple[str, Sequence[str], str]]:
    """Yield name, command and the address that answers when it serves."""
    een = f"/v1/complexen/{wereld.ids[0]}"
    yield (
        "buurtpeil",
        [str(Path(PYTHON).with_name("buurtpeil")), "serve", "--data", str(wereld.data),
         "--port", "POORT"],
        een,
    )  # fmt: skip
    gewoon = wereld.data.parent / "antwoord.json"
    gewoon.write_bytes(_read_antwoord(wereld))
    for soort, bestand, adres in (
        ("fastapi", gewoon, een),
        ("asgi", gewoon, een),
        ("datasette", wereld.release / "opzoek.sqlite", "/opzoek.json"),
    ):
        if soort == "datasette" and importlib.util.find_spec("datasette") is None:
            verslag.ontbreekt.append("Datasette (`uv pip install datasette`)")
            continue
        yield (
            soort,
            [PYTHON, "-m", "orchestration.snelheid.servers", soort, "POORT", str(bestand)],
            adres,
        )


def _read_antwoord(wereld: _Wereld) -> bytes:
    """Return a whole answer, so that everybody sends as many bytes."""
    from serving.release.winkel import open_release

    with open_release(wereld.release) as uitgave:
        return uitgave.answer("complex", wereld.ids[0]) or b""


def _list_vragen(wereld: _Wereld, ons: Server, verslag: Verslag) -> Mapping[tuple[str, str], Vraag]:
    een = [f"/v1/complexen/{id_}" for id_ in wereld.ids]
    opzoek = wereld.write("opzoek.txt", een)
    tabel = wereld.write(
        "datasette.txt", [f"/opzoek/antwoord/complex,{id_}.json" for id_ in wereld.ids]
    )
    koppen = {"Authorization": f"Bearer {wereld.sleutel}"}
    etag = fetch(ons.poort, een[0], koppen)[1].get("etag", "")
    vragen = {
        ("buurtpeil", OPZOEK): Vraag(opzoek, wereld.sleutel),
        ("fastapi", OPZOEK): Vraag(opzoek, wereld.sleutel),
        ("asgi", OPZOEK): Vraag(opzoek, wereld.sleutel),
        ("datasette", OPZOEK): Vraag(tabel),
        ("buurtpeil", NIEUW): Vraag(opzoek, wereld.sleutel, etag),
        ("buurtpeil", LIJST): Vraag(
            wereld.write(
                "lijst.txt",
                [
                    f"/v1/complexen?thema={thema}&sorteer=-score&pagina={1 + plaats % 10}"
                    for thema in ("TOT", "OVL", "SHV")
                    for plaats in range(100)
                ],
            ),
            wereld.sleutel,
        ),
        ("buurtpeil", PAGINA): Vraag(
            wereld.write("pagina.txt", [f"/complexen/{id_}" for id_ in wereld.ids]), wereld.sleutel
        ),
    }
    stapels = _make_stapels(wereld.ids)
    zoek = wereld.write("zoek.txt", ["/v1/complexen/_zoek"])
    status, _, _ = fetch(
        ons.poort,
        "/v1/complexen/_zoek",
        {**koppen, "Content-Type": "application/json"},
        stapels[0].encode(),
    )
    if status == 200:
        inhoud = wereld.write("stapels.txt", stapels)
        vragen["buurtpeil", STAPEL] = Vraag(zoek, wereld.sleutel, inhoud=inhoud)
    else:
        verslag.ontbreekt.append(f"stapels van honderd (antwoord {status})")
    for (server, soort), vraag in list(vragen.items()):
        if server != "buurtpeil" or soort in {STAPEL, OPZOEK, NIEUW}:
            continue
        adres = vraag.adressen.read_text(encoding="utf-8").partition("\n")[0]
        status, _, _ = fetch(ons.poort, adres, koppen)
        if status != 200:
            verslag.ontbreekt.append(f"{soort} (antwoord {status})")
            del vragen[server, soort]
    return vragen


def _make_stapels(ids: Sequence[str]) -> list[str]:
    rng = random.Random(2)  # noqa: S311
    return [
        json.dumps({"zoekvragen": [{"complexId": id_} for id_ in rng.sample(ids, PER_STAPEL)]})
        for _ in range(50)
    ]


def write_verslag(verslag: Verslag) -> str:
    """Return the page: ratios first, then the figures of this run."""
    opzet = verslag.opzet
    regels = [
        "# Hoe snel de dienst is",
        "",
        f"Dit bestand is gemaakt door `buurtpeil bench --dienst --complexen {opzet.complexen} "
        f"--adressen {opzet.adressen} --seconden {opzet.seconden} --ronden {opzet.ronden} "
        "--schrijf docs/snelheid.md`. De dienst draaide op één kern en de vragen kwamen van een "
        "andere, op dezelfde machine "
        f"({describe_machine()}). Met inlog (een sleutel), ETag en leeslog aan. "
        f"De release had {opzet.complexen} complexen en {opzet.adressen} adressen. Elke meting "
        f"duurde {opzet.seconden} seconden en is {opzet.ronden} keer gedaan, om en om; hier staat "
        "de middelste. Snelheden van andere dagen zijn niet te vergelijken, verhoudingen wel.",
        "",
        "| belofte | gemeten | grens | gehaald |",
        "|---|---:|---:|---|",
    ]
    for norm in verslag.list_normen():
        teken = "≥" if norm.minstens else "≤"
        regels.append(
            f"| {norm.wat} | {_write_getal(norm.waarde)} | {teken} {_write_getal(norm.grens)} "
            f"| {'ja' if norm.gehaald else '**nee**'} |"
        )
    regels += [
        "",
        "| wat er wordt gevraagd | van wie | per seconde | p50 (ms) | p99 (ms) | rekentijd (µs) |",
        "|---|---|---:|---:|---:|---:|",
    ]
    for server, soort in verslag.uitslagen:
        waarden = [
            verslag.find(server, soort, wat)
            for wat in (_tempo, lambda u: u.p50, _p99, lambda u: u.rekentijd)
        ]
        cijfers = " | ".join(_write_getal(w or 0.0) for w in waarden)
        regels.append(f"| {soort} | {NAMEN[server]} | {cijfers} |")
    if verslag.ontbreekt:
        regels += ["", f"Niet gemeten: {'; '.join(verslag.ontbreekt)}."]
    regels += [
        "",
        "*Rekentijd* is de tijd van de processor per antwoord, ook die van het leeslog. De andere "
        "servers geven steeds dezelfde bytes terug (even lang als een echt antwoord) en kijken "
        "niet wie er vraagt; Datasette leest dezelfde tabel. Alle draaien op uvicorn met uvloop en "
        "httptools, zonder toegangslog.",
        "",
    ]
    return "\n".join(regels)


NAMEN: Final = {
    "buurtpeil": "Buurtpeil",
    "fastapi": "gewone FastAPI-route",
    "asgi": "kale ASGI-app",
    "datasette": "Datasette",
}


def _write_getal(waarde: float) -> str:
    """Return a number as Dutch writes it.

    Examples
    --------
    >>> _write_getal(12345.6), _write_getal(1.5), _write_getal(0.0)
    ('12.346', '1,50', '0')
    """
    if waarde >= 100 or waarde == 0:
        return f"{waarde:,.0f}".replace(",", ".")
    return f"{waarde:.2f}".replace(".", ",")
