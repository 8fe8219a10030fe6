"""Anybody's npz file: what is read from it, and what is told of one that is not as the scenario says."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import numpy as np
import pytest

from ddnnsim.dnn.data.datasets import load_dataset
from ddnnsim.errors import DataError
from ddnnsim.scenario import Npz

RANDOM = np.random.default_rng(0)
X = RANDOM.integers(0, 256, (40, 3, 1, 6, 5), dtype=np.uint8)
LABEL = np.arange(40) % 2
SEEN = RANDOM.random((40, 3)) < 0.5
SEEN[:, 0] = True
SPLIT = np.array(["train"] * 20 + ["validation"] * 8 + ["test"] * 12)


def spec(path: Path, **changes: object) -> Npz:
    return Npz(
        **{"source": "npz", "path": str(path), "classes": ["cat", "dog"], "shape": [1, 6, 5], "views": 3} | changes
    )


@pytest.fixture
def file(tmp_path: Path):
    """Write arrays, in place of those of the layout, and return the file."""

    def write(**changes: object) -> Path:
        arrays = {"X": X, "label": LABEL} | changes
        np.savez(tmp_path / "m.npz", **{name: array for name, array in arrays.items() if array is not None})
        return tmp_path / "m.npz"

    return write


def sizes(splits) -> tuple[int, ...]:
    return tuple(len(splits[name].labels) for name in ("train", "validation", "test"))


def samples(split) -> list[int]:
    """Return the places in X of the images of *split*."""
    return [int(np.flatnonzero((X[:, 0] == images[0]).all(axis=(1, 2, 3)))[0]) for images in split.images]


def test_a_split_of_the_file_is_taken_in_its_order(file):
    data = load_dataset(spec(file(split=SPLIT, seen=SEEN)))
    assert data.classes == ("cat", "dog")
    for name, part in (("train", slice(0, 20)), ("validation", slice(20, 28)), ("test", slice(28, 40))):
        split = data.splits[name]
        assert np.array_equal(split.images, X[part])
        assert np.array_equal(split.labels, LABEL[part])
        assert np.array_equal(split.seen, SEEN[part])
        assert split.raw_bytes.tolist() == [[30] * 3] * len(split.labels)


def test_without_validation_a_fifth_of_each_class_that_trains_validates(file):
    path = file(split=np.where(SPLIT == "test", "test", "train"))
    splits = load_dataset(spec(path)).splits
    assert sizes(splits) == (22, 6, 12)
    assert np.bincount(splits["validation"].labels).tolist() == [3, 3]
    assert samples(splits["test"]) == list(range(28, 40))
    assert sorted(samples(splits["train"]) + samples(splits["validation"])) == list(range(28))
    assert samples(load_dataset(spec(path, seed=1)).splits["validation"]) != samples(splits["validation"])


def test_without_a_split_each_class_is_parted_by_the_seed(file):
    splits = load_dataset(spec(file())).splits
    assert sizes(splits) == (24, 8, 8)
    assert sorted(place for split in splits.values() for place in samples(split)) == list(range(40))
    assert all(np.ptp(np.bincount(split.labels)) == 0 for split in splits.values())
    assert all(split.seen.all() for split in splits.values())


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.int64])
def test_other_numbers_are_the_same_views(file, dtype):
    for x in (X.astype(dtype), X.astype(dtype) / 255):
        splits = load_dataset(spec(file(X=x, split=SPLIT))).splits
        assert np.array_equal(splits["train"].images, X[:20])


def test_fewer_views_are_the_first_cameras(file):
    train = load_dataset(spec(file(split=SPLIT, seen=SEEN), views=2)).splits["train"]
    assert np.array_equal(train.images, X[:20, :2])
    assert np.array_equal(train.seen, SEEN[:20, :2])


@pytest.mark.parametrize(
    ("changes", "said", "told"),
    [
        ({"X": None, "label": None}, {}, "no array X and no array label"),
        ({"X": X[0]}, {}, "X has the shape (3, 1, 6, 5), but data.views and data.shape ask for (samples, 3, 1, 6, 5)"),
        ({}, {"shape": [3, 6, 5]}, "but data.views and data.shape ask for (samples, 3, 3, 6, 5)"),
        ({}, {"views": 4}, "3 cameras, but data.views is 4"),
        ({"X": X.astype(complex)}, {}, "X is complex128; it should be numbers"),
        ({"X": X + 1000.0}, {}, "it should be 0 to 1, or 0 to 255"),
        ({"label": LABEL.astype(float)}, {}, "the labels are float64 of shape (40,); they should be a whole"),
        ({"label": LABEL[:30]}, {}, "of shape (30,); they should be a whole number for each of 40 samples"),
        ({"label": LABEL + 1}, {}, "sample 1 has the label 2; 2 classes are 0 to 1: cat, dog"),
        ({"label": LABEL - 1}, {}, "sample 0 has the label -1; 2 classes"),
        ({"label": LABEL.astype(object)}, {}, "not an npz file of plain arrays"),
        ({"seen": SEEN.astype(float)}, {}, "seen is float64 of shape (40, 3); it should be truth values of (40, 3)"),
        ({"seen": SEEN[:, :2]}, {}, "seen is bool of shape (40, 2)"),
        ({"seen": SEEN & False}, {}, "no camera sees sample 0"),
        ({"split": SPLIT[:5]}, {}, "split should say 'train' or 'validation' or 'test' for each of 40 samples"),
        ({"split": np.arange(40)}, {}, "split should say"),
        ({"split": np.array(["train"] * 40)}, {}, "32 samples train, 8 validate and 0 test: too few"),
        ({"X": X[:0], "label": LABEL[:0]}, {}, "0 samples train, 0 validate and 0 test: too few"),
    ],
)  # fmt: skip
def test_a_file_that_is_not_as_the_scenario_says_is_told(file, changes, said, told):
    path = file(**changes)
    with pytest.raises(DataError) as error:
        load_dataset(spec(path, **said))
    assert str(error.value).startswith(f"{path}: ")
    assert told in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("damage", ["missing", "folder", "empty", "text", "cut", "flipped"])
def test_a_file_that_cannot_be_read_is_told(tmp_path, damage):
    path = tmp_path / "m.npz"
    np.savez_compressed(path, X=X, label=LABEL)
    whole = path.read_bytes()
    flipped = whole[:500] + bytes([whole[500] ^ 1]) + whole[501:]
    path.unlink()
    if damage == "folder":
        path.mkdir()
    elif damage != "missing":
        path.write_bytes({"empty": b"", "text": b"X", "cut": whole[:-50], "flipped": flipped}[damage])
    told = "no such file" if damage in ("missing", "folder") else "not an npz file of plain arrays"
    with pytest.raises(DataError, match=told):
        load_dataset(spec(path))


def test_a_single_array_by_the_name_of_an_npz_file_is_told(tmp_path):
    with (tmp_path / "m.npz").open("wb") as stream:
        np.save(stream, X)
    with pytest.raises(DataError, match=r"m\.npz: a single array, as in an npy file; an npz file") as error:
        load_dataset(spec(tmp_path / "m.npz"))
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("samples", [2**50, 2**62, 2**63, 2**70, -5])
def test_a_header_of_a_shape_that_no_memory_holds_is_told(tmp_path, samples):
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(header, {"descr": "|u1", "fortran_order": False, "shape": (samples, 3)})
    with zipfile.ZipFile(tmp_path / "m.npz", "w") as file:
        file.writestr("X.npy", header.getvalue() + b"\0" * 64)
        file.writestr("label.npy", header.getvalue())
    with pytest.raises(DataError, match=r"m\.npz: not an npz file of plain arrays") as error:
        load_dataset(spec(tmp_path / "m.npz"))
    assert "\n" not in str(error.value)
