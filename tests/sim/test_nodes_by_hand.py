"""Machines and loads as they are in life, worked out by hand; both implementations are held to it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from deployments import NS_A_BYTE, Tree, an_oracle
from twin import check

from ddnnsim.deployment import (
    Batching,
    Captures,
    ClosedLoop,
    Course,
    Deployment,
    Exit,
    Memory,
    Power,
    Section,
    Workload,
)
from ddnnsim.distribution import Distribution

LINK = (NS_A_BYTE, 5)
SURE, UNSURE = 0.1, 0.9


def column(rows: list[dict[str, Any]], name: str) -> list[Any]:
    return [row[name] for row in rows]


def jobs(due: dict[str, Any], node: int) -> list[tuple[Any, ...]]:
    names = ("queued_ns", "start_ns", "end_ns", "batch", "outcome")
    return [tuple(x[name] for name in names) for x in due["executions"] if x["node"] == node]


def cameras(services: list[int], captured_ns: list[int], reply_to: int | None = None, **cameras: Any) -> Deployment:
    """Return cameras -> gateway with the local exit, a job of 3 ns -> cloud, a job of 10 ns.

    Each camera has *cameras*; 2 bytes of scores, 4 of features; links of 1 ns a byte and then 5 ns.
    """
    tree = Tree()
    n = len(services)
    for i in range(n):
        tree.machine(f"c{i}", "device")
    gateway, cloud = tree.machine("gateway", "edge"), tree.machine("cloud", "cloud")
    for i in range(n):
        tree.join(i, gateway, LINK, LINK)
    tree.join(gateway, cloud, LINK, LINK)
    sections = [Section(f"c{i}", 0, i, 0, n, i, services[i], 2, 4) for i in range(n)]
    sections.append(Section("cloud", 1, cloud, 1, None, None, 10, 2, 0))
    exits = [
        Exit("local", 0, gateway, tuple(range(n)), "entropy", 0.5, 3, 0),
        Exit("cloud", 1, cloud, (n,), "entropy", None, None, 0),
    ]
    deployment = tree.deployment(sections, exits, captured_ns, [0] * len(captured_ns), reply_to)
    machines = [replace(m, **cameras) if m.tier == "device" else m for m in deployment.machines]
    return replace(deployment, machines=tuple(machines))


def of(deployment: Deployment, machine: int, **more: Any) -> Deployment:
    machines = list(deployment.machines)
    machines[machine] = replace(machines[machine], **more)
    return replace(deployment, machines=tuple(machines))


def run(deployment: Deployment, local: float = SURE) -> dict[str, Any]:
    return check(deployment, an_oracle([local], [UNSURE]))


# --- queues and services --------------------------------------------------------------------------


def test_two_servers_do_what_comes_first():
    due = run(cameras([7], [0, 1, 2, 3], servers=2))
    assert jobs(due, 0) == [
        (0, 0, 7, 1, "complete"),
        (1, 1, 8, 1, "complete"),
        (2, 7, 14, 1, "complete"),
        (3, 8, 15, 1, "complete"),
    ]
    assert due["nodes"][0]["queue_max"] == 2


def test_a_drawn_service_is_that_of_the_kth_job_accepted():
    deployment = cameras([99], [0, 0, 0, 50], queue_limit=1)
    constant = Distribution("constant", (7e-9,))
    sections = (replace(deployment.sections[0], service=constant), deployment.sections[1])
    due = run(replace(deployment, sections=sections))
    # 0..7, 7..14; the third finds one waiting
    assert jobs(due, 0) == [
        (0, 0, 7, 1, "complete"),
        (0, 7, 14, 1, "complete"),
        (0, None, None, 1, "refused"),
        (50, 50, 57, 1, "complete"),
    ]
    assert due["nodes"][0]["refused"] == 1
    assert column(due["requests"], "reason") == [None, None, "no_view", None]


def test_an_exit_goes_without_the_view_that_was_refused():
    # Camera 0 takes 20 and has no queue: its job of request 1 is refused at 2. Camera 1 takes 2: 2..4, its summary
    # is at the gateway at 11: decision 11..14, on view 1 alone. Request 0: 20 + 7 = 27..30.
    due = run(cameras([20, 2], [0, 2], queue_limit=0))
    assert column(due["requests"], "answered_ns") == [30, 14]
    assert column(due["requests"], "views") == [0b11, 0b10]


def test_refused_views_and_orders():
    # As above, and not confident at 14: the cloud learns then that camera 0 sends nothing; the order is at camera 1
    # at 19, its features 19 + 4 + 5 = 28 at the gateway, 28 + 4 + 5 = 37 in the cloud; 37..47, of view 1.
    due = run(cameras([20, 2], [0, 2], queue_limit=0), UNSURE)
    assert due["requests"][1]["answered_ns"] == 47
    assert column(due["requests"], "views") == [0b11, 0b10]
    assert [(m["request"], m["kind"], m["target"]) for m in due["messages"] if m["kind"] == "control"] == [
        (1, "control", 1),
        (0, "control", 0),
        (0, "control", 1),
    ]


# --- batches --------------------------------------------------------------------------------------


def test_a_batch_is_full_or_has_waited():
    # Up to 3 within 10 ns, 7 ns each, a batch of 2 in 2/3, of 3 in 1/2 of their sum. 0, 4 and 5: full at 5, 21 / 2
    # -> 11, 5..16. 6 and 7: the first has waited at 16, as the server becomes free; 14 * 2/3 -> 10, 16..26. 40: 50..57.
    batching = Batching(3, 10, ((1, 1), (2, 3), (1, 2)))
    due = run(cameras([7], [0, 4, 5, 6, 7, 40], batching=batching))
    assert jobs(due, 0) == [
        (0, 5, 16, 3, "complete"),
        (4, 5, 16, 3, "complete"),
        (5, 5, 16, 3, "complete"),
        (6, 16, 26, 2, "complete"),
        (7, 16, 26, 2, "complete"),
        (40, 50, 57, 1, "complete"),
    ]
    assert due["nodes"][0]["jobs"] == 6
    assert due["nodes"][0]["busy_ns"] == 28
    assert due["nodes"][0]["queue_max"] == 2


def test_a_batch_takes_who_comes_at_the_very_end_of_its_wait():
    batching = Batching(3, 5, ((1, 1),) * 3)
    due = run(cameras([7], [0, 5, 6], batching=batching))
    assert jobs(due, 0)[:2] == [(0, 5, 19, 2, "complete"), (5, 5, 19, 2, "complete")]
    # the third has waited at 11, and starts as the server is free
    assert jobs(due, 0)[2] == (6, 19, 26, 1, "complete")


def test_a_full_queue_takes_the_job_that_makes_a_batch_full():
    # One may wait, a batch of 2: the first waits for a second, which starts with it at once at 3. At 4 the server is
    # busy: one waits, at 5 the next is refused.
    batching = Batching(2, 100, ((1, 1),) * 2)
    due = run(cameras([7], [0, 3, 4, 5], batching=batching, queue_limit=1))
    assert [x[:3] + x[4:] for x in jobs(due, 0)] == [
        (0, 3, 17, "complete"),
        (3, 3, 17, "complete"),
        (4, 104, 111, "complete"),
        (5, None, None, "refused"),
    ]


# --- memory ---------------------------------------------------------------------------------------


def test_a_section_without_room_has_no_features_to_send():
    # Room for the features of one request. Request 0: 0..7, its features wait; request 1: 7..14, no room. Decisions
    # 14..17 and 21..24; the cloud learns at 24 that nothing will come of request 1: lost.
    due = run(cameras([7], [0, 0], memory=Memory(107, 100)), UNSURE)
    assert column(due["requests"], "reason") == [None, "no_view"]
    assert due["nodes"][0]["memory_max_bytes"] == 104
    assert [m["request"] for m in due["messages"] if m["kind"] == "control"] == [0]
    # Confident at 17, the very instant at which the job of request 1 is complete, and later in order: room again.
    due = run(cameras([7], [0, 10], memory=Memory(107, 100)))
    assert column(due["requests"], "answered_ns") == [17, 27]
    assert due["nodes"][0]["memory_max_bytes"] == 104


# --- power ----------------------------------------------------------------------------------------


def test_energy_is_that_of_time_jobs_and_bytes():
    # Until 17: 17 idle, 7 ns of a server at 2, 2 bytes at 10: 17 + 14 + 20 fJ.
    due = run(cameras([7], [0], power=Power(1, 2, 10, 1000, None)))
    assert due["nodes"][0]["energy_j"] == pytest.approx(51e-15)
    # The gateway receives 2 bytes.
    due = run(of(cameras([7], [0]), 1, power=Power(0, 0, 10, 1000, None)))
    assert due["nodes"][1]["energy_j"] == pytest.approx(2000e-15)


def test_a_dead_node_loses_its_job_and_is_not_waited_for():
    # Camera 0 has 10 fJ, one a ns and two more when it computes: empty at ceil(10 / 3) = 4 of its 7. Camera 1: 0..2,
    # its summary is at the gateway at 9; decision 9..12 on view 1. At 100 camera 0 senses nothing: 102 + 7 + 3.
    deployment = of(cameras([7, 2], [0, 100]), 0, power=Power(1, 2, 0, 0, 10))
    due = run(deployment)
    assert jobs(due, 0) == [(0, 0, None, 1, "lost")]
    assert column(due["requests"], "answered_ns") == [12, 112]
    assert column(due["requests"], "views") == [0b10, 0b10]
    node = due["nodes"][0]
    assert (node["lost"], node["refused"], node["busy_ns"], node["down_ns"]) == (1, 0, 4, 108)
    assert node["energy_j"] == pytest.approx(12e-15)  # at 4 it has drawn 12


def test_a_gateway_dies_of_a_byte():
    # 2 bytes at 3 fJ are more than 5: dead at 14, as the summary is there; its job is lost with it, at once.
    deployment = of(cameras([7], [0, 50]), 1, power=Power(0, 0, 0, 3, 5))
    due = run(deployment)
    assert column(due["requests"], "reason") == ["no_view", "no_view"]
    assert jobs(due, 1) == [(14, 14, None, 1, "lost")]
    assert due["messages"][1]["outcome"] == "lost"
    assert due["nodes"][1]["lost"] == 2
    assert due["end_ns"] == 64


def test_a_battery_keeps_no_run_going():
    due = run(cameras([7], [0], power=Power(1, 0, 0, 0, 1000)))
    assert due["end_ns"] == 17
    assert due["nodes"][0]["down_ns"] == 0
    stopped = replace(cameras([7], [0], power=Power(1, 0, 0, 0, 1000)), until_ns=2000)
    due = run(stopped)
    assert due["nodes"][0]["down_ns"] == 1000
    assert due["nodes"][0]["energy_j"] == pytest.approx(1000e-15)


def grouped(reply_to: int | None = None) -> Deployment:
    """Return a camera whose exit is in its job of 7 ns and whose verdicts go to the cloud, over a gateway."""
    tree = Tree()
    camera, gateway, cloud = tree.machine("c", "device"), tree.machine("g", "edge"), tree.machine("cloud", "cloud")
    tree.join(camera, gateway, LINK, LINK)
    tree.join(gateway, cloud, LINK, LINK)
    sections = [Section("c", 0, camera, 0, 1, 0, 7, 2, 4), Section("cloud", 1, cloud, 1, None, None, 10, 2, 0)]
    exits = [
        Exit("local", 0, camera, (0,), "entropy", 0.5, None, 0, coordinator=1),
        Exit("cloud", 1, cloud, (1,), "entropy", None, None, 0),
    ]
    return tree.deployment(sections, exits, [0], [0], reply_to)


def test_a_dead_node_sends_nothing():
    # The cloud is dead at 10. The verdict is there at 7 + 5 + 5 = 17 and lost, which is a no. No order leaves the dead
    # node: its own section learns at 17 that there will be no features, and the request is lost.
    deployment = of(grouped(), 2, power=Power(1, 0, 0, 0, 10))
    due = run(deployment, UNSURE)
    assert due["requests"][0]["reason"] == "no_view"
    assert due["end_ns"] == 17


def test_a_dead_node_sends_no_reply():
    # The camera is sure at 7, and its battery is empty at that very instant, before the answer is given (class 6).
    deployment = of(grouped(reply_to=1), 0, power=Power(1, 0, 0, 0, 7))
    due = run(deployment)
    assert due["requests"][0]["answered_ns"] == 7
    assert due["requests"][0]["reason"] == "reply"


# --- loads ----------------------------------------------------------------------------------------


def captured(deployment: Deployment, *rows: tuple[int, int, int]) -> Deployment:
    """Return *deployment* with captures of (at_ns, request, section)."""
    at, request, section = (np.array(c, dtype=np.int64) for c in zip(*rows, strict=True))
    n = max(request) + 1
    first = np.array([min(at[request == k]) for k in range(n)], dtype=np.int64)
    return replace(deployment, workload=Workload(first, np.zeros(n, dtype=np.int64), Captures(at, request, section)))


def test_who_has_no_view_of_a_request_is_not_waited_for():
    # Camera 0 at 0, camera 1 at 4: request 0, 4 + 2 + 7 = 13..16. Camera 1 at 30 alone: request 1, 39..42.
    deployment = captured(cameras([7, 2], [0]), (0, 0, 0), (4, 0, 1), (30, 1, 1))
    due = run(deployment)
    assert column(due["requests"], "captured_ns") == [0, 30]
    assert column(due["requests"], "answered_ns") == [17, 42]
    assert column(due["requests"], "views") == [0b11, 0b10]
    # Not confident: an order to camera 1 alone.
    due = run(deployment, UNSURE)
    assert [m["target"] for m in due["messages"] if m["kind"] == "control" and m["request"] == 1] == [1]
    assert due["requests"][1]["views"] == 0b10


def test_clients_wait_for_their_answers():
    # Two users think 3 ns. Both ask at 3: 3..10, 10..17 on the camera; answers at 10 + 7 + 3 = 20 and 27. They ask
    # at 23 and 30: 23..30, 30..37, answers 40 and 47. The fifth is captured at 43, and nobody asks at 50.
    deployment = cameras([7], [0])
    think = Distribution("constant", (3e-9,))
    loop = ClosedLoop(2, think, np.zeros(5, dtype=np.int64))
    due = run(replace(deployment, workload=loop))
    assert column(due["requests"], "captured_ns") == [3, 3, 23, 30, 43]
    assert column(due["requests"], "answered_ns") == [20, 27, 40, 47, 60]
    assert due["end_ns"] == 60
    # With a reply to the camera, 4 bytes and 5 ns: one user hears at 29, asks at 32, and hears at 58.
    deployment = cameras([7], [0], reply_to=0)
    due = run(replace(deployment, workload=ClosedLoop(1, think, np.zeros(2, dtype=np.int64))))
    assert column(due["requests"], "replied_ns") == [29, 58]


def test_a_client_whose_answer_never_comes_asks_no_more():
    deployment = cameras([7], [0])
    links = list(deployment.links)
    links[0] = replace(links[0], rates=Course((0, 15), (NS_A_BYTE, 0)))
    loop = ClosedLoop(1, Distribution("constant", (3e-9,)), np.zeros(5, dtype=np.int64))
    due = run(replace(deployment, links=tuple(links), workload=loop))
    assert column(due["requests"], "reason") == [None, "waiting"]
    assert due["end_ns"] == 30
