"""What is tried again, and what is not."""

# No `from __future__ import annotations`: Dagster reads the types of what it calls.
import errno
from collections.abc import Callable
from pathlib import Path

import dagster as dg
import pytest
from sqlalchemy.exc import OperationalError

from orchestration.assets import leveringen
from orchestration.assets.leveringen import build_levering_assets
from orchestration.herkansing import MEESTE, can_pass, try_again
from orchestration.resources import Werkplaats
from orchestration.sleutelbron import Sleutelbron
from orchestration.voortgang import Voortgang
from sources.landing import BronLanding
from vera.errors import BuurtpeilError, PoortInFout

WEG = OSError(errno.ESTALE, "stale file handle")
HERSTART = OperationalError("select 1", {}, Exception("server closed the connection"))


def wrap(oorzaak: Exception) -> BuurtpeilError:
    fout = BuurtpeilError("De besluiten zijn niet te lezen.")
    fout.__cause__ = oorzaak
    return fout


@pytest.mark.parametrize("fout", [WEG, HERSTART, wrap(HERSTART)], ids=["folder", "db", "ours"])
def test_failure_that_may_pass_is_known(fout: Exception) -> None:
    assert can_pass(fout)


@pytest.mark.parametrize(
    "fout",
    [
        PoortInFout("vera.zaak: te veel rijen afgekeurd."),
        FileNotFoundError(errno.ENOENT, "no such file"),
        OSError(errno.ENOSPC, "no space left"),
        ValueError("x"),
    ],
    ids=["refused", "absent", "full", "a mistake"],
)
def test_failure_that_stays_is_not_tried_again(fout: Exception) -> None:
    assert not can_pass(fout)


def run(doe: Callable[[], None]) -> tuple[dg.ExecuteInProcessResult, int]:
    keren = 0

    @dg.op
    def stap() -> None:
        nonlocal keren
        keren += 1
        with try_again(eerste_wacht=0):
            doe()

    @dg.job
    def werk() -> None:
        stap()

    with dg.DagsterInstance.ephemeral() as instance:
        uitkomst = werk.execute_in_process(raise_on_error=False, instance=instance)
    return uitkomst, keren


def test_step_goes_on_when_the_folder_is_back() -> None:
    fouten = [WEG, WEG]

    def read() -> None:
        if fouten:
            raise fouten.pop()

    uitkomst, keren = run(read)
    assert uitkomst.success
    assert keren == 3


@pytest.mark.parametrize(
    ("fout", "keren"), [(WEG, MEESTE + 1), (PoortInFout("Geweigerd."), 1)], ids=["away", "refused"]
)
def test_step_ends_with_its_own_failure(fout: Exception, keren: int) -> None:
    def fail() -> None:
        raise fout

    uitkomst, geteld = run(fail)
    assert geteld == keren
    (gebeurtenis,) = [g for g in uitkomst.all_events if g.is_step_failure]
    gezien = gebeurtenis.step_failure_data.error
    assert gezien is not None
    assert (gezien.cause or gezien).cls_name == type(fout).__name__


def test_delivery_from_a_network_folder_is_read_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pogingen: list[str] = []

    def land(bron: object, *_: object) -> BronLanding:
        pogingen.append("x")
        if len(pogingen) == 1:
            raise WEG
        return BronLanding("airbnb", ())

    monkeypatch.setattr(leveringen, "land_bron", land)
    monkeypatch.setattr("orchestration.herkansing.try_again.__wrapped__.__defaults__", (0,))
    (tmp_path / "leveringen").mkdir()
    (asset,) = [a for a in build_levering_assets() if a.op.name == "levering_airbnb"]
    with dg.DagsterInstance.ephemeral() as instance:
        uitkomst = dg.materialize(
            [asset],
            resources={
                "werkplaats": Werkplaats(
                    data=str(tmp_path), leveringen=str(tmp_path / "leveringen")
                ),
                "sleutelbron": Sleutelbron(tmp_path / "sleutels", None),
                "voortgang": Voortgang(),
            },
            instance=instance,
        )
    assert uitkomst.success
    assert len(pogingen) == 2
