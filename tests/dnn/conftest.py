"""Networks that several tests ask: a small one, and a cache of its own."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from networks import network_with

from ddnnsim.dnn.model import DDNN
from ddnnsim.dnn.training import torch_generator
from ddnnsim.scenario import Level


@pytest.fixture
def network() -> DDNN:
    """A network of three views with norms as after some training, in evaluation mode."""
    random = torch_generator(7, "tests")
    levels = {"device": Level(convp=(3, 2)), "cloud": Level(convp=(4,))}
    model = DDNN(network_with(levels, views=3, view_shape=(2, 9, 7), classes=5), random)
    with torch.no_grad():
        for norm in (m for m in model.modules() if hasattr(m, "running_mean")):
            norm.weight.normal_(generator=random)
            norm.bias.normal_(generator=random)
    pixels = torch.randint(256, (64, 3, 2, 9, 7), generator=random, dtype=torch.uint8)
    model(pixels, torch.rand(64, 3, generator=random) < 0.8)  # the norms see some maps
    return model.eval()


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache."""
    monkeypatch.setenv("DDNNSIM_CACHE", str(tmp_path))
    return tmp_path
