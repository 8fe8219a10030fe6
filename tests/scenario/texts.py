from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from ddnnsim.errors import ScenarioError
from ddnnsim.scenario import load_scenario

QUICKSTART = Path(__file__).parents[2] / "scenarios" / "quickstart.yaml"

SMALL = """\
name: small
configuration: c
data: {source: digits, views: 2}
model:
  levels:
    device: {convp: [4]}
    cloud: {convp: [16]}
topology:
  nodes:
    camera: {tier: device}
    gate: {tier: gateway}
    cloud: {tier: cloud}
  links:
    radio: {from: camera, to: gate, rate: 250 kbit/s}
    wan: {from: gate, to: cloud, rate: 10 Mbit/s, delay: 20 ms}
exits:
  local: {at: gate, threshold: 0.8}
  cloud: {}
workload: {arrivals: poisson, rate: 5 /s}
"""


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
