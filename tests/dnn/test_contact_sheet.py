"""Contact sheets: every source is drawn, on one page."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from written import write_cifar10, write_idx

from ddnnsim.cli import main
from ddnnsim.plot.contact_sheet import GAP, mosaic

RANDOM = np.random.default_rng(0)
QUICKSTART = Path(__file__).parents[2] / "scenarios" / "quickstart.yaml"
SOURCES = {
    "digits": "{source: digits, views: 6}",
    "mvmc": "{source: mvmc, path: mvmc.npz}",
    "npz": "{source: npz, path: own.npz, classes: [cat, dog], shape: [1, 20, 10], views: 6}",
    "idx": "{source: idx, path: mnist, views: 6}",
    "cifar10": "{source: cifar10, path: cifar, views: 6, encoding: {format: jpeg}}",
    "two views": "{source: digits, views: 2}",
    "many views": "{source: digits, views: 24}",
}


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Go to a folder that has a file of each source."""
    label, seen_as = np.arange(60) % 10, np.tile(np.arange(60)[:, None] % 3, 6)
    grey, colour = (RANDOM.integers(0, 256, (60, *shape), dtype=np.uint8) for shape in ((28, 28), (3, 32, 32)))
    np.savez(tmp_path / "mvmc.npz", X=np.stack([colour] * 6, axis=1), y=seen_as)
    np.savez(tmp_path / "own.npz", X=np.stack([grey[:, None, :20, :10]] * 6, axis=1), label=label % 2)
    write_idx(tmp_path / "mnist", grey[:50], label[:50], grey[50:], label[50:])
    write_cifar10(tmp_path / "cifar", colour, label)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("source", SOURCES.values(), ids=list(SOURCES))
def test_every_source_is_drawn_on_a_page(place, source, monkeypatch):
    text = QUICKSTART.read_text().replace("{source: digits, views: 6}", source).replace("[16, 16]", "[16]")
    (place / "s.yaml").write_text(text)
    monkeypatch.setattr(sys, "argv", ["ddnnsim", "plot", "--data", "s.yaml", "--quiet"])
    with pytest.raises(SystemExit) as end:
        main()
    assert not end.value.code
    with Image.open(place / "quickstart-data.png") as sheet:
        width, height = (side / sheet.info["dpi"][0] for side in sheet.size)
    assert width < 7.3
    assert 0.5 < height < 9.5


def test_each_view_has_its_place():
    images = RANDOM.integers(0, 255, (2, 3, 1, 5, 4), dtype=np.uint8)
    sheet = mosaic(images)
    assert sheet.shape == (2 * (5 + GAP) + GAP, 3 * (4 + GAP) + GAP, 3)
    top, left = GAP + 5 + GAP, GAP + 2 * (4 + GAP)
    np.testing.assert_array_equal(sheet[top : top + 5, left : left + 4, 1], images[1, 2, 0])
    assert (sheet == 255).all(axis=2).sum() == sheet[..., 0].size - images.size
