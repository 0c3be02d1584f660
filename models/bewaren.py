"""How long what the registry keeps is kept, in one place.

Belongs here: terms. Does not belong here: carrying them out (``models.registry``).

Source: AVG art. 5.1.e; design paper on trust, "Storage limitation".
"""

from __future__ import annotations

from typing import Final

from vera.bewaren import Termijn, parse_termijn

NOOIT_GEKOZEN: Final[Termijn] = parse_termijn("3 jaar na gemaakt_op")
"""Of a training that never scored: as long as one may ask why the gate refused it. What scored
once stays, and so does what a decision names: a score must be computable again."""
