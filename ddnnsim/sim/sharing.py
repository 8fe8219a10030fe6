"""Max-min fair shares, in exact rationals."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple


class Demand(NamedTuple):
    """Transfers that take the same links, and so always have the same rate."""

    transfers: int
    links: Sequence[tuple[int, int]]
    """The channel and the rate in bit/s of each link."""


def fair_shares(demands: Sequence[Demand]) -> list[Fraction]:
    """Return the rate of each transfer of each of *demands*, in bit/s.

    All rates rise together. A channel is full when the sum of rate / link rate over its transfers is 1; those through
    it keep their rate, and the others rise on: progressive filling, Bertsekas and Gallager, Data Networks, 6.5.2.
    """
    shares = [Fraction(0)] * len(demands)
    rising = {i for i, demand in enumerate(demands) if all(rate for _, rate in demand.links)}
    room = {channel: Fraction(1) for i in rising for channel, _ in demands[i].links}
    while rising:
        slopes: dict[int, Fraction] = {}  # how fast each channel fills, s/bit
        for i in rising:
            for channel, rate in demands[i].links:
                slopes[channel] = slopes.get(channel, 0) + Fraction(demands[i].transfers, rate)
        levels = {channel: room[channel] / slope for channel, slope in slopes.items()}
        level = min(levels.values())
        full = {channel for channel, its_level in levels.items() if its_level == level}
        done = {i for i in rising if any(channel in full for channel, _ in demands[i].links)}
        for i in done:
            shares[i] = level
            for channel, rate in demands[i].links:
                room[channel] -= level * demands[i].transfers / rate
        rising -= done
    return shares
