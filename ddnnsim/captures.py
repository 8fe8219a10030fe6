"""What is a request: the captures of a scene together, within a window, or each of them alone.

Arrays of captures are (scenes, devices) where devices capture a scene together, and flat else.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ddnnsim.arrivals import MAX_NS, Source, Times, more
from ddnnsim.deployment import Captures, ClosedLoop, Workload
from ddnnsim.durations import distribution_of
from ddnnsim.scenario import Closed, FromFile
from ddnnsim.seeds import stream
from ddnnsim.timetable import read_timetable

if TYPE_CHECKING:
    from ddnnsim.scenario import Workload as WorkloadSpec


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
    source = Source(spec, seed, devices, table)
    if spec.requests is not None:
        wanted = spec.requests
    else:
        wanted = samples if table is None else len(table.at_ns) * len(devices)  # there are no more than these
    if spec.capture != "each" and source.at_once:
        at_ns = source.captures_ns(source.scenes_ns(wanted), devices=1)[:, 0]
        source.check(len(at_ns), spec.requests)
        return Workload(at_ns, _sample_order(spec.order, seed, len(at_ns), samples))
    of_capture = {"joint": _joint, "window": _window, "each": _each}[spec.capture]
    found = of_capture(source, wanted)
    source.check(len(found.scenes), spec.requests)
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


def _joint(source: Source, wanted: int) -> _Requests:
    """Return a request for each of the first *wanted* scenes."""
    at_ns = source.captures_ns(source.scenes_ns(wanted), len(source.devices))
    scenes = np.arange(len(at_ns))
    devices = np.arange(at_ns.shape[1])
    return _Requests(at_ns.ravel(), np.tile(devices, len(scenes)), np.repeat(scenes, len(devices)), scenes)


def _window(source: Source, wanted: int) -> _Requests:
    """Return the first *wanted* requests of the least number of scenes that make as many."""
    at_ns = source.captures_ns(source.scenes_ns(wanted), len(source.devices))
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


def _each(source: Source, wanted: int) -> _Requests:
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
        count = more(count, wanted, "captures come too close to tell which are first")


def _sample_order(order: str, seed: int, requests: int, samples: int) -> NDArray[np.int64]:
    passes = -(-requests // samples)
    if order == "shuffled":
        random = stream(seed, "order")
        return np.concatenate([random.permutation(samples) for _ in range(passes)])[:requests]
    return np.tile(np.arange(samples), passes)[:requests]
