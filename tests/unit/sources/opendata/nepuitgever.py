"""A server of our own that answers as the publishers do: OData 4 and 3, files, and what goes wrong.

It listens on this machine alone and takes part of OData literally: the questions that are asked
here and no others. What is asked of it is kept.
"""

from __future__ import annotations

import gzip
import json
import re
import ssl
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from sources.opendata.adres import Adressen

TABEL_POLITIE = "47018NED"


@dataclass(frozen=True)
class Antwoord:
    """An answer as it goes over the line."""

    status: int = 200
    inhoud: bytes = b""
    koppen: Mapping[str, str] = field(default_factory=dict)
    stuur: int | None = None
    """So many bytes are sent, though the length says that there are more."""
    zonder_lengte: bool = False
    hang: bool = False
    """Say no more after those bytes until the test is over."""


@dataclass(frozen=True)
class Tabel:
    """A table: areas by code, figures by (code, topic), and of the police by type as well."""

    naam: str
    titel: str
    regios: Mapping[str, str]
    onderwerpen: Mapping[str, tuple[str, str]]
    cijfers: Mapping[tuple[str, str], str]
    gewijzigd: str = "2026-01-05T02:00:00"


@dataclass(frozen=True)
class Misdrijven:
    """The table of the police: counts by (buurt, soort, periode)."""

    regios: Mapping[str, str]
    aantallen: Mapping[tuple[str, str, str], int | None]
    kolom: str = "GeregistreerdeMisdrijven_1"
    gewijzigd: str = "2026-02-03T02:00:00"


Fout = Callable[[Antwoord], Antwoord]


def status(code: int, **koppen: str) -> Fout:
    return lambda _: Antwoord(code, b"{}", {k.replace("_", "-"): v for k, v in koppen.items()})


def cut(deel: float = 0.5, *, zonder_lengte: bool = False) -> Fout:
    """Break the line somewhere in the body."""
    return lambda goed: replace(
        goed, stuur=int(len(goed.inhoud) * deel), zonder_lengte=zonder_lengte
    )


def hang(goed: Antwoord) -> Antwoord:
    return replace(goed, stuur=len(goed.inhoud) // 2, hang=True)


def zip_it(goed: Antwoord) -> Antwoord:
    return replace(
        goed,
        inhoud=gzip.compress(goed.inhoud, mtime=0),
        koppen={**goed.koppen, "content-encoding": "gzip"},
    )


def rewrite(doe: Callable[[dict[str, Any]], None]) -> Fout:
    """Change what an answer says: another schema."""

    def change(goed: Antwoord) -> Antwoord:
        inhoud = json.loads(goed.inhoud)
        doe(inhoud)
        return replace(goed, inhoud=json.dumps(inhoud).encode())

    return change


class Nepuitgever:
    """All publishers at once. A context: it listens until the end of it."""

    def __init__(self) -> None:
        self.v4: dict[str, Tabel] = {}
        self.v3: dict[str, Tabel] = {}
        self.politie: Misdrijven | None = None
        self.bestanden: dict[str, bytes] = {}
        self.per_pagina = 10_000
        self.fouten: list[tuple[str, Fout]] = []
        """Taken off in order: the first whose text is in the address is for this request."""
        self.gevraagd: list[tuple[str, dict[str, str]]] = []
        self.los = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._make_handler())
        self._server.daemon_threads = False
        self._draad = threading.Thread(target=self._server.serve_forever, args=(0.01,))

    def __enter__(self) -> Nepuitgever:
        self._draad.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.los.set()
        self._server.shutdown()
        self._draad.join()
        self._server.server_close()

    @property
    def begin(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    @property
    def adressen(self) -> Adressen:
        return Adressen(
            cbs=f"{self.begin}/odata/v1/CBS",
            cbs_v3=self.begin,
            politie=self.begin,
            leefbaarometer=f"{self.begin}/resources/lbm.zip",
            wijkprofiel=f"{self.begin}/wijkprofiel/{{jaar}}/{{soort}}.csv",
        )

    def fail(self, tekst: str, *fouten: Fout) -> None:
        """Let the next requests with this text in their address go wrong, one by one."""
        self.fouten += [(tekst, fout) for fout in fouten]

    def wrap_tls(self, map_: Path) -> None:
        """Speak TLS from now on, with a certificate that we signed ourselves."""
        sleutel, bewijs = make_certificaat()
        (map_ / "bewijs.pem").write_bytes(sleutel + bewijs)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(map_ / "bewijs.pem")
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)

    def list_gevraagd(self, tekst: str = "") -> list[str]:
        return [adres for adres, _ in self.gevraagd if tekst in adres]

    def answer(self, adres: str, koppen: Mapping[str, str]) -> Antwoord:
        delen = urlsplit(adres)
        vraag = {naam: waarden[0] for naam, waarden in parse_qs(delen.query).items()}
        if delen.path in self.bestanden:
            return _answer_bestand(self.bestanden[delen.path], koppen)
        rijen = self._find_rijen(delen.path, vraag)
        if rijen is None:
            return Antwoord(404, b"{}")
        rijen = list(rijen)
        vanaf = int(vraag.get("$skiptoken", "0"))
        is_v4 = delen.path.startswith("/odata/v1")
        inhoud: dict[str, Any] = {"value": rijen[vanaf : vanaf + self.per_pagina]}
        if vanaf + self.per_pagina < len(rijen):
            rest = {**vraag, "$skiptoken": str(vanaf + self.per_pagina)}
            link = "&".join(f"{naam}={quote(waarde)}" for naam, waarde in rest.items())
            naam = "@odata.nextLink" if is_v4 else "odata.nextLink"
            inhoud[naam] = f"{self.begin}{delen.path}?{link}"
        lichaam = json.dumps(inhoud).encode()
        etag = f'"{hash(lichaam) & 0xFFFFFFFF:x}"'
        if koppen.get("if-none-match") == etag:
            return Antwoord(304, b"", {"etag": etag})
        return Antwoord(200, lichaam, {"etag": etag, "content-type": "application/json"})

    def _find_rijen(self, pad: str, vraag: Mapping[str, str]) -> Iterable[dict[str, Any]] | None:
        filter_ = vraag.get("$filter", "")
        if pad == "/odata/v1/CBS/Datasets":
            return [
                {"Identifier": t.naam, "Title": t.titel, "Modified": t.gewijzigd,
                 "ObservationsModified": t.gewijzigd}
                for t in self.v4.values()
            ]  # fmt: skip
        if pad == "/ODataCatalog/Tables":
            return [
                {"Identifier": t.naam, "Title": t.titel, "Modified": t.gewijzigd}
                for t in self.v3.values()
            ]
        if treffer := re.fullmatch(r"/odata/v1/CBS/(\w+)/(\w+)", pad):
            tabel = self.v4.get(treffer[1])
            return None if tabel is None else _rijen_v4(tabel, treffer[2], filter_)
        if treffer := re.fullmatch(r"/OData(?:Api|Feed)/odata/(\w+)/(\w+)", pad):
            if treffer[1] == TABEL_POLITIE and self.politie is not None:
                return _rijen_politie(self.politie, treffer[2], filter_)
            tabel = self.v3.get(treffer[1])
            return None if tabel is None else _rijen_v3(tabel, treffer[2], vraag)
        return None

    def _make_handler(self) -> type[BaseHTTPRequestHandler]:
        nep = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_GET(self) -> None:
                koppen = {naam.lower(): waarde for naam, waarde in self.headers.items()}
                nep.gevraagd.append((self.path, koppen))
                antwoord = nep.answer(self.path, koppen)
                for i, (tekst, fout) in enumerate(nep.fouten):
                    if tekst in self.path:
                        del nep.fouten[i]
                        antwoord = fout(antwoord)
                        break
                self._send(antwoord)

            def _send(self, antwoord: Antwoord) -> None:
                self.send_response(antwoord.status)
                for naam, waarde in antwoord.koppen.items():
                    self.send_header(naam, waarde)
                self.send_header("set-cookie", "volg=mij; Path=/")
                if antwoord.zonder_lengte or antwoord.stuur is not None:
                    self.close_connection = True
                if antwoord.zonder_lengte:
                    self.send_header("connection", "close")
                elif antwoord.status not in {204, 304}:
                    self.send_header("content-length", str(len(antwoord.inhoud)))
                self.end_headers()
                self.wfile.write(antwoord.inhoud[: antwoord.stuur])
                if antwoord.hang:
                    self.wfile.flush()
                    nep.los.wait(20)

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        return Handler


def make_certificaat() -> tuple[bytes, bytes]:
    """Return a key and a certificate for this machine that nobody else vouches for."""
    sleutel = ec.generate_private_key(ec.SECP256R1())
    naam = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    begin = datetime(2020, 1, 1, tzinfo=UTC)
    bewijs = (
        x509.CertificateBuilder()
        .subject_name(naam)
        .issuer_name(naam)
        .public_key(sleutel.public_key())
        .serial_number(1)
        .not_valid_before(begin)
        .not_valid_after(begin + timedelta(days=36_500))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False
        )
        .sign(sleutel, hashes.SHA256())
    )
    return (
        sleutel.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
        bewijs.public_bytes(Encoding.PEM),
    )


def _answer_bestand(inhoud: bytes, koppen: Mapping[str, str]) -> Antwoord:
    """Answer as a server of files: ETag, 304, parts."""
    etag = f'"{len(inhoud)}-{sum(inhoud)}"'
    eigen = {
        "etag": etag,
        "accept-ranges": "bytes",
        "last-modified": "Mon, 05 Jan 2026 02:00:00 GMT",
    }
    if koppen.get("if-none-match") == etag:
        return Antwoord(304, b"", eigen)
    bereik = re.fullmatch(r"bytes=(\d+)-", koppen.get("range", ""))
    if bereik and koppen.get("if-range") == etag:
        vanaf = int(bereik[1])
        if vanaf >= len(inhoud):
            return Antwoord(416, b"", {"content-range": f"bytes */{len(inhoud)}"})
        eigen["content-range"] = f"bytes {vanaf}-{len(inhoud) - 1}/{len(inhoud)}"
        return Antwoord(206, inhoud[vanaf:], eigen)
    return Antwoord(200, inhoud, eigen)


def _begins(filter_: str, kolom: str) -> tuple[str, ...]:
    return tuple(re.findall(rf"startswith\({kolom},'([^']*)'\)", filter_))


def _getal(tekst: str) -> Any:
    """A figure as JSON has it: a number, nothing when it is missing, else text."""
    if tekst in {"", "."}:
        return None
    try:
        return float(tekst.replace(",", "."))
    except ValueError:
        return tekst


def _rijen_v4(tabel: Tabel, deel: str, filter_: str) -> list[dict[str, Any]] | None:
    if deel == "MeasureCodes":
        return [
            {"Identifier": sleutel, "Title": naam, "Unit": eenheid}
            for sleutel, (naam, eenheid) in tabel.onderwerpen.items()
        ]
    if deel == "WijkenEnBuurtenCodes":
        begin = _begins(filter_, "Identifier")
        return [
            {"Identifier": code, "Title": naam}
            for code, naam in tabel.regios.items()
            if code.startswith(begin)
        ]
    if deel != "Observations":
        return None
    begin = _begins(filter_, "WijkenEnBuurten")
    sleutels = set(re.findall(r"'(\w+)'", filter_.partition("Measure in ")[2]))
    rijen = []
    for (code, sleutel), tekst in tabel.cijfers.items():
        if code.startswith(begin) and sleutel in sleutels:
            waarde = _getal(tekst)
            is_tekst = isinstance(waarde, str)
            rijen.append(
                {"Measure": sleutel, "WijkenEnBuurten": code, "Value": None if is_tekst else waarde,
                 "StringValue": waarde if is_tekst else None}
            )  # fmt: skip
    return rijen


def _rijen_v3(tabel: Tabel, deel: str, vraag: Mapping[str, str]) -> list[dict[str, Any]] | None:
    filter_ = vraag.get("$filter", "")
    if deel == "DataProperties":
        return [
            {"Key": "WijkenEnBuurten", "Title": "Wijken en buurten", "Type": "GeoDetail"},
            {"Key": "", "Title": "Wonen", "Type": "TopicGroup"},
            *(
                {"Key": sleutel, "Title": naam, "Type": "Topic", "Unit": eenheid}
                for sleutel, (naam, eenheid) in tabel.onderwerpen.items()
            ),
        ]
    if deel == "WijkenEnBuurten":
        begin = _begins(filter_, "Key")
        return [
            {"Key": code.ljust(10), "Title": naam}
            for code, naam in tabel.regios.items()
            if code.startswith(begin)
        ]
    if deel != "TypedDataSet":
        return None
    begin, velden = _begins(filter_, "WijkenEnBuurten"), vraag["$select"].split(",")
    rijen = []
    for code in tabel.regios:
        if code.startswith(begin):
            rij: dict[str, Any] = {"WijkenEnBuurten": code.ljust(10)}
            for sleutel in velden[1:]:
                waarde = _getal(tabel.cijfers.get((code, sleutel), ""))
                rij[sleutel] = waarde.ljust(8) if isinstance(waarde, str) else waarde
            rijen.append(rij)
    return rijen


def _rijen_politie(tabel: Misdrijven, deel: str, filter_: str) -> list[dict[str, Any]] | None:
    if deel == "TableInfos":
        return [
            {"Identifier": TABEL_POLITIE, "Modified": tabel.gewijzigd,
             "Title": "Geregistreerde misdrijven; soort misdrijf, wijk, buurt, jaarcijfers"}
        ]  # fmt: skip
    if deel == "Perioden":
        perioden = sorted({periode for _, _, periode in tabel.aantallen})
        return [{"Key": periode, "Title": periode[:4]} for periode in perioden]
    if deel == "DataProperties":
        return [
            {"Key": "SoortMisdrijf", "Title": "Soort misdrijf", "Type": "Dimension"},
            {"Key": tabel.kolom, "Title": "Geregistreerde misdrijven", "Type": "Topic",
             "Unit": "aantal"},
        ]  # fmt: skip
    if deel == "WijkenEnBuurten":
        begin = _begins(filter_, "Key")
        return [
            {"Key": code, "Title": naam}
            for code, naam in tabel.regios.items()
            if code.startswith(begin)
        ]
    if deel != "TypedDataSet":
        return None
    begin = _begins(filter_, "WijkenEnBuurten")
    (jaar,) = re.findall(r"Perioden eq '(\w+)'", filter_)
    return [
        {"WijkenEnBuurten": code, "SoortMisdrijf": soort.ljust(6), "Perioden": periode,
         tabel.kolom: aantal}
        for (code, soort, periode), aantal in tabel.aantallen.items()
        if code.startswith(begin) and periode == jaar
    ]  # fmt: skip
