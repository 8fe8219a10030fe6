"""Fixtures that tell the faults of a text."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from ddnnsim.errors import ScenarioError
from ddnnsim.scenario import load_scenario


@pytest.fixture
def faults(tmp_path: Path) -> Callable[..., list[str]]:
    """Return the lines that a file is refused with; the file is called s.yaml in them."""

    def refuse(content: str | bytes, **given: object) -> list[str]:
        path = tmp_path / "s.yaml"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        with pytest.raises(ScenarioError) as refused:
            load_scenario(path, **given)
        return str(refused.value).replace(str(path), "s.yaml").splitlines()

    return refuse
