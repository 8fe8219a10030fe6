"""Requests alone: that of one device, of which only its part is simulated, against an independent recursion."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parent / "sim"))
from deployments import SHAPES, networks
from lone import of_one
from recursion import expected

from ddnnsim.deployment import Deployment
from ddnnsim.errors import UserError
from ddnnsim.probe import leaving, lone_request, probes, undecided
from ddnnsim.sim.rules import KINDS


def due(alone: Deployment, number: int) -> dict[int, tuple[int, int, int]]:
    """Return by device whose request can leave at the exit *number* its latency, and what it sends and is carried."""
    found = {}
    for sensing, section in enumerate(alone.sections):
        if section.view is None:
            continue
        told = expected(leaving(of_one(alone, sensing), number), undecided(alone))
        (request,) = told["requests"]
        end = request["answered_ns"] if alone.reply_to is None else request["replied_ns"]
        if end is not None and request["exit"] == number:
            sent = sum(node["origin_bytes"] for node in told["nodes"])
            found[sensing] = end - request["captured_ns"], sent, carried(told["links"])
    return found


def carried(links: list[dict[str, int]]) -> int:
    return sum(link[f"{kind}_bytes"] for link in links for kind in KINDS)


@pytest.mark.parametrize("shape", SHAPES)
def test_the_request_of_one_device_is_the_best_that_an_independent_recursion_finds(shape: str):
    @given(networks(shape), st.booleans())
    @settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    def is_best(case: tuple[Deployment, object], blanks: bool):
        alone = lone_request(replace(case[0], blanks=blanks))
        ways = [due(alone, number) for number in range(len(alone.exits))]
        if not all(ways):
            with pytest.raises(UserError, match="never answered by the exit"):
                list(probes(alone, "each"))
            return
        for found, probe in zip(ways, probes(alone, "each"), strict=True):
            best = min(found, key=lambda sensing: found[sensing][0])
            assert probe.device == alone.sections[best].name
            carried_bytes = sum(int(probe.trace.links[f"{kind}_bytes"].sum()) for kind in KINDS)
            assert (probe.latency_ns, probe.bytes_per_device, carried_bytes) == found[best]

    is_best()
