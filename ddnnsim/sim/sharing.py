"""Max-min fair shares, in exact rationals."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from functools import lru_cache
from math import lcm
from typing import NamedTuple


class Demand(NamedTuple):
    """Transfers that take the same links, and so always have the same rate."""

    transfers: int
    links: tuple[tuple[int, int], ...]
    """The channel and the rate in bit/s of each link."""


@lru_cache(maxsize=4096)  # few combinations come again and again
def fair_shares(demands: tuple[Demand, ...]) -> tuple[Fraction, ...]:
    """Return the rate of each transfer of each of *demands*, in bit/s.

    All rates rise together. A channel is full when the sum of rate / link rate over its transfers is 1; those through
    it keep their rate, and the others rise on: progressive filling, Bertsekas and Gallager, Data Networks, 6.5.2.
    """
    shares = [Fraction(0)] * len(demands)
    rising = {i for i, demand in enumerate(demands) if all(rate for _, rate in demand.links)}
    room = {channel: Fraction(1) for i in rising for channel, _ in demands[i].links}
    scale = lcm(*(rate for i in rising for _, rate in demands[i].links))
    while rising:
        slopes = _slopes(demands, rising, scale)
        levels = {channel: room[channel] * scale / slope for channel, slope in slopes.items()}
        level = min(levels.values())
        full = {channel for channel, its_level in levels.items() if its_level == level}
        done = {i for i in rising if any(channel in full for channel, _ in demands[i].links)}
        for i in done:
            shares[i] = level
        for channel, slope in _slopes(demands, done, scale).items():
            room[channel] -= level * slope / scale
        rising -= done
    return tuple(shares)


def _slopes(demands: Sequence[Demand], of: Iterable[int], scale: int) -> dict[int, int]:
    """Return how fast each channel fills as the rates of some of *demands* rise together: an integer, over *scale*."""
    slopes: dict[int, int] = {}
    for i in of:
        for channel, rate in demands[i].links:
            slopes[channel] = slopes.get(channel, 0) + demands[i].transfers * (scale // rate)
    return slopes
