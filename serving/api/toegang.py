"""The one place where it is decided who asks and what they may.

``Toegang`` looks at the connection alone: headers and client. What a scope opens is said at each
route (:func:`vraagt`) and enforced before it (``serving.api.bewaking``); what the roles are is
``vera.toegang``. A login with OpenID Connect is one more way for ``Sleuteltoegang`` to find a
``Lezer``, from the claims of a token, and changes nothing else (ADR 0029, 0032).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal, Protocol, TypeVar
from urllib.parse import urlsplit

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import Scope

from serving.toegang.kast import Sleutelkast
from vera.toegang import NIEMAND, Bereik, Lezer, find_rollen

SESSIEKOEKJE: Final = "buurtpeil_sessie"
_SESSIEKOEKJE: Final = SESSIEKOEKJE.encode()

HIER_ROLLEN: Final = ("lezer", "wijkbeheer", "gebiedsmanager")
"""What whoever sits at this machine may, while nothing else can reach the service."""

_HIER: Final = frozenset({"127.0.0.1", "::1", "localhost"})
_HOSTS: Final = frozenset({b"127.0.0.1", b"[::1]", b"::1", b"localhost"})
_DOORGESTUURD: Final = (
    b"forwarded",
    b"via",
    b"x-forwarded",
    b"x-original-forwarded",
    b"x-real-ip",
    b"x-client-ip",
    b"x-cluster-client-ip",
    b"x-envoy-",
    b"cf-",
    b"cdn-loop",
    b"fastly-",
    b"true-client-ip",
)
"""How headers begin that say that somebody passed a request on."""
_VAN_EEN_PROXY: Final = "1.0"
"""Version of HTTP that nginx speaks to what it passes on to, when nobody told it otherwise: then
it names this machine as the host, and adds no header. No browser speaks it any more."""
_LEZER: Final = "buurtpeil.lezer"
_DOOR: Final = "buurtpeil.door"
_GELEZEN: Final = "buurtpeil.gelezen"
_GEVONDEN: Final = "buurtpeil.gevonden"
_GELDT_NIET: Final = "Uw sleutel of token geldt niet, of niet meer. Meld u opnieuw aan."
_ONGELDIG: Final = 'Bearer error="invalid_token"'
_JWT: Final = b"eyJ"
"""How every JSON Web Token begins: a brace and a quote, in base64. No key of ours does."""


class Toegang(Protocol):
    """Decides on the connection's scope alone: headers, path, client."""

    def find_lezer(self, scope: Scope) -> Lezer:
        """Return who asks; ``NIEMAND`` when they did not say, or when what they said is not so."""
        ...

    def allows(self, scope: Scope, bereik: Bereik) -> bool:
        """Return whether who asks has a scope."""
        ...

    def find_naam(self, scope: Scope) -> str | None:
        """Return the name of who asks; None when they must say it themselves."""
        ...


class TokensWeg(Exception):
    """Whether a token is good cannot be said: the provider does not give its keys."""


class Tokens(Protocol):
    """Knows tokens of an OpenID provider."""

    def find_lezer(self, token: bytes) -> Lezer | None:
        """Return who holds a token that was found good a moment ago."""
        ...

    def was_good(self, token: bytes) -> bool:
        """Tell whether a token was ever found good here, and has not ended since."""
        ...

    async def examine(self, token: bytes) -> Lezer | None:
        """Return who holds a token; None when it is not good; ``TokensWeg`` when none can say."""
        ...


class Sessiebron(Protocol):
    """Knows sessions that are not of a key."""

    def find_sessie(self, waarde: str) -> Lezer | None:
        """Return whose session a cookie is; None when it is none."""
        ...


class Openbaar:
    """Nobody says who they are: what is public, and nothing else."""

    def find_lezer(self, scope: Scope) -> Lezer:
        """Return nobody."""
        return NIEMAND

    def allows(self, scope: Scope, bereik: Bereik) -> bool:
        """Return whether anybody at all has the scope."""
        return self.find_lezer(scope).may(bereik)

    def find_naam(self, scope: Scope) -> str | None:
        """Return the name of who asks, if they have one."""
        return self.find_lezer(scope).naam


class DezeMachine(Openbaar):
    """Whoever sits at this machine reads and decides in the districts; others are nobody.

    At this machine is a connection from the machine itself, under a name of the machine itself
    (a name that is pointed here afterwards does not count) and not passed on by a proxy. It is
    for a service that nothing else can reach: ``buurtpeil serve`` says so.
    """

    _lezer: Final = Lezer(None, find_rollen(HIER_ROLLEN))

    def find_lezer(self, scope: Scope) -> Lezer:
        """Return who asks, by where they are."""
        if (scope.get("client") or ("",))[0] not in _HIER:
            return NIEMAND
        if scope.get("http_version") == _VAN_EEN_PROXY:
            return NIEMAND
        host = None
        for naam, waarde in scope["headers"]:
            if naam == b"host":
                if host is not None:
                    return NIEMAND
                host = waarde
            elif naam.startswith(_DOORGESTUURD):
                return NIEMAND
        return self._lezer if host is not None and _is_here(host) else NIEMAND


class Sleuteltoegang(Openbaar):
    """Knows who asks by a key in ``Authorization: Bearer``, or by the session of one.

    Parameters
    ----------
    kast
        The keys.
    anders
        Who they are when they show neither. Whoever shows a key that opens nothing is nobody.
    tokens
        The tokens of an OpenID provider that were found good; None = there is no provider.
    sessies
        The sessions of who came by that provider.
    koekje
        Name of the cookie with the session.
    """

    def __init__(
        self,
        kast: Sleutelkast,
        anders: Toegang,
        *,
        tokens: Tokens | None = None,
        sessies: Sessiebron | None = None,
        koekje: str = SESSIEKOEKJE,
    ) -> None:
        self._kast = kast
        self._anders = anders
        self._tokens = tokens
        self._sessies = sessies
        self._koekje = koekje.encode()

    def find_lezer(self, scope: Scope) -> Lezer:
        """Return who asks."""
        koekjes = None
        for naam, waarde in scope["headers"]:
            if naam == b"authorization":
                soort, _, sleutel = waarde.partition(b" ")
                if soort.lower() != b"bearer":
                    return NIEMAND
                sleutel = sleutel.strip()
                if self._tokens is not None and sleutel.startswith(_JWT):
                    return self._tokens.find_lezer(sleutel) or NIEMAND
                return self._kast.find_lezer(sleutel) or NIEMAND
            if naam == b"cookie":
                koekjes = waarde if koekjes is None else koekjes + b"; " + waarde
        if koekjes is not None:
            sessie = read_koekje(koekjes, self._koekje)
            lezer = self._kast.find_sessie(sessie) if sessie else None
            if lezer is None and sessie and self._sessies is not None:
                lezer = self._sessies.find_sessie(sessie)
            if lezer is not None:
                return lezer
        return self._anders.find_lezer(scope)


class EenKeer(Openbaar):
    """Finds who asks once per request, whoever wants to know it.

    Parameters
    ----------
    toegang
        Finds it.
    """

    def __init__(self, toegang: Toegang) -> None:
        self._toegang = toegang

    def find_lezer(self, scope: Scope) -> Lezer:
        """Return who asks."""
        lezer = scope.get(_GEVONDEN)
        if not isinstance(lezer, Lezer):
            lezer = scope[_GEVONDEN] = self._toegang.find_lezer(scope)
        return lezer


def keep_lezer(scope: Scope, lezer: Lezer) -> None:
    """Say who asks, for ``EenKeer``."""
    scope[_GEVONDEN] = lezer


def find_token(scope: Scope) -> bytes | None:
    """Return what stands as a JSON Web Token in ``Authorization: Bearer``, good or not."""
    for naam, waarde in scope["headers"]:
        if naam == b"authorization":
            soort, _, token = waarde.partition(b" ")
            token = token.strip()
            is_token = soort.lower() == b"bearer" and token.startswith(_JWT)
            return token if is_token else None
    return None


def read_koekje(koekjes: bytes, naam_koekje: bytes = _SESSIEKOEKJE) -> str | None:
    """Return the session in a ``Cookie`` header; ours is never quoted.

    Examples
    --------
    >>> read_koekje(b"a=1; buurtpeil_sessie=7.1.x.y")
    '7.1.x.y'
    """
    for koekje in koekjes.split(b";"):
        naam, _, waarde = koekje.strip().partition(b"=")
        if naam == naam_koekje:
            return waarde.decode("latin-1")
    return None


def is_local_name(adres: str) -> bool:
    """Tell whether an address is a name of the machine itself."""
    return urlsplit(adres).hostname in _HIER


def _is_here(host: bytes) -> bool:
    naam, _, poort = host.rpartition(b":")
    if not poort.isdigit() or not naam:
        naam = host
    return naam in _HOSTS


@dataclass(frozen=True)
class Vraag:
    """What a route asks of who calls it.

    Parameters
    ----------
    bereik
        The scope without which it refuses.
    toont
        Scopes of which it shows more to who has them; for the read log.
    niveau
        What its objects are.
    sleutel
        Name of the path variable that holds the object's id.
    leest_met_post
        Whether a POST only reads: what is asked for may not stand in an address.
    """

    bereik: Bereik
    toont: tuple[Bereik, ...] = ()
    niveau: Literal["complex", "buurt", "wijk"] | None = None
    sleutel: str | None = None
    leest_met_post: bool = False


_F = TypeVar("_F", bound=Callable[..., object])
_MERK: Final = "__buurtpeil_vraag__"


def vraagt(
    bereik: Bereik,
    *,
    toont: tuple[Bereik, ...] = (),
    niveau: Literal["complex", "buurt", "wijk"] | None = None,
    sleutel: str | None = None,
    leest_met_post: bool = False,
) -> Callable[[_F], _F]:
    """Say what scope an endpoint asks. An endpoint that does not say so cannot be served."""

    def mark(eindpunt: _F) -> _F:
        setattr(eindpunt, _MERK, Vraag(bereik, toont, niveau, sleutel, leest_met_post))
        return eindpunt

    return mark


def find_vraag(eindpunt: object) -> Vraag | None:
    """Return what an endpoint asks; None when it does not say."""
    vraag = getattr(eindpunt, _MERK, None)
    return vraag if isinstance(vraag, Vraag) else None


def remember_lezer(scope: Scope, lezer: Lezer) -> None:
    """Keep who asks with the request."""
    scope[_LEZER] = lezer


def let_through(scope: Scope) -> None:
    """Mark that a guard let this request through."""
    scope[_DOOR] = True


def tell_log(scope: Scope, aantal: int, *object_ids: str) -> None:
    """Say how many objects an answer tells of, and which when they are few; for the read log.

    Of a decision it is said before anything is stored: what fails afterwards has its object then.
    """
    scope[_GELEZEN] = (aantal, object_ids)


def told_log(scope: Scope) -> tuple[int | None, tuple[str, ...]]:
    """Return what an endpoint said of its answer: how many objects, and which."""
    aantal, object_ids = scope.get(_GELEZEN, (None, ()))
    return aantal, object_ids


def lezer_of(aanvraag: Request) -> Lezer:
    """Return who asks, as the guard before the endpoint found; nobody where there was none."""
    lezer = aanvraag.scope.get(_LEZER, NIEMAND)
    return lezer if isinstance(lezer, Lezer) else NIEMAND


def is_allowed(scope: Scope) -> bool:
    """Tell whether a guard let this request through."""
    return _DOOR in scope


def refuse(lezer: Lezer, scope: Scope | None = None) -> HTTPException:
    """Return the refusal: 401 to who did not say who they are, 403 to who did."""
    if lezer.rollen:
        return HTTPException(403, "Dit hoort niet bij uw rol.")
    if lezer.naam is not None:
        return HTTPException(403, "U hebt hier geen rol. Vraag de beheerder om een rol.")
    if scope is not None and any(naam == b"authorization" for naam, _ in scope["headers"]):
        return HTTPException(401, _GELDT_NIET, headers={"WWW-Authenticate": _ONGELDIG})
    return HTTPException(401, "Meld u aan om dit te lezen.", headers={"WWW-Authenticate": "Bearer"})


def check_thema(lezer: Lezer, thema: str) -> None:
    """Refuse a theme that is not of this reader.

    Raises
    ------
    HTTPException
        With status 403. That the theme exists is no secret: the method page says so.
    """
    if thema not in lezer.themas:
        raise HTTPException(403, "Dit thema hoort niet bij uw rol.")
