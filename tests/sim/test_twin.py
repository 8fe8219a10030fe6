"""The engine against the second implementation on random deployments, every table row by row.

Each test concentrates on some of what links, machines and loads are in life. `DDNNSIM_EXAMPLES=20` draws twenty times
as many.
"""

from __future__ import annotations

from dataclasses import replace

import pytest
from circumstances import EVERYTHING, LINKS, LOAD, NODES, PACKETS, SHARING, circumstances
from deployments import SHAPES
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st
from recursion import escalation_ns, uplink
from troubles import FAILOVER, FAULTS, HEARTBEATS, POLICIES, REMEDIES, SENSORS, TROUBLES, in_trouble
from twin import TIMES, check

from ddnnsim.escalations import with_escalations

BOUNDED = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow, HealthCheck.data_too_large]}

FOCUS = {
    "media": (("media", "limits"), 25),
    "courses": (("courses", "jitter"), 25),
    "loss": (("loss", "headers"), 25),
    "packets": ((*PACKETS, "loss", "limits"), 25),
    "fair": ((*SHARING, "media", "courses"), 30),
    "links": ((*LINKS, *SHARING), 30),
    "stations": (("service", "queues"), 25),
    "batches": (("batches", "queues"), 30),
    "memory": (("memory", "captures"), 25),
    "power": (("power",), 30),
    "nodes": (NODES, 30),
    "load": (LOAD, 30),
    "everything": ((*EVERYTHING, *PACKETS), 60),
}


@pytest.mark.parametrize("focus", FOCUS)
def test_all_is_as_the_text_says(focus):
    uses, examples = FOCUS[focus]

    @given(st.booleans().flatmap(lambda stopped: circumstances(uses, stopped)))
    @settings(max_examples=examples * TIMES, **BOUNDED)
    def is_as_the_text_says(case):
        due = check(*case)
        for fate in {r["reason"] or r["fate"] for r in due["requests"]}:
            event(fate)

    is_as_the_text_says()


TROUBLE = {
    "crashes": (("crashes",), (), 15),
    "outages": (("outages",), (), 15),
    "resources": (FAULTS, (*LINKS, *NODES, *SHARING, *PACKETS), 20),
    "deadlines": (("deadlines", "fallback", "blanks"), (), 15),
    "remedies": (("crashes", "outages", *REMEDIES), (), 20),
    "heartbeats": (("crashes", "outages", "deadlines", "fallback", *HEARTBEATS), (), 20),
    "failover": (("crashes", "deadlines", "fallback", *FAILOVER), (), 15),
    "sensors": ((*FAULTS, *SENSORS), ("captures", "queues"), 15),
    "policies": (POLICIES, (*LINKS, *NODES, *SHARING, *PACKETS), 15),
    "advice in trouble": (TROUBLES, (*LOAD, "queues", "memory"), 20),
    "everything": (TROUBLES, (*EVERYTHING, *PACKETS), 30),
}


ALWAYS = {"sensors": SENSORS, "policies": POLICIES, "advice in trouble": POLICIES}
"""What nothing would come of without."""
ADVISED = ("d", "e", "f", "any")
"""Shapes that have exits with a choice."""


@pytest.mark.parametrize("focus", TROUBLE)
def test_trouble_is_as_the_text_says(focus):
    troubles, uses, examples = TROUBLE[focus]
    always = ALWAYS.get(focus, ())
    shapes = ADVISED if always == POLICIES else SHAPES
    cases = st.booleans().flatmap(lambda stopped: circumstances(uses, stopped, shapes))

    @given(in_trouble(cases, troubles, always))
    @settings(max_examples=examples * TIMES, **BOUNDED)
    def is_as_the_text_says(case):
        due = check(*case)
        for fate in {r["reason"] or r["fate"] for r in due["requests"]}:
            event(fate)

    is_as_the_text_says()


@given(
    in_trouble(circumstances((*LINKS, *SHARING, "service"), shapes=ADVISED), (*FAILOVER, "reroute"), POLICIES),
    st.sampled_from(["delay", "hops", "transfer"]),
)
@settings(max_examples=15 * TIMES, **BOUNDED)
def test_escalations_are_planned_as_the_text_says(case, routing):
    deployment = with_escalations(replace(case[0], routing=routing))
    for exit_ in deployment.exits:
        if exit_.policy is not None:
            homes = exit_.machine, *(at.machine for at in exit_.stand_ins)
            ways = {home: uplink(deployment, exit_, home) for home in homes}
            assert exit_.policy.uplinks == {home: link for home, link in ways.items() if link is not None}
            assert exit_.policy.escalation_ns == escalation_ns(deployment, exit_)
