"""The archive of data: made once, whole or made anew, and never in the way."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest
from networks import digits
from written import write_cifar10

from ddnnsim.dnn.data import datasets, street
from ddnnsim.dnn.data.archive import data_key
from ddnnsim.dnn.data.datasets import Dataset, load_dataset
from ddnnsim.scenario import Cifar10, PngEncoding, RawEncoding, Street

PNG = PngEncoding(format="png")


def scenes(**changes: object) -> Street:
    return Street(source="street", **{"views": 2} | changes)


@pytest.fixture
def made(cache, monkeypatch) -> list[object]:
    """A list of what is made, with few scenes in an empty cache."""
    monkeypatch.setattr(street, "SAMPLES", {"train": 12, "validation": 4, "test": 4})
    told: list[object] = []
    make = datasets._sensed
    monkeypatch.setattr(datasets, "_sensed", lambda data: told.append(data) or make(data))
    return told


def same(a: Dataset, b: Dataset) -> bool:
    columns = ("images", "labels", "seen", "raw_bytes")
    pairs = [
        (getattr(a.splits[n], c), getattr(b.splits[n], c)) for n in ("train", "validation", "test") for c in columns
    ]
    return all(x.dtype == y.dtype and np.array_equal(x, y) for x, y in pairs)


def files(cache: Path) -> list[Path]:
    return sorted(path for path in (cache / "data").iterdir() if path.suffix != ".lock")


def test_scenes_are_drawn_once(made, cache):
    first, second = load_dataset(scenes()), load_dataset(scenes())
    assert len(made) == 1
    assert same(first, second)
    assert list(second.splits) == ["train", "validation", "test"]
    assert [path.name for path in files(cache)] == [f"{data_key(scenes())}.npz"]


def test_what_takes_no_time_is_not_kept(made, cache):
    load_dataset(digits())
    assert not (cache / "data").exists()


@pytest.mark.parametrize("encoding", [RawEncoding(format="raw"), PNG], ids=["raw", "png"])
def test_fewer_cameras_see_the_same_and_nothing_is_drawn_for_them(made, cache, encoding):
    whole = load_dataset(scenes(views=3, encoding=encoding))
    kept = files(cache)
    some = load_dataset(scenes(views=3, cameras=(3, 1), encoding=encoding))
    assert len(made) == 1
    assert files(cache) == kept
    for name, split in whole.splits.items():
        for column in ("images", "seen", "raw_bytes"):
            chosen = getattr(some.splits[name], column)
            assert chosen.shape[1] == 2
            assert chosen.tobytes() == getattr(split, column)[:, [2, 0]].tobytes()
        assert np.array_equal(some.splits[name].labels, split.labels)


def test_an_encoding_is_made_from_what_is_kept(made):
    plain = load_dataset(scenes())
    first, second = (load_dataset(scenes(encoding=PNG)) for _ in range(2))
    assert len(made) == 1
    assert same(first, second)
    assert not same(first, plain)
    assert np.array_equal(first.splits["test"].images, plain.splits["test"].images)


@pytest.mark.parametrize("damage", ["truncated", "empty", "flipped", "text", "other"])
def test_a_damaged_file_is_made_anew(made, cache, damage):
    first = load_dataset(scenes())
    (path,) = files(cache)
    whole = path.read_bytes()
    if damage == "other":
        load_dataset(scenes(seed=1))
        path.write_bytes((cache / "data" / f"{data_key(scenes(seed=1))}.npz").read_bytes())
    else:
        middle = len(whole) // 2
        flipped = whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :]
        path.write_bytes({"truncated": whole[:-1], "empty": b"", "flipped": flipped, "text": b"x" * 99}[damage])
    made.clear()
    assert same(load_dataset(scenes()), first)
    assert same(load_dataset(scenes()), first)
    assert len(made) == 1


def test_a_cache_that_cannot_be_written_is_no_error(made, tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setenv("DDNNSIM_CACHE", str(tmp_path / "file" / "cache"))
    assert same(load_dataset(scenes()), load_dataset(scenes()))
    assert len(made) == 2


def test_the_key_changes_with_what_determines_the_data(monkeypatch):
    described = [scenes(), scenes(seed=1), scenes(views=3), scenes(noise=1.0), scenes(presence=[1, 0.5])]
    described += [scenes(encoding=PNG), digits(encoding=PNG)]
    keys = [data_key(data) for data in described]
    assert len(set(keys)) == len(keys)
    assert data_key(scenes()) == keys[0]
    monkeypatch.setattr(np, "__version__", "0")
    assert data_key(scenes()) not in keys


def test_the_key_is_of_what_files_hold_and_not_of_where_they_are(tmp_path):
    images, labels = np.zeros((60, 3, 32, 32), dtype=np.uint8), np.arange(60) % 10
    folders = [write_cifar10(tmp_path / name, images + add, labels) for name, add in (("a", 0), ("b", 0), ("c", 1))]
    a, b, c = (data_key(Cifar10(source="cifar10", path=str(folder), encoding=PNG)) for folder in folders)
    assert a == b != c


@pytest.mark.benchmark
def test_kept_scenes_are_read_in_half_a_second(cache):
    load_dataset(scenes(views=6))
    began = time.perf_counter()
    load_dataset(scenes(views=6))
    assert time.perf_counter() - began < 0.5
