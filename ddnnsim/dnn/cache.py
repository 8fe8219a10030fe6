"""What training has left - weights, and what the exits say - kept under a key of all that determines it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save as serialized

import ddnnsim.profile
import ddnnsim.seeds
from ddnnsim.dnn.data.origin import origin_of
from ddnnsim.dnn.store import write
from ddnnsim.network import Network
from ddnnsim.scenario import AnyData, Training, picture

Arrays = Mapping[str, NDArray[np.generic]]

_DECISIVE = ("blocks", "deployed", "merges", "model", "oracle", "readings", "scores", "sections", "threads", "training")
"""Modules of this folder whose source decides, with that of the data, what the weights are and what the exits say."""


def weights_key(data: AnyData, network: Network, training: Training) -> str:
    """Return the SHA-256, in hex, of all that determines the weights of *network* trained on *data*.

    That is the scenario's words on them, but not on what is done with scores later (thresholds, temperatures);
    the versions of the libraries that compute, the instructions that the processor offers them, and the source
    of the modules in between.
    """
    here = Path(__file__).parent
    decisive = [here / f"{name}.py" for name in _DECISIVE] + sorted((here / "data").rglob("*.py"))
    decisive += [Path(str(module.__file__)) for module in (ddnnsim.profile, ddnnsim.seeds, picture)]
    sources = [hashlib.sha256(path.read_bytes()).hexdigest() for path in decisive]
    determinants = {
        "data": origin_of(data),
        "network": _determinants(network),
        "training": training.model_dump(mode="json") | {"device": _device(training)},
        "versions": {name: version(name) for name in ("torch", "numpy", "scikit-learn")},
        "processor": _instructions(),
        "sources": sources,
    }
    return hashlib.sha256(json.dumps(determinants, sort_keys=True).encode()).hexdigest()


def _determinants(network: Network) -> dict[str, object]:
    """Return what of *network* determines its weights and scores; names and temperatures do not."""
    return {
        "absent": network.absent,
        "levels": [[level.layers.model_dump(mode="json"), level.children, level.weights] for level in network.levels],
        "exits": [[exit_.key, exit_.level, exit_.sections, exit_.merge] for exit_ in network.exits],
    }


def _device(training: Training) -> str:
    """Return what trains: `cpu` or `cuda`. A torch that is built without CUDA need not be asked."""
    package = find_spec("torch")
    with_cuda = package and package.origin and (Path(package.origin).parent / "lib" / "libtorch_cuda.so").exists()
    if training.device != "auto" or not with_cuda:
        return "cpu" if training.device == "auto" else training.device
    from ddnnsim.dnn.training import training_device

    return training_device(training).type


def _instructions() -> list[str]:
    """Return the extensions of the processor that NumPy finds: those that torch's kernels choose by, too."""
    found: list[str] = np.show_config(mode="dicts")["SIMD Extensions"]["found"]
    return found


def kept(path: Path, key: str) -> dict[str, NDArray[np.generic]] | None:
    """Return the arrays at *path* if they are there, whole, and those of *key*."""
    try:
        with safe_open(path, framework="np") as file:
            told = file.metadata()
            arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except (OSError, SafetensorError):
        return None
    return arrays if told == _label(arrays, key) else None


def keep(path: Path, key: str, arrays: Arrays) -> str | None:
    """Write *arrays* beside *path* and rename them; return why that failed, or None."""
    return write(serialized(dict(arrays), _label(arrays, key)), path)


def _label(arrays: Arrays, key: str) -> dict[str, str]:
    """Return what a file says of itself: its key, and the SHA-256 of names and values.

    A single entry, because safetensors writes several in any order.
    """
    digest = hashlib.sha256()
    for name in sorted(arrays):
        digest.update(name.encode())
        digest.update(arrays[name].tobytes())
    return {"ddnnsim": f"{key} {digest.hexdigest()}"}
