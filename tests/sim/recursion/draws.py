"""Named random streams, one draw at a time."""

from __future__ import annotations

from ddnnsim.distribution import Distribution
from ddnnsim.seeds import stream


class Stream:
    """The draws of one purpose, from the 0th."""

    def __init__(self, seed: int, name: str) -> None:
        self._random = stream(seed, name)

    def uniform(self) -> float:
        return float(self._random.random())

    def duration_ns(self, of: Distribution) -> int:
        (drawn,) = of.draw_ns(self._random, 1).tolist()
        return drawn
