"""Networks that several tests ask: one small, one trained as the quickstart is."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from networks import digits, plan

from ddnnsim.dnn import DDNN, Trained, trained
from ddnnsim.dnn.training import torch_generator
from ddnnsim.scenario import Level


@pytest.fixture
def network() -> DDNN:
    """A network of three views with norms as after some training, in evaluation mode."""
    random = torch_generator(7, "tests")
    model = DDNN((2, 9, 7), 3, {"device": Level(convp=(3, 2)), "cloud": Level(convp=(4,))}, 5, random)
    with torch.no_grad():
        for norm in (m for m in model.modules() if hasattr(m, "running_mean")):
            norm.weight.normal_(generator=random)
            norm.bias.normal_(generator=random)
    pixels = torch.randint(256, (64, 3, 2, 9, 7), generator=random, dtype=torch.uint8)
    model(pixels, torch.rand(64, 3, generator=random) < 0.8)  # the norms see some maps
    return model.eval()


@pytest.fixture(scope="session")
def quick(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Trained]:
    """The quickstart's network: 20 epochs."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DDNNSIM_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield trained(digits(), plan(epochs=20))


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache."""
    monkeypatch.setenv("DDNNSIM_CACHE", str(tmp_path))
    return tmp_path
