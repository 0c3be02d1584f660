"""The ceilings of both domains together, as one file.

Belongs here: keeping them in a format that holds no code. Does not belong here: training one
(``models.<domain>.evaluatie``), where the file lies (``orchestration.risico_evaluatie``), models
that may score (``models.registry``): a ceiling is trained on simulated worlds and scores nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

import skops.io as sio  # type: ignore[import-untyped]

from models.overlast import evaluatie as overlast
from models.woonfraude import evaluatie as woonfraude

VERTROUWD = (
    "models.risico.schatters.LegeKolom",
    "models.risico.tekenlogistiek.TekenLogistiek",
    "numpy.dtype",
    "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",
)
"""Types that the file may hold, besides those that skops trusts by itself."""


@dataclass(frozen=True, eq=False)
class Plafonds:
    """The ceilings of both domains."""

    overlast: overlast.Plafond
    woonfraude: woonfraude.Plafond

    def dump(self) -> bytes:
        """Return the contents of the file."""
        inhoud: bytes = sio.dumps(
            {
                "overlast": {
                    "namen": list(self.overlast.namen),
                    "lineair": self.overlast.lineair,
                    "boosting": self.overlast.boosting,
                },
                "woonfraude": {
                    "namen": list(self.woonfraude.namen),
                    "boosting": self.woonfraude.boosting,
                },
            }
        )
        return inhoud

    @classmethod
    def load(cls, inhoud: bytes) -> Plafonds:
        """Read what :meth:`dump` wrote."""
        delen = sio.loads(inhoud, trusted=list(VERTROUWD))
        een, ander = delen["overlast"], delen["woonfraude"]
        return cls(
            overlast.Plafond(tuple(een["namen"]), een["lineair"], een["boosting"]),
            woonfraude.Plafond(tuple(ander["namen"]), ander["boosting"]),
        )
