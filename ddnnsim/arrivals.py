"""The load: which device captures its view of which scene when, and what of that is a request.

Arrays of captures are (scenes, devices) where devices capture a scene together, and flat else.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ddnnsim.deployment import Captures, ClosedLoop, Workload
from ddnnsim.durations import distribution_of
from ddnnsim.errors import UserError
from ddnnsim.scenario import Bursts, Closed, FromFile, Poisson
from ddnnsim.seeds import stream
from ddnnsim.timetable import Timetable, read_timetable

if TYPE_CHECKING:
    from ddnnsim.scenario import DrawnDuration, Scenes
    from ddnnsim.scenario import Workload as WorkloadSpec

NS_PER_S = 1_000_000_000
MAX_NS = 2.0**63
"""Where the time of a run ends: 292 years."""
MOST_PER_REQUEST = 1000
"""How many draws of captures or bursts a request may take."""
Times = NDArray[np.int64]


def workload_of(spec: WorkloadSpec, seed: int, samples: int, devices: Sequence[str]) -> Workload | ClosedLoop:
    """Return the captures that *spec* asks for, of a split of *samples* samples; *devices* are the devices' names.

    Raises OverflowError where a capture would come after `MAX_NS`, and UserError where a file of times is not as
    it should be, or does not have as many requests as are asked for.
    """
    if isinstance(spec, Closed):
        requests = samples if spec.requests is None else spec.requests
        order = _sample_order(spec.order, seed, requests, samples)
        return ClosedLoop(spec.users, distribution_of(spec.think), order)
    table = read_timetable(Path(spec.path), devices) if isinstance(spec, FromFile) else None
    source = _Source(spec, seed, devices, table)
    if spec.requests is not None:
        wanted = spec.requests
    else:
        wanted = samples if table is None else len(table.at_ns) * len(devices)  # there are no more than these
    of_capture = {"joint": _joint, "window": _window, "each": _each}[spec.capture]
    found = of_capture(source, wanted)
    told = len(found.scenes)
    if spec.requests is not None and told < spec.requests:
        raise UserError(f"{source.name}: {told} requests, and workload.requests is {spec.requests}; leave it out")
    order = _sample_order(spec.order, seed, int(found.scenes.max(initial=0)) + 1, samples)
    return found.numbered(order, len(devices))


class _Requests(NamedTuple):
    """Captures, flat, and the requests that they belong to, these in any order."""

    at_ns: Times
    """(captures,)"""
    devices: NDArray[np.int64]
    """(captures,)"""
    requests: NDArray[np.int64]
    """(captures,); positions in `scenes`."""
    scenes: NDArray[np.int64]
    """(requests,)"""

    def numbered(self, samples: NDArray[np.int64], devices: int) -> Workload:
        """Return these as a workload: in the order of their first capture, then of scenes, then of first devices.

        *samples* are by scene. Where all devices capture every request at once, there is nothing to tell of captures.
        """
        count = len(self.scenes)
        by_time = np.lexsort((self.devices, self.at_ns, self.requests))
        firsts = by_time[np.searchsorted(self.requests[by_time], np.arange(count))]
        first_ns = self.at_ns[firsts]
        order = np.lexsort((self.devices[firsts], self.scenes, first_ns))
        first_ns, scenes = first_ns[order], self.scenes[order]
        numbers = np.empty(count, np.int64)
        numbers[order] = np.arange(count)
        requests = numbers[self.requests]
        together = len(self.at_ns) == count * devices and bool((self.at_ns == first_ns[requests]).all())
        if together:
            return Workload(first_ns, samples[scenes])
        rows = np.lexsort((self.devices, requests, self.at_ns))
        return Workload(first_ns, samples[scenes], Captures(self.at_ns[rows], requests[rows], self.devices[rows]))


class _Source:
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

    def captures_ns(self, scenes_ns: Times) -> Times:
        """Return when each device captures each scene, (scenes, devices)."""
        late = [self._late_ns(device, len(scenes_ns)) for device in range(len(self.devices))]
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


def _joint(source: _Source, wanted: int) -> _Requests:
    """Return a request for each of the first *wanted* scenes."""
    at_ns = source.captures_ns(source.scenes_ns(wanted))
    scenes = np.arange(len(at_ns))
    devices = np.arange(at_ns.shape[1])
    return _Requests(at_ns.ravel(), np.tile(devices, len(scenes)), np.repeat(scenes, len(devices)), scenes)


def _window(source: _Source, wanted: int) -> _Requests:
    """Return the first *wanted* requests of the least number of scenes that make as many."""
    at_ns = source.captures_ns(source.scenes_ns(wanted))
    assert source.window_ns is not None
    parts = _parts(at_ns, source.window_ns)  # (scenes, devices)
    ends = np.cumsum(parts.max(axis=1) + 1)
    scenes = min(int(np.searchsorted(ends, wanted)) + 1, len(at_ns))
    begins = np.concatenate([[0], ends[: scenes - 1]])
    devices = at_ns.shape[1]
    numbers = (begins[:, None] + parts[:scenes]).ravel()
    of_request = np.repeat(np.arange(scenes), np.diff(np.append(begins, ends[scenes - 1])))
    whole = _Requests(at_ns[:scenes].ravel(), np.tile(np.arange(devices), scenes), numbers, of_request)
    return _first(whole, wanted)


def _parts(at_ns: Times, window_ns: int) -> NDArray[np.int64]:
    """Return by scene and device, (scenes, devices), in which part of the scene, from 0, its capture is."""
    order = np.argsort(at_ns, axis=1, kind="stable")
    ordered = np.take_along_axis(at_ns, order, axis=1)
    parts = np.zeros_like(at_ns)
    first = ordered[:, 0].copy()
    for rank in range(1, at_ns.shape[1]):
        later = ordered[:, rank] - first > window_ns
        parts[:, rank] = parts[:, rank - 1] + later
        first = np.where(later, ordered[:, rank], first)
    told = np.empty_like(parts)
    np.put_along_axis(told, order, parts, axis=1)
    return told


def _first(found: _Requests, wanted: int) -> _Requests:
    """Return the first *wanted* requests of *found*, in the order of their numbers."""
    count = len(found.scenes)
    if count <= wanted:
        return found
    by_time = np.lexsort((found.at_ns, found.requests))
    first_ns = found.at_ns[by_time][np.searchsorted(found.requests[by_time], np.arange(count))]
    taken = np.sort(np.lexsort((found.scenes, first_ns))[:wanted])  # parts of a scene begin at different times
    kept = np.isin(found.requests, taken)
    requests = np.searchsorted(taken, found.requests[kept])
    return _Requests(found.at_ns[kept], found.devices[kept], requests, found.scenes[taken])


def _each(source: _Source, wanted: int) -> _Requests:
    """Return the first *wanted* captures in the order of (time, device), each a request."""
    devices = len(source.devices)
    count = -(-wanted // devices)
    while True:
        drawn = [source.of_device(device, count) for device in range(devices)]
        at_ns = np.concatenate([captures for captures, _ in drawn])
        lengths = [len(captures) for captures, _ in drawn]
        owners = np.repeat(np.arange(devices), lengths)
        scenes = np.concatenate([np.arange(length) for length in lengths])
        order = np.lexsort((scenes, owners, at_ns))[:wanted]
        horizon = min(until for _, until in drawn)
        everything = horizon >= MAX_NS
        if everything or (len(order) == wanted and at_ns[order[-1]] < horizon):
            return _Requests(at_ns[order], owners[order], np.arange(len(order)), scenes[order])
        count = _more(count, wanted, "captures come too close to tell which are first")


def _more(count: int, wanted: int, why: str) -> int:
    """Return twice *count*. Raises UserError *why* where that is out of all proportion to *wanted*."""
    if count > MOST_PER_REQUEST * (wanted + MOST_PER_REQUEST):
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
        bursts = _more(bursts, len(running_ns), "the source is hardly ever on")
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


def _sample_order(order: str, seed: int, requests: int, samples: int) -> NDArray[np.int64]:
    passes = -(-requests // samples)
    if order == "shuffled":
        random = stream(seed, "order")
        return np.concatenate([random.permutation(samples) for _ in range(passes)])[:requests]
    return np.tile(np.arange(samples), passes)[:requests]
