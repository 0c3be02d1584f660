"""The addresses of logging in with the provider, for pages that only point there."""

from __future__ import annotations

from typing import Final

PAD_BEGIN: Final = "/aanmelden/begin"
PAD_TERUG: Final = "/aanmelden/terug"
PAD_UIT: Final = "/aanmelden/uit"
