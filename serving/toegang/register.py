"""Keys: issuing, listing, revoking, and finding who holds one.

A key is shown once, when it is issued. Kept is ``HMAC-SHA-256(secret, key)``.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import ClassVar, Final

from sqlalchemy import Connection, delete, insert, select

from serving.leesbaar import check_zichtbaar
from serving.opslag import Opslag, Soort
from serving.toegang.tabellen import AFMELDING, INTREKKING, SLEUTEL
from vera.bewaren import Verwijdering, parse_termijn
from vera.errors import BuurtpeilError, GebruikFout
from vera.toegang import ROLLEN, Lezer, find_rollen

BESTAND: Final = "toegang.sqlite"
VOORVOEGSEL: Final = "bp_"
"""With which every key begins, so that scanners for leaked secrets know one."""

MAXIMUM_DAGEN: Final = 400
MAXIMUM_NAAM: Final = 80
_BYTES: Final = 32

BEWAARTERMIJN: Final = "24 maanden na vervalt_op"
"""As long as the read log may name who holds a key. An ended session goes sooner by itself."""

_NAIJLEN: Final = timedelta(days=1)
"""An ended session whose hours are over goes this long after, when the next one is ended."""


class ToegangFout(BuurtpeilError):
    """The store of keys cannot be reached or read."""


@dataclass(frozen=True)
class Sleutel:
    """A key as it is known: everything but the key.

    ``rollen`` are names; one that is not in the table any more gives nothing. ``persoon`` is how
    its holder is called who logs in otherwise as well; None = they do not.
    """

    id: int
    vingerafdruk: str
    naam: str
    organisatie: str
    rollen: tuple[str, ...]
    door: str
    uitgegeven_op: datetime
    vervalt_op: datetime
    ingetrokken_op: datetime | None = None
    persoon: str | None = None

    def is_geldig(self, nu: datetime) -> bool:
        """Tell whether the key opens anything at this moment."""
        return self.ingetrokken_op is None and nu < self.vervalt_op

    @property
    def lezer(self) -> Lezer:
        """Who holds it: one person under one name, however they come in.

        Or who decided with a key could be the second person at the page.
        """
        bekend = [rol for rol in self.rollen if rol in ROLLEN]
        return Lezer(self.persoon or self.naam, find_rollen(bekend), self.organisatie)


def hash_sleutel(geheim: bytes, sleutel: bytes) -> str:
    """Return what is kept of a key."""
    return hmac.digest(geheim, b"sleutel:" + sleutel, "sha256").hex()


class Toegangsregister(Opslag):
    """The store of keys."""

    soort: ClassVar[Soort] = Soort(
        naam="sleutels",
        instelling="BUURTPEIL_TOEGANG_URL",
        migraties=Path(__file__).parent / "migraties",
        slot=7_205_760,
        fout=ToegangFout,
    )

    def issue(
        self,
        geheim: bytes,
        naam: str,
        rollen: Iterable[str],
        *,
        organisatie: str,
        door: str,
        dagen: int,
        persoon: str | None = None,
    ) -> tuple[int, str]:
        """Make a key.

        Parameters
        ----------
        geheim
            Secret of this installation.
        naam
            Who or which system holds it, as the read log will say it.
        rollen
            Names of roles.
        organisatie
            Of whom it is.
        door
            Who issues it.
        dagen
            How many days it is good for.
        persoon
            Name under which its holder logs in elsewhere: at the OpenID provider, or with another
            key. Decisions and the read log then know them by this name. None = ``naam``.

        Returns
        -------
        tuple of int and str
            Number and the key, which is shown now and never again.

        Raises
        ------
        GebruikFout
            When a role does not exist, a name is missing or the term is too long.
        """
        try:
            namen = [rol.naam for rol in find_rollen(rollen)]
        except KeyError as fout:
            raise GebruikFout(
                f"Deze rol bestaat niet ({fout.args[0].partition(': ')[2]}).",
                verwacht=", ".join(ROLLEN),
                remedie="`buurtpeil toegang rollen` zegt wat elke rol mag",
            ) from fout
        teksten = {"naam": naam, "organisatie": organisatie, "door": door}
        if persoon is not None:
            teksten["persoon"] = persoon
        fout_veld = [
            veld
            for veld, tekst in teksten.items()
            if not 0 < len(tekst.strip()) <= MAXIMUM_NAAM or check_zichtbaar(tekst.strip())
        ]
        if not namen or fout_veld or not 0 < dagen <= MAXIMUM_DAGEN:
            raise GebruikFout(
                "Zo kan er geen sleutel worden uitgegeven.",
                verwacht=f"een rol, naam, organisatie en wie uitgeeft (1 tot {MAXIMUM_NAAM} "
                f"zichtbare tekens) en 1 tot {MAXIMUM_DAGEN} dagen",
                remedie=f"verbeter {', '.join(fout_veld) or 'rol of dagen'}",
            )
        sleutel = VOORVOEGSEL + secrets.token_urlsafe(_BYTES)
        nu = self._nu()
        with self._write() as verbinding:
            rij = verbinding.execute(
                insert(SLEUTEL).values(
                    vingerafdruk=hash_sleutel(geheim, sleutel.encode()),
                    rollen=" ".join(namen),
                    uitgegeven_op=nu,
                    vervalt_op=nu + timedelta(days=dagen),
                    **{veld: tekst.strip() for veld, tekst in teksten.items()},
                )
            ).inserted_primary_key
        if rij is None:
            raise ToegangFout("De sleutel is vastgelegd, maar zijn nummer is niet bekend.")
        return int(rij[0]), sleutel

    def revoke(self, nummer: int, door: str) -> Sleutel:
        """Let a key open nothing from now on; a running service knows within half a minute.

        Raises
        ------
        GebruikFout
            When there is no such key, or it was revoked before.
        """
        with self._write() as verbinding:
            gevonden = [s for s in _read(verbinding) if s.id == nummer]
            if not gevonden or gevonden[0].ingetrokken_op is not None:
                raise GebruikFout(
                    f"Sleutel {nummer} " + ("is al ingetrokken." if gevonden else "bestaat niet."),
                    verwacht="het nummer van een sleutel die nog geldt",
                    remedie="zie `buurtpeil toegang lijst`",
                )
            verbinding.execute(
                insert(INTREKKING).values(
                    sleutel_id=nummer, door=door.strip(), ingetrokken_op=self._nu()
                )
            )
        return gevonden[0]

    def list_sleutels(self) -> tuple[Sleutel, ...]:
        """Return every key that was ever issued, in that order."""
        with self._look() as verbinding:
            return () if verbinding is None else tuple(_read(verbinding))

    def add_afmelding(self, vingerafdruk: str, vervalt_op: datetime) -> None:
        """Keep that a session was ended, and let go of those that are over anyhow.

        Parameters
        ----------
        vingerafdruk
            Hash of the session (``serving.toegang.afmelding``).
        vervalt_op
            When it would have ended by itself.
        """
        with self._write() as verbinding:
            verbinding.execute(
                delete(AFMELDING).where(AFMELDING.c.vervalt_op < self._nu() - _NAIJLEN)
            )
            vraag = select(AFMELDING.c.vingerafdruk).where(AFMELDING.c.vingerafdruk == vingerafdruk)
            if verbinding.scalar(vraag) is None:
                verbinding.execute(
                    insert(AFMELDING).values(vingerafdruk=vingerafdruk, vervalt_op=vervalt_op)
                )

    def list_afmeldingen(self) -> Mapping[str, datetime]:
        """Return the sessions that were ended and would still be good, each until when."""
        with self._look() as verbinding:
            if verbinding is None:
                return {}
            vraag = select(AFMELDING.c.vingerafdruk, AFMELDING.c.vervalt_op).where(
                AFMELDING.c.vervalt_op > self._nu()
            )
            return {rij.vingerafdruk: rij.vervalt_op for rij in verbinding.execute(vraag)}

    def purge(self, peildatum: date, *, dry_run: bool = False) -> tuple[Verwijdering, ...]:
        """Remove keys, and who held them, that are past their term.

        Parameters
        ----------
        peildatum
            The day to count from.
        dry_run
            Only say what would go.
        """
        grens = parse_termijn(BEWAARTERMIJN).find_grens(peildatum)
        with self._look() as verbinding:
            is_leeg = verbinding is None
        if grens is None or is_leeg:
            return ()
        moment = datetime.combine(grens, time(), UTC)
        with self._erase(dry_run=dry_run) as verbinding:
            oud = [s.id for s in _read(verbinding) if s.vervalt_op < moment]
            is_over = AFMELDING.c.vervalt_op < moment
            af: list[str] = list(
                verbinding.scalars(select(AFMELDING.c.vingerafdruk).where(is_over))
            )
            if oud and not dry_run:
                verbinding.execute(delete(INTREKKING).where(INTREKKING.c.sleutel_id.in_(oud)))
                verbinding.execute(delete(SLEUTEL).where(SLEUTEL.c.id.in_(oud)))
            if af and not dry_run:
                verbinding.execute(delete(AFMELDING).where(is_over))
        weg = {"sleutel": [str(id_) for id_ in oud], "afmelding": af}
        return tuple(
            Verwijdering(
                "toegang",
                tabel,
                BEWAARTERMIJN,
                "",
                tuple(hashlib.sha256(f"{tabel}|{rij}".encode()).hexdigest() for rij in rijen),
            )
            for tabel, rijen in weg.items()
            if rijen
        )


def _read(verbinding: Connection) -> list[Sleutel]:
    rijen = verbinding.execute(
        select(SLEUTEL, INTREKKING.c.ingetrokken_op)
        .join(INTREKKING, INTREKKING.c.sleutel_id == SLEUTEL.c.id, isouter=True)
        .order_by(SLEUTEL.c.id)
    ).mappings()
    return [Sleutel(**{**rij, "rollen": tuple(rij["rollen"].split())}) for rij in rijen]
