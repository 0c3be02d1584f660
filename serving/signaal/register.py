"""The Sociale Signalen: taken, read, followed up, counted, removed. Every door writes the log.

Belongs here: the store's questions and changes. Does not belong here: what is allowed
(``regels``), the arithmetic of counts (``telling``), requests (``api``, ``loket``).
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, time
from typing import Any, Final

from cryptography.fernet import MultiFernet
from sqlalchemy import Connection, Row, func, select

from serving.signaal import bewaren
from serving.signaal.logboek import (
    Logboek,
    Logregel,
    Logverslag,
    list_regels,
    reseal_head,
)
from serving.signaal.opslag import BESTAND, Signaalopslag, SignalenFout, url_of_file
from serving.signaal.regels import (
    Beleid,
    Inhoud,
    OnbekendSignaal,
    Voorstel,
    admit,
    check_stap,
)
from serving.signaal.sleutel import GeenSleutel, Sleutelbos
from serving.signaal.tabellen import KWARTAAL, LOGKOP, SIGNAAL, STAP, TELLING
from serving.signaal.telling import Kwartaaltelling, Telrij, count_buurten, iter_voorbij
from serving.signaal.telling import next_kwartaal as _next
from serving.signaal.versleuteling import OnleesbareInhoud, open_token, seal
from serving.signaal.woorden import TELT_NIET, URGENTIES, Status
from vera.bewaren import Termijn, Verwijdering

__all__ = ["BESTAND", "Signaalregister", "SignalenFout", "url_of_file"]

_TEKENS: Final = "23456789BCDFGHJKMNPQRSTVWXYZ"
"""No vowels and no look-alikes: no words, and easy to read over the telephone."""
_GROEP, _GROEPEN = 4, 3
_KENMERK: Final = re.compile(rf"[{_TEKENS}]{{{_GROEP * _GROEPEN}}}")
_VOLGORDE: Final = tuple(URGENTIES)


@dataclass(frozen=True)
class Stand:
    """What a reporter may know: that it was received, taken up, closed, and since when."""

    kenmerk: str
    status: Status
    gemeld_op: date
    bijgewerkt_op: date


@dataclass(frozen=True)
class Signaal:
    """A signal with its content, for the social team alone."""

    stand: Stand
    inhoud: Inhoud
    reden: str | None = None


@dataclass(frozen=True)
class Signaallijst:
    """The first signals of a list, and how many there are in all."""

    signalen: tuple[Signaal, ...]
    aantal: int


def read_kenmerk(tekst: str) -> str | None:
    """Return a reference as it is stored, however it was typed; None when it is none.

    Examples
    --------
    >>> read_kenmerk(" k7m3 9qxd-2brp ")
    'K7M3-9QXD-2BRP'
    """
    kaal = re.sub(r"[\s-]", "", tekst).upper()
    if not _KENMERK.fullmatch(kaal):
        return None
    return "-".join(kaal[n : n + _GROEP] for n in range(0, len(kaal), _GROEP))


def make_kenmerk() -> str:
    """Return a new reference: 57 random bits."""
    kaal = "".join(secrets.choice(_TEKENS) for _ in range(_GROEP * _GROEPEN))
    return "-".join(kaal[n : n + _GROEP] for n in range(0, len(kaal), _GROEP))


class Signaalregister(Signaalopslag):
    """The door to the signals.

    Parameters
    ----------
    url
        SQLAlchemy URL of the store.
    sleutels
        Where its keys are.
    beleid
        What this association allows.
    nu
        Gives the moment.
    """

    def __init__(
        self,
        url: str,
        sleutels: Sleutelbos,
        beleid: Beleid | None = None,
        *,
        nu: Callable[[], datetime] | None = None,
    ) -> None:
        super().__init__(url, nu=nu)
        self._sleutels = sleutels
        self.beleid = beleid or Beleid()

    def add(self, voorstel: Voorstel, melder: str | None) -> Stand:
        """Take a report.

        Parameters
        ----------
        voorstel
            What was filled in.
        melder
            Who reports, as the login names them; only a reference made of it is kept.

        Raises
        ------
        NuGevaar, OngeldigSignaal
            When the rules refuse it; nothing is recorded then, not in the log either.
        SignalenFout, GeenSleutel
            When the store cannot be written.
        """
        inhoud = admit(voorstel, self.beleid)
        vandaag = self._vandaag()
        with self._write() as verbinding:
            sleutels, logboek = self._open_log(verbinding)
            kenmerk = make_kenmerk()
            wie = logboek.name_melder(melder)
            rij = {**asdict(inhoud), "melder": wie}
            verbinding.execute(
                SIGNAAL.insert(),
                {
                    "kenmerk": kenmerk,
                    "gemeld_op": vandaag,
                    "inhoud": seal(sleutels, kenmerk, rij),
                },
            )
            logboek.write(self._nu(), wie, "gemeld", kenmerk)
        return Stand(kenmerk, "ontvangen", vandaag, vandaag)

    def find_stand(self, kenmerk: str, melder: str | None) -> Stand:
        """Return how a report stands, and nothing of what it says.

        Raises
        ------
        OnbekendSignaal
            When there is none with this reference.
        """
        gezocht = read_kenmerk(kenmerk)
        if gezocht is None or self._is_leeg():
            raise OnbekendSignaal
        with self._write() as verbinding:
            _, stand = _find(verbinding, gezocht)
            _, logboek = self._open_log(verbinding)
            logboek.write(self._nu(), logboek.name_melder(melder), "stand_gelezen", gezocht)
        return stand

    def list_signalen(
        self, wie: str, *, afgesloten: bool = False, maximum: int = 50
    ) -> Signaallijst:
        """Return the signals that are open (or closed), the most urgent and oldest first.

        Parameters
        ----------
        wie
            Who reads; goes into the log with every signal that is returned.
        """
        if self._is_leeg():
            return Signaallijst((), 0)
        with self._write() as verbinding:
            sleutels, logboek = self._open_log(verbinding)
            alle = [
                signaal
                for rij, stand in _list_standen(verbinding)
                if (stand.status == "afgesloten") is afgesloten
                and (signaal := _read(verbinding, sleutels, rij, stand))
            ]
            alle.sort(key=lambda signaal: _VOLGORDE.index(signaal.inhoud.urgentie))
            getoond = tuple(alle[:maximum])
            for signaal in getoond:
                logboek.write(self._nu(), wie, "gelezen", signaal.stand.kenmerk)
        return Signaallijst(getoond, len(alle))

    def follow_up(self, kenmerk: str, status: str, reden: str, wie: str) -> Stand:
        """Record that a signal is taken up, or closed and why.

        Raises
        ------
        OnbekendSignaal, OngeldigSignaal, SignaalKanNiet
            When there is none, or the rules refuse it.
        """
        gezocht = read_kenmerk(kenmerk)
        if gezocht is None or self._is_leeg():
            raise OnbekendSignaal
        with self._write() as verbinding:
            rij, stand = _find(verbinding, gezocht)
            nieuw = check_stap(stand.status, status, reden)
            sleutels, logboek = self._open_log(verbinding)
            verbinding.execute(
                STAP.insert(),
                {
                    "signaal_id": rij.id,
                    "status": nieuw,
                    "op": self._vandaag(),
                    "inhoud": seal(sleutels, f"{gezocht} {nieuw}", {"reden": reden}),
                },
            )
            # The same words for the step and for the line.
            logboek.write(
                self._nu(), wie, "opgepakt" if nieuw == "opgepakt" else "afgesloten", gezocht
            )
        return Stand(gezocht, nieuw, stand.gemeld_op, self._vandaag())

    def read_tellingen(self, wie: str) -> tuple[Kwartaaltelling, ...]:
        """Return every quarter that was counted, the newest first; counts what is over.

        Raises
        ------
        SignalenFout, GeenSleutel, OnleesbareInhoud
            When the store cannot be read.
        """
        if self._is_leeg():
            return ()
        with self._write() as verbinding:
            sleutels, logboek = self._open_log(verbinding)
            _count(verbinding, sleutels, logboek, self._nu())
            logboek.write(self._nu(), wie, "tellingen_gelezen")
            per_kwartaal: dict[date, dict[str, int]] = {
                kwartaal: {} for kwartaal in _list_geteld(verbinding)
            }
            for telling in verbinding.execute(select(TELLING).order_by(TELLING.c.buurt_id)):
                per_kwartaal[telling.kwartaal][telling.buurt_id] = telling.aantal
        return tuple(
            Kwartaaltelling(kwartaal, per_kwartaal[kwartaal])
            for kwartaal in sorted(per_kwartaal, reverse=True)
        )

    def purge(self, peildatum: date, *, dry_run: bool = False) -> tuple[Verwijdering, ...]:
        """Remove what is past its term on a day, or say what would be.

        Quarters that are over are counted first. Without its key the store cannot be counted nor
        the log be shortened; signals go all the same.
        """
        if self._is_leeg():
            return ()
        with self._erase(dry_run=dry_run) as verbinding:
            logboek = None
            try:
                sleutels, logboek = self._open_log(verbinding, mag_maken=False)
                if not dry_run:
                    # By the clock, not by the day that was asked: nothing is counted too early.
                    _count(verbinding, sleutels, logboek, self._nu())
            except (GeenSleutel, OnleesbareInhoud):
                pass
            weg = [*_purge_signalen(verbinding, peildatum, dry_run=dry_run)]
            tellingen = _purge_tellingen(verbinding, peildatum, dry_run=dry_run)
            weg.append((bewaren.TELLING, "telling", tellingen))
            if logboek is not None:
                grens = bewaren.LOG.find_grens(peildatum) or date.min
                begin = datetime.combine(grens, time(), UTC)
                zegels = logboek.drop_before(begin, dry_run=dry_run)
                weg.append((bewaren.LOG, "signaallog", zegels))
                if not dry_run:
                    for _, tabel, sleutels_ in weg:
                        if tabel == "signaal":
                            for kenmerk in sleutels_:
                                logboek.write(self._nu(), "bewaartermijn", "verwijderd", kenmerk)
        gevonden = (bewaren.describe_removal(tabel, t, wat) for t, tabel, wat in weg)
        return tuple(verwijdering for verwijdering in gevonden if verwijdering)

    def rotate(self, wie: str) -> int:
        """Encrypt everything under a new key and drop the old ones; return how many rows.

        A rotation that was broken off is finished: the file then holds more than one key.
        """
        if self._is_leeg():
            return 0  # the first report makes a key
        self._sleutels.load()  # tells what is wrong, before anything is changed
        if not self._sleutels.is_instelling and self._sleutels.aantal == 1:
            self._sleutels.add_new()
        aantal = 0
        # Everybody else waits here, and then reads the new key first.
        with self._write() as verbinding:
            sleutels, logboek = self._open_log(verbinding, mag_maken=False)
            for tabel in (SIGNAAL, STAP):
                for rij in verbinding.execute(select(tabel.c.id, tabel.c.inhoud)).all():
                    nieuw = sleutels.rotate(rij.inhoud.encode()).decode()
                    verbinding.execute(
                        tabel.update().where(tabel.c.id == rij.id), {"inhoud": nieuw}
                    )
                    aantal += 1
            reseal_head(verbinding, sleutels)
            logboek.write(self._nu(), wie, "sleutel_geroteerd")
        self._forget_pages([SIGNAAL.name, STAP.name])
        if not self._sleutels.is_instelling:
            self._sleutels.keep_first()
        return aantal

    def check_log(self) -> Logverslag:
        """Walk the chain of the log."""
        if self._is_leeg():
            return Logverslag(0)
        with self._write() as verbinding:
            return self._open_log(verbinding, mag_maken=False)[1].check()

    def list_log(self, wie: str, kenmerk: str | None = None) -> tuple[Logregel, ...]:
        """Return the log (of one signal), the oldest first; that it was read is in it next time."""
        gezocht = None if kenmerk is None else read_kenmerk(kenmerk)
        if kenmerk is not None and gezocht is None:
            raise OnbekendSignaal
        if self._is_leeg():
            return ()
        with self._write() as verbinding:
            regels = list_regels(verbinding, gezocht)
            self._open_log(verbinding)[1].write(self._nu(), wie, "log_gelezen", gezocht or "")
        return regels

    def _vandaag(self) -> date:
        return self._nu().astimezone(UTC).date()

    def _is_leeg(self) -> bool:
        """Whether nothing was ever reported; looking makes no file."""
        with self._look() as verbinding:
            return verbinding is None or not verbinding.scalar(
                select(func.count()).select_from(LOGKOP)
            )

    def _open_log(
        self, verbinding: Connection, *, mag_maken: bool = True
    ) -> tuple[MultiFernet, Logboek]:
        """Read the keys, after the lock was had, and the log with them."""
        nieuw = mag_maken and not verbinding.scalar(select(func.count()).select_from(LOGKOP))
        # A store that has begun has its key: another one made here would hide that it is lost.
        sleutels = self._sleutels.make() if nieuw else self._sleutels.load()
        return sleutels, Logboek(verbinding, sleutels)


def _list_standen(verbinding: Connection) -> list[tuple[Row[Any], Stand]]:
    stappen: dict[int, Row[Any]] = {}
    for stap in verbinding.execute(select(STAP).order_by(STAP.c.id)):
        stappen[stap.signaal_id] = stap
    return [
        (rij, _make_stand(rij, stappen.get(rij.id)))
        for rij in verbinding.execute(select(SIGNAAL).order_by(SIGNAAL.c.id))
    ]


def _find(verbinding: Connection, kenmerk: str) -> tuple[Row[Any], Stand]:
    rij = verbinding.execute(select(SIGNAAL).where(SIGNAAL.c.kenmerk == kenmerk)).one_or_none()
    if rij is None:
        raise OnbekendSignaal
    stap = verbinding.execute(
        select(STAP).where(STAP.c.signaal_id == rij.id).order_by(STAP.c.id.desc()).limit(1)
    ).one_or_none()
    return rij, _make_stand(rij, stap)


def _make_stand(rij: Row[Any], stap: Row[Any] | None) -> Stand:
    if stap is None:
        return Stand(rij.kenmerk, "ontvangen", rij.gemeld_op, rij.gemeld_op)
    return Stand(rij.kenmerk, stap.status, rij.gemeld_op, stap.op)


def _read(verbinding: Connection, sleutels: MultiFernet, rij: Row[Any], stand: Stand) -> Signaal:
    inhoud = Inhoud(**open_token(sleutels, rij.kenmerk, rij.inhoud))
    return Signaal(stand, inhoud, _find_reden(verbinding, sleutels, rij))


def _find_reden(verbinding: Connection, sleutels: MultiFernet, rij: Row[Any]) -> str | None:
    token: str | None = verbinding.execute(
        select(STAP.c.inhoud).where(STAP.c.signaal_id == rij.id, STAP.c.status == "afgesloten")
    ).scalar_one_or_none()
    if token is None:
        return None
    reden: str = open_token(sleutels, f"{rij.kenmerk} afgesloten", token)["reden"]
    return reden


def _list_geteld(verbinding: Connection) -> list[date]:
    return list(verbinding.execute(select(KWARTAAL.c.kwartaal)).scalars())


def _count(verbinding: Connection, sleutels: MultiFernet, logboek: Logboek, nu: datetime) -> None:
    """Count every quarter that is over and was not counted yet."""
    vandaag = nu.astimezone(UTC).date()
    begin = verbinding.scalar(select(func.min(SIGNAAL.c.gemeld_op)))
    if begin is None:
        return
    geteld = _list_geteld(verbinding)
    for kwartaal in iter_voorbij(begin, vandaag):
        if kwartaal in geteld:
            continue
        rijen = []
        for rij in verbinding.execute(
            select(SIGNAAL).where(
                SIGNAAL.c.gemeld_op >= kwartaal, SIGNAAL.c.gemeld_op < _next(kwartaal)
            )
        ).all():
            inhoud = Inhoud(**open_token(sleutels, rij.kenmerk, rij.inhoud))
            if _find_reden(verbinding, sleutels, rij) not in TELT_NIET:
                rijen.append(
                    Telrij(rij.kenmerk, inhoud.buurt_id, inhoud.complex_id, inhoud.eenheid_id)
                )
        verbinding.execute(KWARTAAL.insert(), {"kwartaal": kwartaal, "geteld_op": vandaag})
        for buurt_id, aantal in count_buurten(rijen).items():
            verbinding.execute(
                TELLING.insert(),
                {"kwartaal": kwartaal, "buurt_id": buurt_id, "aantal": aantal},
            )
        logboek.write(nu, "telling", "geteld", kwartaal.isoformat())


def _purge_signalen(
    verbinding: Connection, peildatum: date, *, dry_run: bool
) -> list[tuple[Termijn, str, tuple[str, ...]]]:
    open_tot = bewaren.OPEN.find_grens(peildatum) or date.min
    gesloten_tot = bewaren.GESLOTEN.find_grens(peildatum) or date.min
    oud, gesloten = [], []
    for rij, stand in _list_standen(verbinding):
        if rij.gemeld_op < open_tot:
            oud.append(rij)
        elif stand.status == "afgesloten" and stand.bijgewerkt_op < gesloten_tot:
            gesloten.append(rij)
    nummers = [rij.id for rij in (*oud, *gesloten)]
    if nummers and not dry_run:
        for begin in range(0, len(nummers), 500):
            deel = nummers[begin : begin + 500]
            verbinding.execute(STAP.delete().where(STAP.c.signaal_id.in_(deel)))
            verbinding.execute(SIGNAAL.delete().where(SIGNAAL.c.id.in_(deel)))
    return [
        (bewaren.OPEN, "signaal", tuple(rij.kenmerk for rij in oud)),
        (bewaren.GESLOTEN, "signaal", tuple(rij.kenmerk for rij in gesloten)),
    ]


def _purge_tellingen(verbinding: Connection, peildatum: date, *, dry_run: bool) -> tuple[str, ...]:
    grens = bewaren.TELLING.find_grens(peildatum) or date.min
    weg = verbinding.execute(select(TELLING).where(TELLING.c.kwartaal < grens)).all()
    if not dry_run:
        verbinding.execute(TELLING.delete().where(TELLING.c.kwartaal < grens))
        verbinding.execute(KWARTAAL.delete().where(KWARTAAL.c.kwartaal < grens))
    return tuple(f"{rij.kwartaal} {rij.buurt_id}" for rij in weg)
