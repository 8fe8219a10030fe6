"""What all tests share: a cache of weights of their own, and the quickstart's network, trained once."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import settings

from ddnnsim.cli import main

# A shared machine may pause a test for longer than any deadline. Every run draws the same examples, so that a change is
# judged by itself; with DDNNSIM_EXAMPLES=20 there are twenty times as many in some tests, and new ones in all.
settings.register_profile("ddnnsim", deadline=None, derandomize="DDNNSIM_EXAMPLES" not in os.environ)
settings.load_profile("ddnnsim")


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """Spread the whole suite over the cores; what is less, or is measured, stays in this process."""
    whole = config.args_source is pytest.Config.ArgsSource.TESTPATHS
    return (os.cpu_count() or 1) if whole and "not benchmark" in config.option.markexpr else 0


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


class Done(NamedTuple):
    """What a command came to."""

    returncode: int
    stdout: str
    stderr: str


@pytest.fixture
def ddnnsim(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    """Run a command of ddnnsim in a folder of its own and return what it printed and its exit code."""
    monkeypatch.chdir(tmp_path)

    def call(*words: str | Path) -> Done:
        monkeypatch.setattr(sys, "argv", ["ddnnsim", *map(str, words)])
        with pytest.raises(SystemExit) as end:
            main()
        return Done(int(end.value.code or 0), *capsys.readouterr())

    return call
