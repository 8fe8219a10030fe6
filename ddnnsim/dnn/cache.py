"""Trained weights, kept under a key of all that determines them, so that the same network is trained once."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save as serialized
from torch import Tensor

import ddnnsim.profile
import ddnnsim.seeds
from ddnnsim.dnn.datasets import Dataset, load_dataset
from ddnnsim.dnn.model import DDNN
from ddnnsim.dnn.origin import origin_of
from ddnnsim.dnn.store import alone, cache_folder, write
from ddnnsim.dnn.training import Progress, torch_generator, train
from ddnnsim.scenario import AnyData, Model

_INDECISIVE = {"__init__.py", "archive.py", "cache.py", "oracle.py", "store.py"}
"""Modules of this folder whose source does not decide what the weights are."""


@dataclass(frozen=True)
class Trained:
    """A network that has been trained, with the data that it learnt from."""

    model: DDNN
    """In evaluation mode."""
    dataset: Dataset
    key: str
    """SHA-256, in hex, of all that determines the weights."""
    cached: bool
    """Whether the weights came from the cache."""
    seconds: float
    """Time that loading or training the weights took."""
    not_saved: str | None
    """Why the weights could not be kept; None when they are in the cache."""


def weights_key(data: AnyData, plan: Model, local_merge: str) -> str:
    """Return the SHA-256, in hex, of all that determines the weights of *plan* trained on *data*.

    That is the scenario's words on both, the versions of the libraries that compute, the instructions
    that the processor offers to torch, and the source of the modules in between.
    """
    here = Path(__file__).parent
    decisive = [path for path in sorted(here.rglob("*.py")) if path.relative_to(here).as_posix() not in _INDECISIVE]
    decisive += [Path(str(module.__file__)) for module in (ddnnsim.profile, ddnnsim.seeds)]
    sources = [hashlib.sha256(path.read_bytes()).hexdigest() for path in decisive]
    determinants = {
        "data": origin_of(data),
        "model": plan.model_dump(mode="json"),
        "local_merge": local_merge,
        "versions": {name: version(name) for name in ("torch", "numpy", "scikit-learn")},
        "processor": torch.backends.cpu.get_cpu_capability(),
        "sources": sources,
    }
    return hashlib.sha256(json.dumps(determinants, sort_keys=True).encode()).hexdigest()


def trained(data: AnyData, plan: Model, local_merge: str, progress: Progress | None = None) -> Trained:
    """Return the network *plan* trained on *data*, from the cache where it is there and whole.

    *local_merge* is how the local exit joins scores: MP, AP or CC.

    *progress* is told of every epoch, and of none when the weights are in the cache. Of several processes
    that ask for the same weights at once, one trains and the others wait for it. Weights that
    cannot be kept are no error: `not_saved` says why.
    """
    dataset = load_dataset(data)
    random = torch_generator(plan.training.seed, "training/weights")
    network = DDNN(data.view_shape, data.views, plan.levels, local_merge, len(data.classes), random)
    key = weights_key(data, plan, local_merge)
    path = cache_folder() / "weights" / f"{key}.safetensors"
    began = time.perf_counter()
    with alone(path):
        cached, not_saved = _restored(network, path, key), None
        if not cached:
            train(network, dataset.splits["train"], plan.training, progress)
            state = network.state_dict()
            not_saved = write(serialized(state, _label(state, key)), path)
    return Trained(network, dataset, key, cached, time.perf_counter() - began, not_saved)


def _restored(network: DDNN, path: Path, key: str) -> bool:
    """Put the weights at *path* into *network*, and return whether they were there and whole."""
    try:
        with safe_open(path, framework="pt") as file:
            told = file.metadata()
            state = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except (OSError, SafetensorError):
        return False
    if told != _label(state, key):
        return False
    network.load_state_dict(state)
    network.eval()
    return True


def _label(state: Mapping[str, Tensor], key: str) -> dict[str, str]:
    """Return what a file of weights says of itself: their key, and the SHA-256 of names and values.

    A single entry, because safetensors writes several in any order.
    """
    digest = hashlib.sha256()
    for name in sorted(state):
        digest.update(name.encode())
        digest.update(state[name].numpy().tobytes())
    return {"ddnnsim": f"{key} {digest.hexdigest()}"}
