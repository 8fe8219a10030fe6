"""From a duration as a scenario says it to the distribution that it is drawn from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ddnnsim.distribution import NS_PER_S, Distribution

if TYPE_CHECKING:
    from ddnnsim.scenario import DrawnDuration


def distribution_of(drawn: DrawnDuration) -> Distribution:
    """Return the distribution of *drawn*: its integers are durations in ns, its floats pure numbers."""
    parameters = (p / NS_PER_S if isinstance(p, int) else p for p in drawn.parameters)
    return Distribution(drawn.family, tuple(parameters))
