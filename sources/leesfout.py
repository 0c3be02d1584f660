"""Why a delivered file as a whole could not be read. The text never holds a value from it."""

from __future__ import annotations


class LeesFout(Exception):
    """A file is not what its name and the contract say; no row of it is landed.

    Landing turns it into the ``leesfout`` of the file's report, and the gate in refuses the
    file by name. The message names kinds, columns of the contract and line numbers only.
    """
