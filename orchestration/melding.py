"""Telling people that a run failed, or waits for approval: by webhook, by e-mail.

A notice says which step, what was expected, found and to be done, and which runbook; nothing of a
delivery or a person. It is sent beside what happened: a webhook that cannot be reached is told, and
never takes the place of the failure itself.

Belongs here: the notice, and sending it. Does not belong here: what is a failure
(``orchestration.uitvoering``) and when Dagster asks for a notice (``orchestration.sensors``).
"""

from __future__ import annotations

import json
import smtplib
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from typing import Final, Literal
from urllib.error import URLError
from urllib.parse import SplitResult, unquote, urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from orchestration.instellingen import Instellingen
from orchestration.voortgang import Voortgang
from vera.errors import BuurtpeilError, GebruikFout, PoortInFout, PoortUitFout
from vera.persoonsgegeven import hide_persoonsgegeven

Soort = Literal["mislukt", "wacht_op_goedkeuring"]

WACHT_SECONDEN: Final = 10.0
"""So long a server may take; a run that failed does not wait longer for its notice."""
MAX_TEKST: Final = 2000
"""So long each part of a notice is at most; the rest is on the screen and in Dagster."""

_RUNBOOKS: Final = {
    PoortInFout: "docs/runbooks/mislukte-run.md#de-poort-in-weigert",
    PoortUitFout: "docs/runbooks/mislukte-run.md#de-poort-uit-weigert",
}
_RUNBOOK: Final = "docs/runbooks/mislukte-run.md"
_RUNBOOK_WACHT: Final = "docs/runbooks/release-goedkeuren.md"
_POORT: Final = {"smtp": 587, "smtps": 465}


@dataclass(frozen=True)
class Melding:
    """What a notice says.

    Attributes
    ----------
    soort
        ``mislukt`` or ``wacht_op_goedkeuring``.
    job
        Name of the job.
    stap
        The step in which it ended; empty when none had begun.
    gevonden, verwacht, remedie
        As the error says them.
    runbook
        Page of this repository that says what to do.
    tijdstip
        When, in UTC.
    """

    soort: Soort
    job: str
    stap: str
    gevonden: str
    verwacht: str
    remedie: str
    runbook: str
    tijdstip: str

    @property
    def onderwerp(self) -> str:
        """The subject of the message."""
        if self.soort == "mislukt":
            return f"Buurtpeil: {self.job} is mislukt" + (f" bij {self.stap}" if self.stap else "")
        return f"Buurtpeil: {self.job} wacht op goedkeuring"

    @property
    def tekst(self) -> str:
        """The message as plain text."""
        delen = [
            self.onderwerp + ".",
            self.gevonden,
            f"Verwacht: {self.verwacht}" if self.verwacht else "",
            f"Wat te doen: {self.remedie}" if self.remedie else "",
            f"Meer: {self.runbook}",
            f"Tijd: {self.tijdstip}",
        ]
        return "\n\n".join(deel for deel in delen if deel)


def describe_fout(job: str, stap: str, fout: BaseException) -> Melding:
    """Return the notice of a failure."""
    if isinstance(fout, BuurtpeilError):
        return _describe(job, stap, type(fout), fout.gevonden, fout.verwacht, fout.remedie)
    return _describe_vreemd(job, stap, type(fout).__name__)


def describe_gebeurtenis(job: str, stap: str, klasse: str | None, tekst: str) -> Melding:
    """Return the notice of a failure of which Dagster kept the name of the error and its text."""
    soort = _list_eigen().get(klasse or "")
    if soort is None:
        return _describe_vreemd(job, stap, klasse or "onbekend")
    return _describe(job, stap, soort, *_split(tekst.strip().rpartition(f"{klasse}: ")[2]))


def describe_poort(job: str, stap: str, soort: type[BuurtpeilError], tekst: str) -> Melding:
    """Return the notice of a gate that refused, with what it found."""
    remedie = "herstel wat hier staat en draai opnieuw; wat gepubliceerd was, staat er nog"
    return _describe(job, stap, soort, tekst, "een run die door de poort komt", remedie)


def _describe(
    job: str, stap: str, soort: type[BuurtpeilError], gevonden: str, verwacht: str, remedie: str
) -> Melding:
    runbook = next(
        (waar for basis, waar in _RUNBOOKS.items() if issubclass(soort, basis)), _RUNBOOK
    )
    delen = (_clean(gevonden), _clean(verwacht), _clean(remedie))
    return Melding("mislukt", job, stap, *delen, runbook, _now())


def _describe_vreemd(job: str, stap: str, klasse: str) -> Melding:
    """Tell of an error that is not ours only the kind: its text may hold a value."""
    gevonden = f"Er ging iets mis dat niemand voorzag ({klasse})."
    remedie = "kijk in Dagster bij deze run (`buurtpeil dev`), of draai haar nog eens"
    return Melding("mislukt", job, stap, gevonden, "", remedie, _RUNBOOK, _now())


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _list_eigen() -> dict[str, type[BuurtpeilError]]:
    open_, alle = [BuurtpeilError], dict[str, type[BuurtpeilError]]()
    while open_:
        soort = open_.pop()
        alle[soort.__name__] = soort
        open_.extend(soort.__subclasses__())
    return alle


def _split(tekst: str) -> tuple[str, str, str]:
    """Take apart what :class:`BuurtpeilError` put together."""
    tekst, _, remedie = tekst.partition("\nWat te doen: ")
    gevonden, _, verwacht = tekst.partition("\nVerwacht: ")
    return gevonden, verwacht, remedie


def describe_wacht(job: str, release_id: str, redenen: tuple[str, ...]) -> Melding:
    """Return the notice of a release that waits for approval."""
    return Melding(
        "wacht_op_goedkeuring",
        job,
        "publiceren",
        _clean(f"Release {release_id} is ongewoon: " + " ".join(redenen)),
        "labels die geleidelijk veranderen",
        f"bekijk haar, en dan `buurtpeil release goedkeuren {release_id} --reden … --door …` of "
        f"`buurtpeil release afwijzen {release_id} --reden … --door …`",
        _RUNBOOK_WACHT,
        _now(),
    )


def _clean(tekst: str) -> str:
    """Return the text without lines that look like personal data, cut to its length."""
    tekst = "\n".join(hide_persoonsgegeven(regel) for regel in tekst.splitlines())
    return tekst if len(tekst) <= MAX_TEKST else tekst[: MAX_TEKST - 1] + "…"


@dataclass(frozen=True)
class Melder:
    """Sends notices as the settings ask for.

    Parameters
    ----------
    webhook
        Address that gets a POST; None = none.
    ontvangers
        Who gets an e-mail; empty = nobody.
    smtp
        The mail server; None = none.
    """

    webhook: str | None = None
    ontvangers: tuple[str, ...] = ()
    smtp: SplitResult | None = None

    @classmethod
    def of(cls, instellingen: Instellingen) -> Melder:
        """Return what sends the notices of these settings.

        Raises
        ------
        GebruikFout
            When a setting is not right. Addresses are not repeated: they may hold a password.
        """
        webhook = instellingen.melding_webhook
        if webhook is not None and not _is_http(webhook):
            raise GebruikFout(
                "Het adres van de melding klopt niet.",
                verwacht="een adres dat met https:// begint (http:// mag binnen het eigen net)",
                remedie="verbeter BUURTPEIL_MELDING_WEBHOOK",
            )
        ontvangers = tuple(
            adres
            for deel in (instellingen.melding_email or "").split(",")
            if (adres := deel.strip())
        )
        if any("@" not in adres or any(c.isspace() for c in adres) for adres in ontvangers):
            raise GebruikFout(
                "BUURTPEIL_MELDING_EMAIL klopt niet.",
                verwacht="e-mailadressen met komma's ertussen",
                remedie="verbeter de instelling",
            )
        smtp = _read_smtp(instellingen.smtp)
        if ontvangers and smtp is None:
            raise GebruikFout(
                "Er zijn ontvangers van meldingen, en geen mailserver.",
                verwacht="BUURTPEIL_SMTP naast BUURTPEIL_MELDING_EMAIL",
                remedie="geef de mailserver, of haal BUURTPEIL_MELDING_EMAIL weg",
            )
        return cls(webhook, ontvangers, smtp)

    def send(self, melding: Melding) -> tuple[str, ...]:
        """Send a notice along every way; return what did not work, in Dutch, and raise nothing."""
        wegen: list[tuple[str, Callable[[Melding], None]]] = []
        if self.webhook is not None:
            wegen.append(("webhook", self._post))
        if self.ontvangers:
            wegen.append(("e-mail", self._mail))
        return tuple(self._try_each(melding, wegen))

    def _try_each(
        self, melding: Melding, wegen: list[tuple[str, Callable[[Melding], None]]]
    ) -> Iterator[str]:
        for naam, stuur in wegen:
            try:
                stuur(melding)
            except (OSError, URLError, ValueError, smtplib.SMTPException) as fout:
                yield (
                    f"Van deze gebeurtenis kon geen bericht worden gestuurd per {naam} "
                    f"({type(fout).__name__})."
                )

    def _post(self, melding: Melding) -> None:
        inhoud = {**asdict(melding), "onderwerp": melding.onderwerp, "tekst": melding.tekst}
        # `text` is what Teams, Slack and Mattermost show.
        verzoek = Request(  # noqa: S310 - http and https alone, see _is_http
            self.webhook or "",
            data=json.dumps({"text": melding.tekst, **inhoud}, ensure_ascii=False).encode(),
            headers={"Content-Type": "application/json; charset=utf-8", "User-Agent": "buurtpeil"},
            method="POST",
        )
        with build_opener(_GeenOmweg).open(verzoek, timeout=WACHT_SECONDEN):
            pass

    def _mail(self, melding: Melding) -> None:
        smtp = self.smtp
        if smtp is None or smtp.hostname is None:
            return
        bericht = EmailMessage()
        bericht["Subject"] = melding.onderwerp
        bericht["From"] = unquote(smtp.username or "") or f"buurtpeil@{smtp.hostname}"
        if "@" not in bericht["From"]:
            bericht.replace_header("From", f"buurtpeil@{smtp.hostname}")
        bericht["To"] = ", ".join(self.ontvangers)
        bericht.set_content(melding.tekst)
        with _connect(smtp) as server:
            if smtp.username is not None and smtp.password is not None:
                server.login(unquote(smtp.username), unquote(smtp.password))
            server.send_message(bericht)


class _GeenOmweg(HTTPRedirectHandler):
    """A webhook that points elsewhere is a failure: a notice goes where the setting says."""

    def redirect_request(self, *_: object) -> None:
        return None


def _is_http(adres: str) -> bool:
    deel = urlsplit(adres)
    return deel.scheme in {"http", "https"} and bool(deel.hostname)


def _read_smtp(tekst: str | None) -> SplitResult | None:
    if tekst is None:
        return None
    deel = urlsplit(tekst)
    try:
        klopt = deel.scheme in _POORT and bool(deel.hostname) and deel.port != 0
    except ValueError:  # a port that is no number
        klopt = False
    if not klopt:
        raise GebruikFout(
            "Het adres van de mailserver klopt niet.",
            verwacht="smtp://gebruiker:wachtwoord@host:587 of smtps://host:465",
            remedie="verbeter BUURTPEIL_SMTP",
        )
    return deel


def _connect(smtp: SplitResult) -> smtplib.SMTP:
    host, poort = smtp.hostname or "", smtp.port or _POORT[smtp.scheme]
    if smtp.scheme == "smtps":
        veilig = ssl.create_default_context()
        return smtplib.SMTP_SSL(host, poort, timeout=WACHT_SECONDEN, context=veilig)
    server = smtplib.SMTP(host, poort, timeout=WACHT_SECONDEN)
    try:
        server.ehlo()
        if server.has_extn("starttls"):
            server.starttls(context=ssl.create_default_context())
            server.ehlo()
        elif smtp.password is not None:
            raise smtplib.SMTPNotSupportedError("no STARTTLS: a password is not sent in the open")
    except BaseException:
        server.close()
        raise
    return server


@contextmanager
def tell_failure(
    melder: Melder, job: str, voortgang: Voortgang, toon: Callable[[str], None]
) -> Iterator[None]:
    """Send a notice when what is inside fails; the failure itself goes on as it was.

    Parameters
    ----------
    melder
        Sends it.
    job
        Name of the job.
    voortgang
        Knows which step it was.
    toon
        Gets what could not be sent.
    """
    try:
        yield
    except Exception as fout:
        for regel in melder.send(describe_fout(job, voortgang.huidig, fout)):
            toon(regel)
        raise
