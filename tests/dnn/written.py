"""Files of other people's formats, tiny ones."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np

IDX_NAMES = ("train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte")


def idx_bytes(array: np.ndarray) -> bytes:
    sizes = b"".join(size.to_bytes(4) for size in array.shape)
    return bytes([0, 0, 8, array.ndim]) + sizes + array.astype(np.uint8).tobytes()


def write_idx(folder: Path, *arrays: np.ndarray, ending: str = "") -> Path:
    """Write images and labels to train with and to test with into *folder*, and return it."""
    folder.mkdir(exist_ok=True)
    for name, array in zip(IDX_NAMES, arrays, strict=True):
        content = idx_bytes(array)
        (folder / f"{name}{ending}").write_bytes(gzip.compress(content) if ending == ".gz" else content)
    return folder


def write_cifar10(folder: Path, images: np.ndarray, labels: np.ndarray) -> Path:
    """Write *images*, (N, 3, 32, 32), six equal parts in a row, into *folder*, and return it."""
    folder.mkdir(exist_ok=True)
    records = np.concatenate([labels.astype(np.uint8)[:, None], images.reshape(len(images), -1)], axis=1)
    names = [*(f"data_batch_{n}.bin" for n in range(1, 6)), "test_batch.bin"]
    for name, part in zip(names, np.split(records, 6), strict=True):
        (folder / name).write_bytes(part.tobytes())
    return folder
