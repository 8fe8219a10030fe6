"""What all tests share: a cache of weights of their own, and the quickstart's network, trained once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

# A shared machine may pause a test for longer than any deadline.
settings.register_profile("ddnnsim", deadline=None)
settings.load_profile("ddnnsim")


@pytest.fixture(scope="session", autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep weights apart from the user's."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DDNNSIM_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="session")
def quick(_own_cache: None):
    """Return the quickstart's network, trained as it is shipped."""
    import ddnnsim
    from ddnnsim.dnn.trained import Trained
    from ddnnsim.network import network_of

    scenario = ddnnsim.load(Path(__file__).parents[1] / "scenarios" / "quickstart.yaml")
    return Trained(scenario.data, network_of(scenario), scenario.model.training)
