"""When there are too few values to say anything."""

from __future__ import annotations

from ddnnsim.errors import UserError


class TooShortError(UserError):
    """There are *n* values, and at least *needed* should be there."""

    def __init__(self, n: int, needed: int, what: str) -> None:
        self.n = n
        self.needed = needed
        super().__init__(f"{what}; it takes at least {needed:,}")
