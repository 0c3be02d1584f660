"""Settings from the environment, read at entry points only.

The table in ``docs/instellingen.md`` is made of the metadata here; a test compares the two.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path

from vera.errors import GebruikFout

STANDAARD_POORT = 8000
STANDAARD_POORT_DAGSTER = 3000
STANDAARD_POORT_MLFLOW = 5000


def _describe(naam: str, uitleg: str) -> Mapping[str, str]:
    return {"naam": naam, "uitleg": uitleg}


@dataclass(frozen=True)
class Instellingen:
    """Everything that is set from outside.

    Each field's metadata holds the name of its environment variable and its meaning.
    """

    data: Path = field(
        default=Path("data"),
        metadata=_describe("BUURTPEIL_DATA", "Datamap: warehouse, releases, sleutels, quarantaine"),
    )
    leveringen: Path | None = field(
        default=None,
        metadata=_describe(
            "BUURTPEIL_LEVERINGEN", "Map met leveringen; leeg = `leveringen` in de datamap"
        ),
    )
    pseudoniem_sleutel: str | None = field(
        default=None,
        repr=False,
        metadata=_describe(
            "BUURTPEIL_PSEUDONIEM_SLEUTEL",
            "Sleutel van de pseudoniemen, 64 hexadecimale cijfers; leeg = het bestand in de "
            "datamap",
        ),
    )
    besluiten_url: str | None = field(
        default=None,
        repr=False,  # it may hold a password
        metadata=_describe(
            "BUURTPEIL_BESLUITEN_URL",
            "Waar besluiten van mensen staan (duidingen, werklijsten), bijvoorbeeld "
            "`postgresql+psycopg://gebruiker@host/database`; leeg = `besluiten.sqlite` in de "
            "datamap",
        ),
    )
    toegang_url: str | None = field(
        default=None,
        repr=False,  # it may hold a password
        metadata=_describe(
            "BUURTPEIL_TOEGANG_URL",
            "Waar staat wie een sleutel heeft (nooit de sleutel zelf), in een database voor zich; "
            "leeg = `toegang.sqlite` in de datamap",
        ),
    )
    signalen_url: str | None = field(
        default=None,
        repr=False,  # it may hold a password
        metadata=_describe(
            "BUURTPEIL_SIGNALEN_URL",
            "Waar Sociale Signalen staan, in een database voor zich; leeg = `signalen.sqlite` in "
            "de datamap",
        ),
    )
    signaal_sleutel: str | None = field(
        default=None,
        repr=False,
        metadata=_describe(
            "BUURTPEIL_SIGNAAL_SLEUTEL",
            "Sleutels van de Sociale Signalen, de nieuwste eerst, met komma's ertussen; leeg = het "
            "bestand in de datamap",
        ),
    )
    signaal_dpia: str | None = field(
        default=None,
        metadata=_describe(
            "BUURTPEIL_SIGNAAL_DPIA",
            "Naam van de DPIA die toestaat om te bewaren welk van de signalen het was; leeg = "
            "alleen een grove code",
        ),
    )
    signaal_toelichting: str | None = field(
        default=None,
        metadata=_describe(
            "BUURTPEIL_SIGNAAL_TOELICHTING",
            "`ja` = bij een Sociaal Signaal mag een korte tekst; leeg = niet",
        ),
    )
    signaal_eenheden: Path | None = field(
        default=None,
        metadata=_describe(
            "BUURTPEIL_SIGNAAL_EENHEDEN",
            "CSV-bestand van het sociaal team met `eenheid_id` en `complex_id`; leeg = een Sociaal "
            "Signaal gaat over een complex, niet over een woning",
        ),
    )
    bron_urls: str | None = field(
        default=None,
        repr=False,  # they hold passwords
        metadata=_describe(
            "BUURTPEIL_BRON_URLS",
            "Databases waaruit leveringen worden opgehaald: `naam=adres`, met spaties ertussen; "
            "de namen staan in `bronnen.yml` (`docs/bronnen-sql.md`); leeg = uit het bestand "
            "hieronder, of geen",
        ),
    )
    bron_urls_bestand: Path | None = field(
        default=None,
        metadata=_describe(
            "BUURTPEIL_BRON_URLS_BESTAND",
            "Bestand met die adressen, een per regel, alleen leesbaar voor de eigenaar",
        ),
    )
    open_data: str | None = field(
        default=None,
        metadata=_describe(
            "BUURTPEIL_OPEN_DATA",
            "`ophalen` = een run haalt eerst open data op bij de uitgevers (`docs/open-data.md`); "
            "leeg = niet",
        ),
    )
    open_regio: str | None = field(
        default=None,
        metadata=_describe(
            "BUURTPEIL_OPEN_REGIO",
            "Waarover open data gaan: CBS-codes met komma's ertussen, zoals `GM0599`; leeg = de "
            "buurten en wijken die de corporatie levert",
        ),
    )
    open_jaren: str | None = field(
        default=None,
        metadata=_describe(
            "BUURTPEIL_OPEN_JAREN",
            "Van welke jaren, zoals `2014-2017,2024`; leeg = de laatste drie die er zijn",
        ),
    )
    open_cbs: str | None = field(
        default=None,
        metadata=_describe(
            "BUURTPEIL_OPEN_CBS",
            "Adres van CBS, OData 4; leeg = `https://datasets.cbs.nl/odata/v1/CBS`",
        ),
    )
    open_cbs_v3: str | None = field(
        default=None,
        metadata=_describe(
            "BUURTPEIL_OPEN_CBS_V3",
            "Adres van CBS, OData 3, voor jaren die OData 4 niet heeft; leeg = "
            "`https://opendata.cbs.nl`",
        ),
    )
    open_politie: str | None = field(
        default=None,
        metadata=_describe(
            "BUURTPEIL_OPEN_POLITIE",
            "Adres van de tabellen van data.politie.nl; leeg = `https://dataderden.cbs.nl`",
        ),
    )
    open_leefbaarometer: str | None = field(
        default=None,
        metadata=_describe(
            "BUURTPEIL_OPEN_LEEFBAAROMETER",
            "Adres van de zip met scores van de Leefbaarometer; leeg = die van 2024 op "
            "`https://www.leefbaarometer.nl`",
        ),
    )
    open_wijkprofiel: str | None = field(
        default=None,
        metadata=_describe(
            "BUURTPEIL_OPEN_WIJKPROFIEL",
            "Adres van een bestand van het Wijkprofiel Rotterdam, met `{jaar}` en `{soort}` "
            "erin; leeg = dat wordt niet opgehaald",
        ),
    )
    crisisnummer: str | None = field(
        default=None,
        metadata=_describe(
            "BUURTPEIL_CRISISNUMMER",
            "Telefoonnummer van de sociale crisisdienst, naast 112 bij Sociaal Signaal",
        ),
    )
    mlflow_url: str | None = field(
        default=None,
        repr=False,  # it may hold a password
        metadata=_describe(
            "BUURTPEIL_MLFLOW_URL",
            "Database van het modelregister (MLflow), bijvoorbeeld "
            "`postgresql+psycopg://gebruiker@host/database`; leeg = `mlflow.sqlite` in de "
            "datamap. De modellen zelf staan altijd in `modellen` in de datamap",
        ),
    )
    dagster_url: str | None = field(
        default=None,
        repr=False,  # it may hold a password
        metadata=_describe(
            "BUURTPEIL_DAGSTER_URL",
            "Database van Dagster (runs, gebeurtenissen, planning), bijvoorbeeld "
            "`postgresql://gebruiker@host/database`, in een database voor zich; leeg = SQLite in "
            "de datamap",
        ),
    )
    melding_webhook: str | None = field(
        default=None,
        repr=False,  # whoever knows the address may post there
        metadata=_describe(
            "BUURTPEIL_MELDING_WEBHOOK",
            "Adres dat een bericht (JSON, POST) krijgt als een run mislukt of op goedkeuring "
            "wacht; leeg = geen",
        ),
    )
    melding_email: str | None = field(
        default=None,
        metadata=_describe(
            "BUURTPEIL_MELDING_EMAIL",
            "E-mailadressen die datzelfde bericht krijgen, met komma's ertussen; leeg = geen",
        ),
    )
    smtp: str | None = field(
        default=None,
        repr=False,  # it may hold a password
        metadata=_describe(
            "BUURTPEIL_SMTP",
            "Mailserver voor dat bericht: `smtp://gebruiker:wachtwoord@host:587` (met STARTTLS als "
            "de server dat kan; met een wachtwoord altijd) of `smtps://host:465`",
        ),
    )
    kopie_wachtwoord: str | None = field(
        default=None,
        repr=False,
        metadata=_describe(
            "BUURTPEIL_KOPIE_WACHTWOORD",
            "Wachtwoord op het bestand met sleutels bij een reservekopie; leeg = geen",
        ),
    )
    grens_labels: str | None = field(
        default=None,
        metadata=_describe(
            "BUURTPEIL_GRENS_LABELS",
            "Welk deel van de complexen een ander label mag krijgen zonder dat een release op "
            "goedkeuring wacht, in procenten; leeg = 25",
        ),
    )
    grens_dekking: str | None = field(
        default=None,
        metadata=_describe(
            "BUURTPEIL_GRENS_DEKKING",
            "Hoeveel procentpunt meer complexen zonder label mogen zijn, per thema, zonder "
            "goedkeuring; leeg = 10",
        ),
    )
    grens_complexen: str | None = field(
        default=None,
        metadata=_describe(
            "BUURTPEIL_GRENS_COMPLEXEN",
            "Welk deel van de complexen mag verdwijnen zonder goedkeuring, in procenten; leeg = 5",
        ),
    )
    verzoeklog: str | None = field(
        default=None,
        metadata=_describe(
            "BUURTPEIL_VERZOEKLOG",
            "Waarvan de dienst een regel op stderr zet: `alles` = van elk verzoek dat niet het "
            "opzoeken van één label is, `fouten` = van wat in de dienst misging; leeg = `fouten`",
        ),
    )
    kaartlaag: str | None = field(
        default=None,
        metadata=_describe(
            "BUURTPEIL_KAARTLAAG",
            "Kaart van elders onder de eigen kaart: `https://…/{z}/{x}/{y}.png`, een spatie, en "
            "van wie de kaart is; leeg = geen, en geen browser vraagt iets elders "
            "(`docs/kaart.md`)",
        ),
    )
    basis_url: str | None = field(
        default=None,
        metadata=_describe(
            "BUURTPEIL_BASIS_URL",
            "Adres waarop mensen de pagina bereiken, voor links en het OpenAPI-document",
        ),
    )
    oidc_issuer: str | None = field(
        default=None,
        metadata=_describe(
            "BUURTPEIL_OIDC_ISSUER",
            "Aanbieder (OpenID Connect) waar mensen en programma's zich aanmelden, "
            "letterlijk zoals hij zichzelf noemt; leeg = alleen sleutels",
        ),
    )
    oidc_audience: str | None = field(
        default=None,
        metadata=_describe(
            "BUURTPEIL_OIDC_AUDIENCE",
            "Voor wie een access token moet zijn om bij de API te gelden, anders dan "
            "BUURTPEIL_OIDC_CLIENT_ID; leeg = de API neemt geen tokens",
        ),
    )
    oidc_client_id: str | None = field(
        default=None,
        metadata=_describe(
            "BUURTPEIL_OIDC_CLIENT_ID",
            "Naam waaronder de aanbieder de pagina kent; leeg = op de pagina meldt "
            "niemand zich via hem aan",
        ),
    )
    oidc_client_secret: str | None = field(
        default=None,
        repr=False,
        metadata=_describe(
            "BUURTPEIL_OIDC_CLIENT_SECRET",
            "Geheim van de pagina bij de aanbieder; leeg = uit het bestand hieronder,"
            " of geen geheim",
        ),
    )
    oidc_client_secret_bestand: Path | None = field(
        default=None,
        metadata=_describe(
            "BUURTPEIL_OIDC_CLIENT_SECRET_BESTAND",
            "Bestand met dat geheim, alleen leesbaar voor de dienst",
        ),
    )
    oidc_rollen: str | None = field(
        default=None,
        metadata=_describe(
            "BUURTPEIL_OIDC_ROLLEN",
            "Welke rol van de aanbieder welke rol hier is: `naam=rol`, met komma's "
            "ertussen; verplicht bij een aanbieder",
        ),
    )
    oidc_rollen_claim: str | None = field(
        default=None,
        metadata=_describe(
            "BUURTPEIL_OIDC_ROLLEN_CLAIM",
            "Claim met de rollen, zoals `roles` of `realm_access.roles`; leeg = `roles`",
        ),
    )
    oidc_naam_claim: str | None = field(
        default=None,
        metadata=_describe(
            "BUURTPEIL_OIDC_NAAM_CLAIM",
            "Claim die in het leeslog zegt wie het was; neem er een die mensen niet "
            "zelf kunnen veranderen; leeg = `sub`",
        ),
    )
    oidc_naam: str | None = field(
        default=None,
        metadata=_describe(
            "BUURTPEIL_OIDC_NAAM",
            "Hoe de aanbieder heet, voor de knop Aanmelden met …; leeg = `uw organisatie`",
        ),
    )
    oidc_scope: str | None = field(
        default=None,
        metadata=_describe(
            "BUURTPEIL_OIDC_SCOPE",
            "Wat de pagina de aanbieder vraagt; leeg = `openid`",
        ),
    )
    grens_mens: str | None = field(
        default=None,
        metadata=_describe(
            "BUURTPEIL_GRENS_MENS",
            "Aanvragen per minuut van wie op de pagina is aangemeld; leeg = 600, 0 = geen grens",
        ),
    )
    grens_programma: str | None = field(
        default=None,
        metadata=_describe(
            "BUURTPEIL_GRENS_PROGRAMMA",
            "Aanvragen per minuut van wie een sleutel of token meestuurt; leeg = "
            "60000, 0 = geen grens",
        ),
    )
    grens_adres: str | None = field(
        default=None,
        metadata=_describe(
            "BUURTPEIL_GRENS_ADRES",
            "Aanvragen per minuut van een adres waar niemand zei wie hij is; leeg = "
            "600, 0 = geen grens",
        ),
    )
    grens_mislukt: str | None = field(
        default=None,
        metadata=_describe(
            "BUURTPEIL_GRENS_MISLUKT",
            "Sleutels en tokens per minuut en per adres die niet gelden; leeg = 30, 0 = geen grens",
        ),
    )
    proxies: str | None = field(
        default=None,
        metadata=_describe(
            "BUURTPEIL_PROXIES",
            "Adressen of netwerken van de proxy's voor de dienst, met komma's "
            "ertussen; alleen zij mogen in `X-Forwarded-For` zeggen voor wie zij "
            "vragen; leeg = niemand",
        ),
    )

    @property
    def leveringen_map(self) -> Path:
        """Return the deliveries folder that holds when none is given."""
        return self.leveringen or self.data / "leveringen"

    @property
    def besluiten_adres(self) -> str:
        """Return where the decisions are when nothing else is given."""
        pad = self.data.expanduser().resolve() / "besluiten.sqlite"
        return self.besluiten_url or f"sqlite:///{pad}"

    @property
    def toegang_adres(self) -> str:
        """Return where the keys are when nothing else is given."""
        pad = self.data.expanduser().resolve() / "toegang.sqlite"
        return self.toegang_url or f"sqlite:///{pad}"

    @property
    def signalen_adres(self) -> str:
        """Return where the Sociale Signalen are when nothing else is given."""
        pad = self.data.expanduser().resolve() / "signalen.sqlite"
        return self.signalen_url or f"sqlite:///{pad}"

    @property
    def initiatieven_adres(self) -> str:
        """Return where the bewonersinitiatieven are: with the decisions, or in their own file."""
        pad = self.data.expanduser().resolve() / "initiatieven.sqlite"
        return self.besluiten_url or f"sqlite:///{pad}"

    @property
    def mlflow_adres(self) -> str:
        """Return where the model registry is when nothing else is given."""
        pad = self.data.expanduser().resolve() / "mlflow.sqlite"
        return self.mlflow_url or f"sqlite:///{pad}"

    @property
    def modellen_map(self) -> Path:
        """Return the folder of models, cards and pictures."""
        return self.data.expanduser().resolve() / "modellen"


def read_instellingen(omgeving: Mapping[str, str] | None = None) -> Instellingen:
    """Read the settings.

    Parameters
    ----------
    omgeving
        The environment; that of the process when left out.

    Raises
    ------
    GebruikFout
        When a variable starts with ``BUURTPEIL_`` and is not a setting: most likely a typing
        error that would otherwise pass in silence.
    """
    omgeving = os.environ if omgeving is None else omgeving
    namen = {veld.metadata["naam"]: veld for veld in fields(Instellingen)}
    vreemd = sorted(
        naam
        for naam in omgeving
        if naam.startswith("BUURTPEIL_") and naam not in namen and naam not in _VAN_ANDEREN
    )
    if vreemd:
        raise GebruikFout(
            f"Onbekende instelling: {', '.join(vreemd)}.",
            verwacht=", ".join(namen),
            remedie="verbeter de naam of haal de variabele weg",
        )
    waarden: dict[str, object] = {}
    for naam, veld in namen.items():
        tekst = omgeving.get(naam, "").strip()
        if tekst:
            waarden[veld.name] = Path(tekst) if naam in _PADEN else tekst
    return Instellingen(**waarden)  # type: ignore[arg-type]


def check_leveringen_map(pad: Path) -> Path:
    """Return ``pad`` when it is a folder.

    Raises
    ------
    GebruikFout
        When there is no such folder.
    """
    if not pad.expanduser().is_dir():
        raise GebruikFout(
            f"Er is geen leveringenmap {pad}.",
            verwacht="een map met per bron een map met bestanden",
            remedie="geef de map met --leveringen; `buurtpeil contract` zegt wat erin hoort",
        )
    return pad


_PADEN = {
    "BUURTPEIL_DATA",
    "BUURTPEIL_LEVERINGEN",
    "BUURTPEIL_SIGNAAL_EENHEDEN",
    "BUURTPEIL_BRON_URLS_BESTAND",
    "BUURTPEIL_OIDC_CLIENT_SECRET_BESTAND",
}
# Set by Buurtpeil itself for dbt, or read by the tests only.
_VAN_ANDEREN = {
    "BUURTPEIL_WAREHOUSE",
    "BUURTPEIL_CHROMIUM",
    "BUURTPEIL_ROTTERDAM",
    "BUURTPEIL_SPECTRAL",
    "BUURTPEIL_NLGOV_RULESET",
    "BUURTPEIL_OIDC_PROVIDER",
    "BUURTPEIL_GEEN_SKIP",
}
