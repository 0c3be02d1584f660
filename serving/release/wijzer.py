"""The pointer ``CURRENT``: which release is served, and switching it in one atomic step."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from serving.release import schema
from serving.release.stroom import ReleaseFout


class GeenRelease(ReleaseFout):
    """Nothing is published (yet)."""

    def __init__(self) -> None:
        super().__init__(
            "Er is nog geen release gepubliceerd.",
            verwacht="een gepubliceerde release",
            remedie="Draai eerst `buurtpeil demo` of `buurtpeil run`.",
        )


class BeschadigdeRelease(GeenRelease):
    """What is published is not what was published: nothing is answered from it.

    Parameters
    ----------
    release_id
        The release.
    bestand
        The file of it that is another one, or gone.
    """

    def __init__(self, release_id: str, bestand: str) -> None:
        ReleaseFout.__init__(
            self,
            f"Release {release_id} is beschadigd: {bestand} is niet wat er is gepubliceerd.",
            verwacht="een release zonder problemen in `buurtpeil release verify`",
            remedie="Draai `buurtpeil run`: die zet een beschadigde release opnieuw neer. Of toon "
            "een eerdere met `buurtpeil release rollback`.",
        )


def is_release_id(tekst: str) -> bool:
    """Tell whether ``tekst`` has the form of a release id (12 hexadecimal digits)."""
    return len(tekst) == schema.LENGTE_ID and all(teken in "0123456789abcdef" for teken in tekst)


def current(releases_map: Path) -> str | None:
    """Return the id of the release that is served, or None when nothing is published."""
    try:
        inhoud = (releases_map / schema.BESTAND_HUIDIG).read_bytes()
    except FileNotFoundError:
        return None
    return inhoud.decode("ascii", errors="replace").strip() or None


def current_path(releases_map: Path) -> Path:
    """Return the folder of the release that is served.

    Raises
    ------
    GeenRelease
        When nothing is published yet, or the pointer names a folder that is not there.
    """
    release_id = current(releases_map)
    if (
        release_id is None
        or not is_release_id(release_id)
        or not (releases_map / release_id).is_dir()
    ):
        raise GeenRelease()
    return releases_map / release_id


def activate(releases_map: Path, release_id: str) -> None:
    """Make ``release_id`` the release that is served, in one atomic step.

    A crash at any moment leaves the pointer either as it was or as it should be.

    Raises
    ------
    ReleaseFout
        When there is no such release; the pointer is then left as it is.
    """
    if (
        not is_release_id(release_id)
        or not (releases_map / release_id / schema.BESTAND_MANIFEST).is_file()
    ):
        raise ReleaseFout(
            f"Release {release_id} bestaat niet.",
            verwacht="een release-id uit `buurtpeil release list`",
            remedie="Kies een release uit de lijst.",
        )
    tijdelijk = releases_map / f".{schema.BESTAND_HUIDIG}-{secrets.token_hex(6)}"
    try:
        write_synced(tijdelijk, release_id.encode() + b"\n")
        tijdelijk.replace(releases_map / schema.BESTAND_HUIDIG)
    finally:
        tijdelijk.unlink(missing_ok=True)
    sync_folder(releases_map)


def write_synced(pad: Path, inhoud: bytes) -> None:
    """Write a file and wait until the disk has it."""
    with pad.open("wb") as bestand:
        bestand.write(inhoud)
        bestand.flush()
        os.fsync(bestand.fileno())


def sync_file(pad: Path) -> None:
    """Wait until the disk has a file that was written before."""
    with pad.open("rb") as bestand:
        os.fsync(bestand.fileno())


def sync_folder(map_: Path) -> None:
    """Wait until the disk has the names in a folder."""
    # A folder can be opened for syncing on POSIX only; elsewhere a rename is durable by itself.
    if os.name != "posix":
        return
    greep = os.open(map_, os.O_RDONLY)
    try:
        os.fsync(greep)
    finally:
        os.close(greep)
