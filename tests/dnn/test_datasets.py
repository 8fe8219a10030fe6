"""The digits: what cameras see, and splits that share no sample."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from networks import digits
from sklearn.datasets import load_digits

from ddnnsim.dnn.data.datasets import Dataset, load_dataset
from ddnnsim.dnn.data.digits import _enlarged, window_corners


@pytest.fixture(scope="module")
def data() -> Dataset:
    return load_dataset(digits())


def test_shapes_and_types(data):
    assert data.classes == tuple("0123456789")
    assert {name: len(split.labels) for name, split in data.splits.items()} == {
        "train": 1078,
        "validation": 360,
        "test": 359,
    }
    for split in data.splits.values():
        n = len(split.labels)
        assert (split.images.shape, split.images.dtype) == ((n, 6, 1, 24, 24), np.uint8)
        assert (split.labels.shape, split.labels.dtype) == ((n,), np.int64)
        assert (split.seen.shape, split.seen.dtype, split.seen.all()) == ((n, 6), np.bool_, True)


def test_every_digit_is_in_one_split_and_classes_keep_their_shares():
    quiet = load_dataset(digits(noise=0.0, views=1))
    images = np.concatenate([split.images for split in quiet.splits.values()])
    labels = np.concatenate([split.labels for split in quiet.splits.values()])
    real = load_digits()
    whole = _enlarged(real.images.astype(np.int64))[:, 8:32, 8:32]
    expected = sorted(zip(np.rint(whole).astype(np.uint8).reshape(len(whole), -1).tolist(), real.target, strict=True))
    assert sorted(zip(images.reshape(len(images), -1).tolist(), labels, strict=True)) == expected
    for name, share in {"train": 0.6, "validation": 0.2, "test": 0.2}.items():
        counts = np.bincount(quiet.splits[name].labels)
        np.testing.assert_allclose(counts, share * np.bincount(real.target), atol=1)


def test_digits_are_enlarged_as_torch_does():
    images = load_digits().images[:50]
    torchs = torch.nn.functional.interpolate(
        torch.from_numpy(images).unsqueeze(1), size=(40, 40), mode="bilinear", align_corners=False
    )
    np.testing.assert_allclose(_enlarged(images.astype(np.int64)), torchs[:, 0].numpy() * 255 / 16, atol=1e-9)


@pytest.mark.parametrize(
    ("views", "corners"),
    [
        (1, [(8, 8)]),
        (2, [(8, 0), (8, 16)]),
        (3, [(0, 0), (0, 16), (16, 8)]),
        (6, [(0, 0), (0, 8), (0, 16), (16, 0), (16, 8), (16, 16)]),
    ],
)
def test_windows_are_spread_over_the_canvas(views, corners):
    assert window_corners(views, 16) == corners


@pytest.mark.parametrize("views", range(1, 65))
def test_any_number_of_windows_is_different_and_inside(views):
    corners = window_corners(views, 16)
    assert len(set(corners)) == views
    assert all(0 <= place <= 16 for corner in corners for place in corner)


def test_noise_is_of_the_given_strength_and_each_view_has_its_own(data):
    quiet = load_dataset(digits(noise=0.0)).splits["train"].images.astype(int)
    noise = data.splits["train"].images - quiet
    unclipped = (quiet > 60) & (quiet < 195)
    assert abs(noise[unclipped].std() - 12.0) < 0.1
    assert abs(noise[unclipped].mean()) < 0.1
    overlap = [noise[:, 0, :, :, 8:], noise[:, 1, :, :, :-8]]
    both = unclipped[:, 0, :, :, 8:] & unclipped[:, 1, :, :, :-8]
    assert abs(np.corrcoef(overlap[0][both], overlap[1][both])[0, 1]) < 0.01


def test_another_seed_is_another_split_and_other_noise(data):
    other = load_dataset(digits(seed=1))
    assert not np.array_equal(other.splits["test"].labels, data.splits["test"].labels)


def digest(data: Dataset) -> str:
    arrays = [
        a for name in ("train", "validation", "test") for a in (data.splits[name].images, data.splits[name].labels)
    ]
    return hashlib.sha256(b"".join(a.tobytes() for a in arrays)).hexdigest()


def test_another_process_reads_the_same_bytes(data):
    code = "from test_datasets import *; print(digest(load_dataset(digits())))"
    here = Path(__file__).parent
    told = subprocess.run([sys.executable, "-c", code], cwd=here, capture_output=True, text=True, check=True)
    assert told.stdout.strip() == digest(data)
