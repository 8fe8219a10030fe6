"""How long sections take on this host: one sample, one thread, the median of several times after a warm-up."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from statistics import median_low
from time import perf_counter_ns
from typing import TYPE_CHECKING, cast

import numpy as np
import torch
from numpy.typing import NDArray

from ddnnsim.dnn.cache import keep, kept
from ddnnsim.dnn.deployed import deployed
from ddnnsim.dnn.model import DDNN, signal
from ddnnsim.dnn.store import alone, cache_folder
from ddnnsim.dnn.threads import torch_threads

if TYPE_CHECKING:
    from torch import Tensor

    from ddnnsim.dnn.merges import Merge
    from ddnnsim.dnn.sections import Peers

WARM_UP = 5
REPEATS = 25

Times = Sequence[Sequence[int]]
"""By level, what each section takes, in ns."""


def kept_times(key: str, names: Sequence[str], measure: Callable[[], Times]) -> Times:
    """Return what *measure* gives, once: from then on what was kept under *key*, by the *names* of the levels."""
    path = cache_folder() / "times" / f"{key}.safetensors"
    with alone(path):
        found = kept(path, key)
        if found is None:
            found = {name: np.array(times) for name, times in zip(names, measure(), strict=True)}
            keep(path, key, found)
    return [found[name].tolist() for name in names]


def network_times(model: DDNN, views: NDArray[np.uint8]) -> Times:
    """Return how long the sections of *model*, as they are deployed, take for the sample *views*, (V, C, H, W)."""
    with torch.inference_mode(), torch_threads(1):
        outputs = model.sense(torch.from_numpy(views[None])).features  # (1, S, f, h, w)
        sensed = signal(torch.from_numpy(views)[:, None, None])  # (V, 1, 1, C, H, W)
        senses = [view for (view,) in model.network.levels[0].children]
        times = [[time_ns(_peers(model, 0, i), sensed[view]) for i, view in enumerate(senses)]]
        present = torch.ones(1, outputs.shape[1], dtype=torch.bool)
        for level in range(1, len(model.levels)):
            children = model.network.levels[level].children
            joining = [_joining(_peers(model, level, i)) for i in range(len(children))]
            below = [outputs[:, None, list(of_section)] for of_section in children]  # (1, 1, k, f, h, w) each
            times.append([time_ns(section, maps) for section, maps in zip(joining, below, strict=True)])
            of_level, present = model.ascend(level, model.parts(level, outputs), present)
            outputs = of_level.features
    return times


def _peers(model: DDNN, level: int, section: int) -> Peers:
    """Return one section of *model* as it is deployed."""
    return deployed(model.sections(level).alone(section))


def _joining(peers: Peers) -> Callable[[Tensor], object]:
    """Return what a section above the devices does of features, (1, 1, k, f, h, w)."""
    merge = cast("Merge", peers.merge)

    def run(features: Tensor) -> object:
        there = torch.ones(features.shape[:3], dtype=torch.bool)  # (1, 1, k)
        return peers(merge.join(merge.parts(features), there))

    return run


def time_ns(run: Callable[..., object], *arguments: Tensor) -> int:
    """Return how long *run* takes for *arguments*, in ns."""
    for _ in range(WARM_UP):
        run(*arguments)
    times_ns = []
    for _ in range(REPEATS):
        began = perf_counter_ns()
        run(*arguments)
        times_ns.append(perf_counter_ns() - began)
    return median_low(times_ns)
