"""The load: when scenes come, and when each device captures them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ddnnsim.durations import distribution_of
from ddnnsim.errors import UserError
from ddnnsim.scenario import Bursts, FromFile, Poisson
from ddnnsim.seeds import stream

if TYPE_CHECKING:
    from ddnnsim.scenario import DrawnDuration, Scenes
    from ddnnsim.timetable import Timetable

NS_PER_S = 1_000_000_000
MAX_NS = 2.0**63
"""Where the time of a run ends: 292 years."""
MOST_PER_REQUEST = 1000
"""How many draws of captures or bursts a request may take,"""
MOST_ANYWAY = 100_000
"""and how many there may be of few."""
Times = NDArray[np.int64]


class Source:
    """What a workload draws: when scenes come, and how much later devices capture them."""

    def __init__(self, spec: Scenes, seed: int, devices: Sequence[str], table: Timetable | None) -> None:
        self.window_ns = spec.window_ns
        self.devices = devices
        self.name = spec.path if isinstance(spec, FromFile) else "workload"
        self._spec, self._seed, self._table = spec, seed, table

    def scenes_ns(self, count: int) -> Times:
        """Return when the first *count* scenes come that all devices capture: fewer where a file ends before."""
        if self._table is not None and self._table.devices is not None:
            raise UserError(f"{self.name}:1: a column 'device', and all devices capture together; write capture: each")
        return self._arrivals(count, "", 0)

    def of_device(self, device: int, count: int) -> tuple[Times, int]:
        """Return the first *count* captures of *device* alone, in the order of scenes, and when no other can be before.

        That is the earliest time of a scene that is not among them; there is none where a file has ended.
        """
        arrivals = self._arrivals(count, f"/{self.devices[device]}", device)
        ended = self._table is not None and len(arrivals) == len(self._table.of(device))
        horizon = int(MAX_NS) if ended else int(arrivals[-1]) + self._phase_ns(device)
        return _sum(arrivals, self._late_ns(device, len(arrivals))), horizon

    @property
    def at_once(self) -> bool:
        """Whether all devices capture a scene at the same time."""
        return self._spec.jitter is None and len({self._phase_ns(device) for device in range(len(self.devices))}) == 1

    def check(self, found: int, requests: int | None) -> None:
        """Raise UserError where *requests* are asked for, and *found* are all that there are."""
        if requests is not None and found < requests:
            raise UserError(f"{self.name}: {found} requests, and workload.requests is {requests}; leave it out")

    def captures_ns(self, scenes_ns: Times, devices: int) -> Times:
        """Return when each of the first *devices* captures each scene, (scenes, devices)."""
        late = [self._late_ns(device, len(scenes_ns)) for device in range(devices)]
        return _sum(scenes_ns[:, None], np.stack(late, axis=1))

    def _arrivals(self, count: int, whose: str, device: int) -> Times:
        spec = self._spec
        if self._table is not None:
            return self._table.of(device)[:count]
        if isinstance(spec, Poisson):
            return _poisson(float(spec.rate), self._seed, f"arrivals{whose}", count)
        if isinstance(spec, Bursts):
            running_ns = _poisson(float(spec.rate), self._seed, f"arrivals{whose}", count)
            return _while_on(running_ns, spec, self._seed, whose)
        assert not isinstance(spec, FromFile)
        rate = spec.rate
        return np.array([k * NS_PER_S * rate.denominator // rate.numerator for k in range(count)], np.int64)

    def _phase_ns(self, device: int) -> int:
        phase_ns = self._spec.phase_ns
        return phase_ns if isinstance(phase_ns, int) else phase_ns.get(self.devices[device], 0)

    def _late_ns(self, device: int, count: int) -> Times:
        """Return how much later than a scene comes *device* captures it, (count,)."""
        late = np.full(count, self._phase_ns(device), np.int64)
        if self._spec.jitter is None:
            return late
        return _sum(late, _drawn(self._spec.jitter, self._seed, f"capture/{self.devices[device]}", count))


def more(count: int, wanted: int, why: str) -> int:
    """Return twice *count*. Raises UserError *why* where that is out of all proportion to *wanted*."""
    if count > MOST_PER_REQUEST * wanted + MOST_ANYWAY:
        raise UserError(f"workload: {why}; lower its rate, or make its times longer")
    return 2 * count


def _poisson(rate: float, seed: int, name: str, count: int) -> Times:
    """Return the first *count* times of a Poisson process, each gap rounded to ns."""
    gaps_s = stream(seed, name).exponential(1 / rate, count)
    if gaps_s.sum() * NS_PER_S >= MAX_NS:
        raise OverflowError("the last request comes after 2^63 ns")
    return np.cumsum(np.rint(gaps_s * NS_PER_S).astype(np.int64))


def _while_on(running_ns: Times, spec: Bursts, seed: int, whose: str) -> Times:
    """Return the times at which a clock that runs while the source is on shows *running_ns*."""
    bursts = 16
    while True:
        ends = _cumulated(_drawn(spec.on, seed, f"bursts/on{whose}", bursts))
        if ends[-1] > running_ns[-1]:
            break
        bursts = more(bursts, len(running_ns), "the source is hardly ever on")
    breaks = _cumulated(_drawn(spec.off, seed, f"bursts/off{whose}", bursts))
    before = np.searchsorted(ends, running_ns, side="right")  # bursts that are over: at their very end, too
    return _sum(running_ns, np.concatenate([[0], breaks])[before])


def _cumulated(durations_ns: Times) -> Times:
    """Return the running sums of *durations_ns*, those beyond all time at its end."""
    sums = np.cumsum(durations_ns)
    beyond = np.cumsum(durations_ns, dtype=float) >= MAX_NS
    return np.where(np.logical_or.accumulate(beyond), np.iinfo(np.int64).max, sums)


def _drawn(spec: DrawnDuration, seed: int, name: str, count: int) -> Times:
    """Return the first *count* draws of the stream *name*."""
    return distribution_of(spec).draw_ns(stream(seed, name), count)


def _sum(a: Times, b: Times) -> Times:
    """Return a + b. Raises OverflowError where that is beyond all time; neither is negative."""
    total: Times = a + b
    if total.size and int(total.min()) < 0:
        raise OverflowError("a capture comes after 2^63 ns")
    return total
