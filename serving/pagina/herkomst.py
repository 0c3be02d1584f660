"""Ways back within this site, and the names of its cookies."""

from __future__ import annotations

from urllib.parse import urlsplit


def own_path(adres: str) -> str:
    r"""Return an address when it is a path of this site, else the first page.

    Examples
    --------
    >>> [own_path(a) for a in ("/buurten/BU01", "//elders.nl", "https://elders.nl", "/\\elders")]
    ['/buurten/BU01', '/', '/', '/']
    """
    try:
        delen = urlsplit(adres)
    except ValueError:
        return "/"
    eigen = adres.startswith("/") and not delen.scheme and not delen.netloc
    goed = eigen and not adres.startswith("//") and "\\" not in adres and adres.isprintable()
    return adres if goed else "/"


def name_koekje(naam: str, basis_url: str) -> str:
    """Return what a cookie is called: on https a name that only this very host can set.

    Without it, a page at another name of the same domain could give a browser a session of
    somebody else (session fixation).

    Examples
    --------
    >>> name_koekje("buurtpeil_sessie", "https://label.example")
    '__Host-buurtpeil_sessie'
    >>> name_koekje("buurtpeil_sessie", "http://127.0.0.1:8000")
    'buurtpeil_sessie'
    """
    return f"__Host-{naam}" if basis_url.startswith("https:") else naam
