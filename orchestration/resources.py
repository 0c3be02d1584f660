"""Dagster resources: where a run works, and how it tells how far it is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import dagster as dg

from orchestration.instellingen import check_leveringen_map
from orchestration.slot import hold_slot
from orchestration.werkmap import DBT_MAP, Werkmap
from sources.contract import read_contract
from sources.landing import determine_klok
from sources.organisatie import Organisatie, read_organisatie
from sources.stand import list_verslagen, read_standen
from vera.contract import Contract
from vera.errors import PoortInFout


@cache
def load_contract() -> Contract:
    """Return the delivery contract, parsed once per process."""
    return read_contract(DBT_MAP)


class Werkplaats(dg.ConfigurableResource[None]):
    """Where a run reads and writes. Holds the run lock for as long as the run lasts.

    Parameters
    ----------
    data
        Data folder.
    leveringen
        Deliveries folder; only read.
    wacht_seconden
        How long a run waits for the lock of another one. 0 = refused at once, for who sits at the
        command line; a schedule has nobody to try again later.
    """

    data: str
    leveringen: str
    wacht_seconden: int = 0

    @contextmanager
    def yield_for_execution(self, context: dg.InitResourceContext) -> Iterator[Any]:
        """Hold the lock of the data folder while a run works."""
        if context.run is None:  # a sensor only looks
            yield self
            return
        with hold_slot(self.map.slot, self.wacht_seconden):
            yield self

    @property
    def map(self) -> Werkmap:
        """The layout of the data folder."""
        return Werkmap.of(Path(self.data))

    @property
    def leveringen_map(self) -> Path:
        """The deliveries folder.

        Raises
        ------
        GebruikFout
            When there is no such folder.
        """
        return check_leveringen_map(Path(self.leveringen)).expanduser().resolve()

    @property
    def contract(self) -> Contract:
        """The delivery contract."""
        return load_contract()

    def read_organisatie(self) -> Organisatie:
        """Return who delivers."""
        return read_organisatie(self.leveringen_map)

    def compute_klok(self) -> date:
        """Return the run's clock: the youngest date that the landed deliveries speak of.

        Raises
        ------
        PoortInFout
            When nothing was delivered at all.
        """
        standen = read_standen(self.contract.bronnen, self.map.landing)
        # The wall clock only keeps a typing error in the future from moving the run's clock.
        klok = determine_klok(list_verslagen(standen), date.today())  # noqa: DTZ011
        if klok is None:
            raise PoortInFout(
                "Er is niets geleverd waar een datum in staat.",
                verwacht="per bron een map met bestanden, zoals `buurtpeil contract` beschrijft",
                remedie="zet leveringen in de map, of maak een voorbeeld met `buurtpeil generate`",
            )
        return klok
