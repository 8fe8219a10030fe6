"""Data that take long to make, kept under a key of all that determines them, so that they are made once."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

import ddnnsim.profile
import ddnnsim.seeds
from ddnnsim.dnn.data.arrays import read_arrays
from ddnnsim.dnn.data.origin import codecs, origin_of
from ddnnsim.dnn.data.splits import SPLITS, Split, SplitName
from ddnnsim.dnn.store import alone, cache_folder, write
from ddnnsim.errors import DataError
from ddnnsim.scenario import AnyData, picture

_COLUMNS = ("images", "labels", "seen", "raw_bytes")

Splits = dict[SplitName, Split]


def archived(data: AnyData, make: Callable[[AnyData], Splits]) -> Splits:
    """Return the splits that *make* makes of *data*, from the cache where they are there and whole.

    Of several processes that ask for the same data at once, one makes them and the others wait for it. That they
    cannot be kept is no error.
    """
    key = data_key(data)
    path = cache_folder() / "data" / f"{key}.npz"
    with alone(path):
        splits = _restored(path, key)
        if splits is None:
            splits = make(data)
            write(_serialized(splits, key), path)
    return splits


def data_key(data: AnyData) -> str:
    """Return the SHA-256, in hex, of what determines *data* and the sizes of its views."""
    here = Path(__file__).parent
    decisive = sorted(here.rglob("*.py"))
    decisive += [Path(str(module.__file__)) for module in (ddnnsim.profile, ddnnsim.seeds, picture)]
    described = {
        "data": origin_of(data),
        "encoding": data.encoding.model_dump(),
        "versions": codecs() | {"numpy": np.__version__},
        "sources": [hashlib.sha256(path.read_bytes()).hexdigest() for path in decisive],
    }
    return hashlib.sha256(json.dumps(described, sort_keys=True).encode()).hexdigest()


def _serialized(splits: Splits, key: str) -> bytes:
    arrays = {f"{name}.{column}": getattr(split, column) for name, split in splits.items() for column in _COLUMNS}
    file = io.BytesIO()
    np.savez(file, allow_pickle=False, key=np.array(key), **arrays)
    return file.getvalue()


def _restored(path: Path, key: str) -> Splits | None:
    """Return the splits in *path*, or None where it is not there or not whole: each of its arrays has a checksum."""
    try:
        arrays = read_arrays(path, ("key", *(f"{name}.{column}" for name in SPLITS for column in _COLUMNS)))
    except DataError:
        return None
    if str(arrays["key"]) != key:
        return None
    columns: dict[SplitName, list[Any]] = {name: [arrays[f"{name}.{column}"] for column in _COLUMNS] for name in SPLITS}
    return {name: Split(*of_split) for name, of_split in columns.items()}
