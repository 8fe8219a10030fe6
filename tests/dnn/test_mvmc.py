"""The authors' layout: what is read from it, and what is told of files that are not of it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import ddnnsim
from ddnnsim.dnn.data.mvmc import mvmc_splits
from ddnnsim.errors import DataError
from ddnnsim.scenario import Mvmc

RANDOM = np.random.default_rng(0)
X = RANDOM.integers(0, 256, (50, 6, 3, 32, 32), dtype=np.uint8)
LABELS = RANDOM.integers(0, 3, 50)
Y = np.where(RANDOM.random((50, 6)) < 0.5, LABELS[:, None], 3).astype(np.int32)
Y[:, 5] = LABELS  # each is seen by one at least


def spec(path: Path, **changes: object) -> Mvmc:
    return Mvmc(source="mvmc", path=str(path), **changes)


@pytest.fixture
def file(tmp_path: Path):
    """Write arrays, in place of those of the layout, and return the file."""

    def write(**changes: object) -> Path:
        arrays = {"X": X, "y": Y} | changes
        np.savez(tmp_path / "m.npz", **{name: array for name, array in arrays.items() if array is not None})
        return tmp_path / "m.npz"

    return write


def test_the_first_four_fifths_train_and_the_last_of_them_validate(file):
    splits = mvmc_splits(spec(file()))
    assert {name: len(split.labels) for name, split in splits.items()} == {"train": 32, "validation": 7, "test": 11}
    joined = {
        column: np.concatenate([getattr(splits[name], column) for name in ("train", "validation", "test")])
        for column in ("images", "labels", "seen")
    }
    assert np.array_equal(joined["images"], X)
    assert np.array_equal(joined["labels"], LABELS)
    assert np.array_equal(joined["seen"], Y != 3)


def test_a_split_and_labels_of_the_file_are_used(file):
    split = np.where(np.arange(50) % 2, "test", "train")
    labels = (LABELS + 1) % 3
    splits = mvmc_splits(spec(file(split=split, label=labels)))
    assert np.array_equal(splits["test"].images, X[1::2])
    assert np.array_equal(splits["test"].labels, labels[1::2])


@pytest.mark.parametrize("scale", [1, 255])
def test_floats_are_the_same_crops(file, scale):
    splits = mvmc_splits(spec(file(X=(X / 255 * scale).astype(np.float32))))
    assert np.array_equal(splits["train"].images, X[:32])


def test_fewer_views_are_the_first_cameras(file):
    assert np.array_equal(mvmc_splits(spec(file(), views=2))["train"].images, X[:32, :2])


@pytest.mark.parametrize(
    ("changes", "views", "told"),
    [
        ({"X": None}, 6, "no array X"),
        ({"X": X[:, :, 0]}, 6, "X has the shape (50, 6, 32, 32)"),
        ({"X": X[:40]}, 6, "y is int32 of shape (50, 6)"),
        ({"y": Y.astype(float)}, 6, "y is float64"),
        ({"y": Y + 1}, 6, "y holds 1 to 4"),
        ({"X": -X.astype(float)}, 6, "X holds -255 to"),
        ({"X": X.astype(float) * np.nan}, 6, "X holds nan to nan"),
        ({"X": X.astype(str)}, 6, "X is <U3"),
        ({"y": np.full_like(Y, 3)}, 6, "no camera sees sample 0"),
        ({"y": np.tile(np.array([0, 1, 2, 3, 3, 3]), (50, 1))}, 6, "cameras disagree on sample 0"),
        ({"label": LABELS + 3}, 6, f"sample 0 has the label {LABELS[0] + 3}; 3 classes are 0 to 2: car, bus, person"),
        ({"label": LABELS.astype(str)}, 6, "the labels are <U21 of shape (50,)"),
        ({"split": np.array(["all"] * 50)}, 6, "split should say"),
        ({"split": np.array(["test"] * 50)}, 6, "too few"),
        ({}, 7, "6 cameras, but data.views is 7"),
    ],
)
def test_a_file_of_another_layout_is_told(file, changes, views, told):
    path = file(**changes)
    with pytest.raises(DataError) as error:
        mvmc_splits(spec(path, views=views))
    assert str(error.value).startswith(f"{path}: ")
    assert told in str(error.value)


def test_what_is_no_such_file_is_told(tmp_path):
    (tmp_path / "text.npz").write_text("X, y")
    (tmp_path / "cut.npz").write_bytes(b"PK\x03\x04 cut off")
    for name, told in (("none.npz", "no such file"), ("text.npz", "not an npz"), ("cut.npz", "not an npz")):
        with pytest.raises(DataError, match=told):
            mvmc_splits(spec(tmp_path / name))


def test_a_path_starts_where_the_scenario_is(tmp_path):
    shipped = (Path(__file__).parents[2] / "scenarios" / "street.yaml").read_text()
    (tmp_path / "s.yaml").write_text(shipped.replace("{source: street, views: 6}", "{source: mvmc, path: data/m.npz}"))
    assert ddnnsim.load(tmp_path / "s.yaml").data.path == str(tmp_path.resolve() / "data" / "m.npz")


@pytest.mark.slow
def test_real_crops_are_learnt(tmp_path):
    """Overall at least 97 % with f = 4, at a threshold chosen on the validation split."""
    from ddnnsim.dnn.trained import Trained
    from ddnnsim.network import network_of

    crops = Path(__file__).parents[3] / "shared" / "data" / "mvmc_like.npz"
    if not crops.exists():
        pytest.skip("the real crops are not here")
    shipped = ddnnsim.load(Path(__file__).parents[2] / "scenarios" / "street.yaml")
    network = Trained(spec(crops), network_of(shipped), shipped.model.training)
    overall = {}
    for split in ("validation", "test"):
        oracle = network.oracle(split)
        local, cloud = (oracle.table(number, oracle.view_sets.id(0b111111)) for number in (0, 1))
        overall[split] = {
            threshold: np.where(local.entropy < threshold, local.prediction, cloud.prediction) == oracle.labels
            for threshold in np.arange(10) / 10
        }
    chosen = max(overall["validation"], key=lambda threshold: (overall["validation"][threshold].mean(), threshold))
    assert overall["test"][chosen].mean() >= 0.97
