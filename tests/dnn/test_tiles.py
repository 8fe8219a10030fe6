"""Pictures in tiles: which pixels each device gets, from files in MNIST's and CIFAR-10's formats."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pytest
from written import IDX_NAMES, idx_bytes, write_cifar10, write_idx

from ddnnsim.dnn.data.datasets import load_dataset
from ddnnsim.dnn.data.tiles import tiles
from ddnnsim.errors import DataError
from ddnnsim.scenario import Cifar10, Idx, grid

RANDOM = np.random.default_rng(0)
GREY = RANDOM.integers(0, 256, (60, 28, 28), dtype=np.uint8)
CLASS = np.arange(60) % 10
COLOUR = RANDOM.integers(0, 256, (60, 3, 32, 32), dtype=np.uint8)


def idx(folder: Path, **changes: object) -> Idx:
    return Idx(source="idx", path=str(folder), **changes)


def cifar10(folder: Path, **changes: object) -> Cifar10:
    return Cifar10(source="cifar10", path=str(folder), **changes)


@pytest.fixture
def mnist(tmp_path: Path) -> Path:
    return write_idx(tmp_path / "mnist", GREY[:50], CLASS[:50], GREY[50:], CLASS[50:])


@pytest.fixture
def cifar(tmp_path: Path) -> Path:
    return write_cifar10(tmp_path / "cifar", COLOUR, CLASS)


def authors_tiles(picture: np.ndarray) -> list[np.ndarray]:
    """Return what the authors' partition in 3 and 2 comes to, on a picture (C, 32, 32): see the module `tiles`."""
    return [picture[:, 16 * b : 16 * b + 16, 10 * a : 10 * a + 10] for a in range(3) for b in range(2)]


def test_six_tiles_are_those_of_the_authors():
    for picture, cut in zip(COLOUR, tiles(COLOUR, 6), strict=True):
        np.testing.assert_array_equal(cut, authors_tiles(picture))


@pytest.mark.parametrize(
    ("views", "expected"), [(1, (1, 1)), (2, (1, 2)), (4, (2, 2)), (5, (1, 5)), (6, (2, 3)), (8, (2, 4)), (9, (3, 3))]
)
def test_tiles_are_on_a_grid_near_a_square(views, expected):
    assert grid(views) == expected
    rows, columns = expected
    cut = tiles(COLOUR[:2], views)  # (2, views, 3, h, w)
    assert cut.shape == (2, views, 3, 32 // rows, 32 // columns)
    whole = np.concatenate(
        [np.concatenate(list(cut[0, a * rows : (a + 1) * rows]), axis=1) for a in range(columns)], axis=2
    )
    np.testing.assert_array_equal(whole, COLOUR[0, :, : whole.shape[1], : whole.shape[2]])


@pytest.mark.parametrize("ending", ["", ".gz"])
def test_mnists_files_are_padded_and_cut(tmp_path, ending):
    folder = write_idx(tmp_path / "m", GREY[:50], CLASS[:50], GREY[50:], CLASS[50:], ending=ending)
    data = load_dataset(idx(folder))
    assert data.classes == tuple("0123456789")
    assert idx(folder).view_shape == (1, 16, 10)
    test = data.splits["test"]
    padded = np.pad(GREY[50:], ((0, 0), (2, 2), (2, 2)))[:, None]
    np.testing.assert_array_equal(test.images, [authors_tiles(picture) for picture in padded])
    np.testing.assert_array_equal(test.labels, CLASS[50:])
    assert (test.labels.dtype, test.seen.all(), np.unique(test.raw_bytes).tolist()) == (np.int64, True, [160])
    assert [len(data.splits[name].labels) for name in ("train", "validation")] == [40, 10]
    assert np.bincount(data.splits["validation"].labels).tolist() == [1] * 10


def test_other_pictures_have_another_shape(tmp_path):
    images = RANDOM.integers(0, 256, (60, 12, 9), dtype=np.uint8)
    folder = write_idx(tmp_path / "m", images[:50], CLASS[:50], images[50:], CLASS[50:])
    data = idx(folder, shape=[12, 9], padding=0, views=2)
    assert data.view_shape == (1, 12, 4)
    np.testing.assert_array_equal(load_dataset(data).splits["test"].images[:, 1, 0], images[50:, :, 4:8])


def test_names_with_a_dot_are_found(mnist):
    for name in IDX_NAMES:
        (mnist / name).rename(mnist / name.replace("-idx", ".idx"))
    assert len(load_dataset(idx(mnist)).splits["test"].labels) == 10


def test_cifars_batches_are_joined_and_cut(cifar):
    data = load_dataset(cifar10(cifar))
    assert data.classes[3] == "cat"
    assert cifar10(cifar).view_shape == (3, 16, 10)
    np.testing.assert_array_equal(data.splits["test"].images, [authors_tiles(picture) for picture in COLOUR[50:]])
    both = np.concatenate([data.splits[name].images for name in ("train", "validation")])
    expected = [tuple(np.ravel(authors_tiles(picture))) for picture in COLOUR[:50]]
    assert sorted(map(tuple, both.reshape(50, -1))) == sorted(expected)


def test_the_seed_chooses_what_validates(cifar):
    one, other, again = (load_dataset(cifar10(cifar, seed=seed)).splits for seed in (0, 1, 0))
    assert np.array_equal(one["validation"].images, again["validation"].images)
    assert not np.array_equal(one["validation"].images, other["validation"].images)
    assert np.array_equal(one["test"].images, other["test"].images)


def test_a_limit_leaves_so_many_of_each_split(tmp_path):
    images, labels = np.tile(GREY, (2, 1, 1)), np.tile(CLASS, 2)
    folder = write_idx(tmp_path / "m", images[:100], labels[:100], images[100:], labels[100:])
    whole, limited = load_dataset(idx(folder)).splits, load_dataset(idx(folder, limit=10)).splits
    assert [len(split.labels) for split in limited.values()] == [10, 10, 10]
    assert np.array_equal(limited["train"].images, whole["train"].images[:10])
    kept = [np.flatnonzero((whole["test"].images == view).all(axis=(1, 2, 3, 4)))[0] for view in limited["test"].images]
    assert kept == sorted(set(kept))
    assert kept != list(range(10))


GZIP = gzip.compress(idx_bytes(GREY[:50]))
TOLD = [
    ("train-images-idx3-ubyte", None, "no such file; nor train-images-idx3-ubyte.gz"),
    ("train-images-idx3-ubyte", b"", "not the idx file that it should be: it begins with 0x00000000"),
    ("train-images-idx3-ubyte", idx_bytes(CLASS), "begins with 0x00000801, and bytes in 3 dimensions with 0x00000803"),
    ("train-images-idx3-ubyte", idx_bytes(GREY[:50])[:-1], "39199 bytes, but 50 x 28 x 28 are announced"),
    ("train-images-idx3-ubyte", idx_bytes(GREY[:50])[:7], "7 bytes: it ends in its header"),
    ("train-images-idx3-ubyte", idx_bytes(GREY[:50, :20]), "pictures of 20x28, but data.shape asks for 28x28"),
    ("train-images-idx3-ubyte", GZIP[:-9], "cannot be read: Compressed file ended before"),
    ("train-images-idx3-ubyte", GZIP[:300] + b"\xff" + GZIP[301:], "cannot be read: "),
    ("train-labels-idx1-ubyte", idx_bytes(CLASS[:49]), "49 labels for 50 pictures"),
    ("t10k-labels-idx1-ubyte", idx_bytes(CLASS[50:] + 1), "sample 9 has the label 10; 10 classes are 0 to 9: 0, 1, 2"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "content", "told"), TOLD)
def test_a_wrong_idx_file_is_told(mnist, name, content, told):
    (mnist / name).unlink()
    if content is not None:
        (mnist / name).write_bytes(content)
    with pytest.raises(DataError) as error:
        load_dataset(idx(mnist))
    assert str(error.value).startswith(f"{mnist / name}: ")
    assert told in str(error.value)
    assert "\n" not in str(error.value)


def test_too_few_pictures_are_told(tmp_path):
    folder = write_idx(tmp_path / "few", GREY[:5], CLASS[:5], GREY[5:6], CLASS[5:6])
    with pytest.raises(DataError, match="5 samples train, 0 validate and 1 test: too few"):
        load_dataset(idx(folder))


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("data_batch_3.bin", None, "no such file; the binary version of CIFAR-10 has"),
        ("data_batch_3.bin", b"", "0 bytes; the binary version of CIFAR-10 has 3073 for each picture"),
        ("test_batch.bin", b"x" * 5000, "5000 bytes; the binary"),
        ("test_batch.bin", b"\x0a" + b"x" * 3072, "sample 0 has the label 10; 10 classes are 0 to 9: airplane,"),
    ],
)
def test_a_wrong_file_of_cifar_is_told(cifar, name, content, told):
    (cifar / name).unlink()
    if content is not None:
        (cifar / name).write_bytes(content)
    with pytest.raises(DataError) as error:
        load_dataset(cifar10(cifar))
    assert str(error.value).startswith(f"{cifar / name}: ")
    assert told in str(error.value)


def test_pickled_cifar_is_refused(cifar):
    for path in cifar.iterdir():
        path.rename(path.with_suffix(""))
    with pytest.raises(DataError, match="pickled: reading it could run any code; take the binary version"):
        load_dataset(cifar10(cifar))


@pytest.mark.parametrize("data", [idx, cifar10])
def test_a_missing_folder_is_told(tmp_path, data):
    with pytest.raises(DataError, match=r"none: no such folder; data\.path names the folder of the files"):
        load_dataset(data(tmp_path / "none"))
