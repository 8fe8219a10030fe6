"""The street: who sees what, views that show it, and the same bytes everywhere."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import ddnnsim
from ddnnsim.dnn.data import street
from ddnnsim.dnn.data.splits import Split
from ddnnsim.dnn.data.street import BLANK, PRESENCE, Difficulty, street_splits
from ddnnsim.dnn.data.street.raycast import to_ball, to_box
from ddnnsim.dnn.data.street.rays import Rays
from ddnnsim.dnn.data.street.sensor import sensed
from ddnnsim.errors import DataError

Splits = dict[str, Split]


@pytest.fixture(scope="session")
def splits() -> Splits:
    return street_splits()


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few samples, for what does not depend on how many there are."""
    monkeypatch.setattr(street, "SAMPLES", {"train": 40, "validation": 12, "test": 12})


def test_shapes_types_and_counts(splits):
    assert {name: len(split.labels) for name, split in splits.items()} == {"train": 680, "validation": 171, "test": 171}
    for split in splits.values():
        n = len(split.labels)
        assert (split.images.shape, split.images.dtype) == ((n, 6, 3, 32, 32), np.uint8)
        assert (split.labels.shape, split.labels.dtype) == ((n,), np.int64)
        assert (split.seen.shape, split.seen.dtype) == ((n, 6), np.bool_)
        assert np.ptp(np.bincount(split.labels, minlength=3)) <= 1


def test_presence_is_figure_6s(splits):
    seen = np.concatenate([split.seen for split in splits.values()])
    np.testing.assert_allclose(seen.mean(axis=0), PRESENCE, atol=0.003)
    np.testing.assert_allclose(splits["train"].seen.mean(axis=0), PRESENCE, atol=0.03)


def test_no_object_is_lost_with_one_camera(splits):
    """So what a dead camera costs is the network's doing."""
    for split in splits.values():
        assert (split.seen.sum(axis=1) >= 2).mean() > 0.99


def test_the_scenarios_noise_is_the_generators():
    scenario = ddnnsim.load(Path(__file__).parents[2] / "scenarios" / "street.yaml")
    assert scenario.data.noise == Difficulty().noise


def test_every_object_is_seen_and_blank_views_are_blank(splits):
    for split in splits.values():
        assert split.seen.any(axis=1).all()
        assert (split.images[~split.seen] == BLANK).all()
        assert (split.images[split.seen].std(axis=(1, 2, 3)) > 3).all()


def test_neighbours_in_space_are_seen_together(splits):
    """Presence comes from the geometry, so it is no independent draw of each camera."""
    correlation = np.corrcoef(splits["train"].seen.T)
    assert np.abs(correlation[np.triu_indices(6, 1)]).max() > 0.4


def test_no_view_is_in_two_splits(splits):
    views = [v.tobytes() for split in splits.values() for v in split.images[split.seen]]
    assert len(set(views)) == len(views)


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("views", [1, 2, 3, 9])
def test_any_number_of_cameras_shares_the_objects(views):
    split = street_splits(views=views)["train"]
    assert split.images.shape == (40, views, 3, 32, 32)
    assert split.seen.any(axis=1).all()


@pytest.mark.usefixtures("small")
def test_presence_can_be_set_and_all_can_see_all():
    everywhere = street_splits(views=3, presence=(1, 1, 1))
    assert all(split.seen.all() for split in everywhere.values())
    some = street_splits(views=3, presence=(0.25, 0.5, 0.75))
    seen = np.concatenate([split.seen for split in some.values()])
    np.testing.assert_allclose(seen.mean(axis=0), (0.25, 0.5, 0.75), atol=0.01)


@pytest.mark.parametrize("presence", [(0.5,), (0.2, 0.2), (0.5, 1.5), (0.0, 1.0)])
def test_presence_that_cannot_be_is_refused(presence):
    with pytest.raises(DataError, match="2 shares in"):
        street_splits(views=2, presence=presence)


@pytest.mark.usefixtures("small")
def test_mix_sets_the_classes():
    labels = street_splits(mix=(2, 0, 2))["train"].labels
    assert np.bincount(labels, minlength=3).tolist() == [20, 0, 20]


@pytest.mark.usefixtures("small")
def test_difficulty_changes_pixels_and_not_places():
    plain = street_splits(difficulty=Difficulty(occluders=0, traffic=0.0, noise=0.0))["train"]
    hard = street_splits()["train"]
    assert np.array_equal(plain.seen, hard.seen)
    assert np.array_equal(plain.labels, hard.labels)
    difference = np.abs(plain.images[plain.seen].astype(int) - hard.images[hard.seen])
    assert difference.mean() > 5


@pytest.mark.usefixtures("small")
def test_noise_is_of_the_given_strength():
    """A wide crop keeps the sensor's own pixels; enlarging a narrow one averages neighbours."""
    sensor = np.random.default_rng(0)
    grey = np.full((40, 3, 1024), 128.0)
    own = sensed(grey, np.full(40, 32.0), 10.0, sensor)
    assert abs(own.std() - 10.0) < 0.1
    enlarged = sensed(grey, np.full(40, 8.0), 10.0, sensor)
    assert 5 < enlarged.std() < 8


def test_rays_meet_a_ball_and_a_box_where_they_should():
    ahead = np.array([[1.0, 1.0]], dtype=np.float32)
    rays = Rays(
        origin=np.array([[-5.0, 0.0, 0.0]]),
        axis=np.array([[1.0, 0.0, 0.0]]),
        spread=np.array([1.0]),
        x=ahead,
        y=np.array([[0.0, 0.9]], dtype=np.float32),
        z=np.array([[1e-9, 1e-9]], dtype=np.float32),
        sun=np.array([[0.0, 0.0, 1.0]]),
    )
    for reach in (to_ball, to_box):
        np.testing.assert_allclose(reach(rays, rays.origin, np.array([[2.0, 1.0, 1.0]])), [[3.0, np.inf]], rtol=1e-6)


@pytest.mark.usefixtures("small")
def test_another_seed_is_another_street():
    one, other = (street_splits(seed=seed)["test"] for seed in (0, 1))
    assert not np.array_equal(one.images, other.images)


def digest(splits: Splits) -> str:
    arrays = [a for name in sorted(splits) for a in (splits[name].images, splits[name].labels, splits[name].seen)]
    return hashlib.sha256(b"".join(a.tobytes() for a in arrays)).hexdigest()


def test_another_process_draws_the_same_bytes(small):
    code = f"from test_street import *; street.SAMPLES = {street.SAMPLES}; print(digest(street_splits()))"
    here = Path(__file__).parent
    told = subprocess.run([sys.executable, "-c", code], cwd=here, capture_output=True, text=True, check=True)
    assert told.stdout.strip() == digest(street_splits())
