"""More than two levels, groups, raw views: cases done by hand, and both implementations held to them.

Every link takes 1 ns a byte and then 5 ns, unless a case says otherwise.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from deployments import NS_A_BYTE, Tree, an_oracle
from twin import check

from ddnnsim.deployment import Deployment, Exit, Section
from ddnnsim.oracle import DecisionTable, TableOracle

LINK = (NS_A_BYTE, 5)
SURE, UNSURE = 0.1, 0.9


def a_star_and_a_chain(cameras: int, *chain: str) -> Tree:
    """Return cameras 0, 1, ..., all joined to the first machine of *chain*, and that to the next, and so on.

    Links: up and down of each camera, then of each machine of the chain but the last.
    """
    tree = Tree()
    around = [tree.machine(f"camera {i}", "device") for i in range(cameras)]
    line = [tree.machine(name, name) for name in chain]
    for camera in around:
        tree.join(camera, line[0], LINK, LINK)
    for below, above in pairwise(line):
        tree.join(below, above, LINK, LINK)
    return tree


def column(rows: list[dict[str, Any]], name: str) -> list[Any]:
    return [row[name] for row in rows]


def last(machine: int, sections: tuple[int, ...], level: int, service_ns: int | None = None) -> Exit:
    return Exit("cloud", level, machine, sections, "entropy", None, service_ns, 0)


# --- (a): raw views -------------------------------------------------------------------------------


def test_raw_views_leave_at_capture_in_the_size_of_the_sample():
    # Captures at 0 and 3. Camera 0 sends 10 and 20 bytes: 0..10 and, having waited since 3, 10..30; at the
    # gateway at 15 and 35. Camera 1 sends 4 and 6: 0..4, 4..10; at the gateway at 9 and 15. From there
    # (0, camera 1) 9..13, in the cloud at 18; at 15 come (0, camera 0), first: 15..25, 30, and (1, camera 1):
    # 25..31, 36; at 35 (1, camera 0): 35..55, 60. Jobs of 10 ns, 30..40 and 60..70.
    tree = a_star_and_a_chain(2, "gateway", "cloud")
    sections = [
        Section("d0", 0, 0, None, 2, 0, 99, 2, 4, (10, 20)),
        Section("d1", 0, 1, None, 2, 1, 99, 2, 4, (4, 6)),
        Section("cloud", 1, 3, 0, None, None, 10, 2, 0),
    ]
    due = check(tree.deployment(sections, [last(3, (2,), 1)], [0, 3], [0, 1]), an_oracle([0.9, 0.9]))
    assert column(due["requests"], "answered_ns") == [40, 70]
    assert column(due["requests"], "views") == [0b11, 0b11]
    assert column(due["links"], "raw_bytes") == [30, 0, 10, 0, 40, 0]
    assert column(due["links"], "queue_max") == [1, 0, 1, 0, 1, 0]
    assert column(due["links"], "features_bytes") == [0] * 6
    assert column(due["nodes"], "jobs") == [0, 0, 0, 2]
    assert column(due["nodes"], "origin_bytes") == [30, 10, 0, 0]


# --- levels ---------------------------------------------------------------------------------------


def test_features_go_up_at_once_where_no_exit_reads_the_scores():
    # Job 0..7; features of 4 bytes 7..11, at the gateway at 16; 16..20, in the cloud at 25; job 25..35.
    tree = a_star_and_a_chain(1, "gateway", "cloud")
    sections = [Section("d", 0, 0, None, 1, 0, 7, 2, 4), Section("cloud", 1, 2, 0, None, None, 10, 2, 0)]
    due = check(tree.deployment(sections, [last(2, (1,), 1)], [0], [0]), an_oracle([0.9]))
    assert column(due["requests"], "answered_ns") == [35]
    assert column(due["links"], "messages") == [1, 0, 1, 0]
    assert column(due["links"], "features_bytes") == [4, 0, 4, 0]
    assert column(due["links"], "summary_bytes") == [0] * 4
    assert column(due["nodes"], "origin_bytes") == [4, 0, 0]


@pytest.mark.parametrize(
    ("local", "edge", "exit_", "answered_ns"),
    [(SURE, UNSURE, 0, 17), (UNSURE, SURE, 1, 37), (UNSURE, UNSURE, 2, 55), (SURE, SURE, 0, 17)],
)
def test_three_levels(local, edge, exit_, answered_ns):
    # Device 0..7; summary of 2 bytes 7..9, at the edge at 14; decision 14..17. Order 17, 22; features of 4
    # bytes 22..26, 31; the edge's job, its exit in it, 31..37. Features of 3 bytes at once: 37..40, in the
    # cloud at 45; job 45..55.
    tree = a_star_and_a_chain(1, "edge", "cloud")
    sections = [
        Section("d", 0, 0, 0, 1, 0, 7, 2, 4),
        Section("edge", 1, 1, 1, 2, None, 6, 2, 3),
        Section("cloud", 2, 2, 2, None, None, 10, 2, 0),
    ]
    exits = [
        Exit("local", 0, 1, (0,), "entropy", 0.5, 3, 0),
        Exit("edge", 1, 1, (1,), "entropy", 0.5, None, 0),
        last(2, (2,), 2),
    ]
    due = check(tree.deployment(sections, exits, [0], [0]), an_oracle([local], [edge], [0.9]))
    assert column(due["requests"], "exit") == [exit_]
    assert column(due["requests"], "answered_ns") == [answered_ns]
    assert due["end_ns"] == answered_ns


@pytest.mark.parametrize(("edge", "answered_ns"), [(SURE, 21), (UNSURE, 52)])
def test_several_edges_under_one_exit(edge, answered_ns):
    # Devices 0 and 1 send to edge 0, device 2 to edge 1, at no delay; edge 1 is joined to edge 0, that to the
    # cloud. Jobs 0..1, features of 4 bytes 1..5; both edges' jobs 5..11. The summary of edge 0 stays on its
    # node, where the exit is; that of edge 1: 11..13, 18; decision 18..21. Orders to edge 0, at once, and
    # to edge 1, there at 26. Features of 3 bytes of edge 0: 21..24, 29; of edge 1: 26..29, 34; 34..37, 42. Job
    # 42..52.
    tree = Tree()
    e0, e1, cloud = tree.machine("e0", "edge"), tree.machine("e1", "edge"), tree.machine("cloud", "cloud")
    cameras = [tree.machine(f"camera {i}", "device") for i in range(3)]
    for camera, upon in zip(cameras, (e0, e0, e1), strict=True):
        tree.join(camera, upon, (NS_A_BYTE, 0), (NS_A_BYTE, 0))
    tree.join(e1, e0, LINK, LINK)
    tree.join(e0, cloud, LINK, LINK)
    sections = [Section(f"d{i}", 0, cameras[i], None, (3, 3, 4)[i], i, 1, 2, 4) for i in range(3)]
    sections += [
        Section("e0", 1, e0, 0, 5, None, 6, 2, 3),
        Section("e1", 1, e1, 0, 5, None, 6, 2, 3),
        Section("cloud", 2, cloud, 1, None, None, 10, 2, 0),
    ]
    exits = [Exit("edge", 1, e0, (3, 4), "entropy", 0.5, 3, 0), last(cloud, (5,), 2)]
    due = check(tree.deployment(sections, exits, [0], [0]), an_oracle([edge], [0.9]))
    assert column(due["requests"], "answered_ns") == [answered_ns]
    assert column(due["requests"], "views") == [0b111]
    assert column(due["nodes"], "origin_bytes") == [0, 0, 0, 4, 4, 4]
    assert column(due["nodes"], "jobs") == [2, 1, int(edge == UNSURE), 1, 1, 1]


def test_an_edge_on_a_camera_senses_nothing():
    # Device job 0..7, its features stay; the edge's job, without an exit of its own, 7..13; features of 3
    # bytes 13..16, in the cloud at 21; job 21..31. What the camera puts on its link is not a device's.
    tree = a_star_and_a_chain(1, "cloud")
    sections = [
        Section("d", 0, 0, None, 1, 0, 7, 2, 4),
        Section("edge", 1, 0, None, 2, None, 6, 2, 3),
        Section("cloud", 2, 1, 0, None, None, 10, 2, 0),
    ]
    due = check(tree.deployment(sections, [last(1, (2,), 2)], [0], [0]), an_oracle([0.9]))
    assert column(due["requests"], "answered_ns") == [31]
    assert column(due["links"], "features_bytes") == [3, 0]
    assert column(due["nodes"], "origin_bytes") == [0, 0]
    assert column(due["nodes"], "jobs") == [2, 1]


# --- (f): groups ----------------------------------------------------------------------------------


def in_groups(
    entropies: tuple[float, float, float],
    *,
    alone_ns: int = 4,
    reply_to: int | None = None,
    until_ns: int | None = None,
) -> dict[str, Any]:
    """Run three cameras, the first and the last in group 0, that in the middle in group 1, by both implementations.

    Machines 0, 1, 2 are the cameras, 3 the gateway with the exit of group 0, 4 an edge with the sections of
    both groups and their exit, the coordinator, 5 the cloud. The exit of group 1 is on camera 1.
    """
    tree = a_star_and_a_chain(3, "gateway", "edge", "cloud")
    sections = [
        Section("d0", 0, 0, 0, 3, 0, 7, 2, 4),
        Section("d1", 0, 1, 1, 4, 1, alone_ns, 2, 4),
        Section("d2", 0, 2, 0, 3, 2, 7, 2, 4),
        Section("edge of 0", 1, 4, 2, 5, None, 6, 2, 3),
        Section("edge of 1", 1, 4, 2, 5, None, 6, 2, 3),
        Section("cloud", 2, 5, 3, None, None, 10, 2, 0),
    ]
    exits = [
        Exit("local.0", 0, 3, (0, 2), "entropy", 0.5, 3, 1, coordinator=2),
        Exit("local.1", 0, 1, (1,), "entropy", 0.5, None, 2, coordinator=2),
        Exit("edge", 1, 4, (3, 4), "entropy", 0.5, 3, 0),
        last(5, (5,), 2),
    ]
    zero, one, edge = entropies
    deployment = tree.deployment(sections, exits, [0], [0], reply_to, until_ns)
    return check(deployment, an_oracle([zero], [one], [edge], [0.9]))


@pytest.mark.parametrize(("edge", "answered_ns", "exit_"), [(SURE, 71, 2), (UNSURE, 92, 3)])
def test_when_all_groups_say_no_the_coordinator_orders(edge, answered_ns, exit_):
    # Camera 1: 0..4, unsure; verdict at the gateway at 9, at the edge at 14. Cameras 0, 2: 0..7; summaries
    # 7..9, at the gateway at 14; decision 14..17; verdict at the edge at 22. Orders of 1, 2, 1 bytes to
    # cameras 0, 1, 2: 22..23, 23..25, 25..26, at the gateway at 28, 30, 31; from there 28..29, 30..32, 31..32,
    # at the cameras at 34, 37, 37. Features of 4 bytes, at the gateway at 43, 46, 46; 43..47, 47..51, 51..55, at
    # the edge at 52, 56, 60. Group 1's job 56..62, group 0's, there since 60, 62..68; decision 68..71. Orders
    # on the spot; features of 3 bytes 71..74, 74..77, in the cloud at 79, 82; job 82..92.
    due = in_groups((UNSURE, UNSURE, edge))
    assert column(due["requests"], "answered_ns") == [answered_ns]
    assert column(due["requests"], "exit") == [exit_]
    assert column(due["requests"], "views") == [0b111]
    # up and down of cameras 0, 1, 2, gateway, edge
    up = 2 * (edge == UNSURE)
    assert column(due["links"], "messages") == [2, 1, 2, 1, 2, 1, 5, 3, up, 0]
    assert column(due["links"], "control_bytes") == [0, 1, 0, 2, 0, 1, 0, 4, 0, 0]
    assert column(due["links"], "summary_bytes") == [2, 0, 0, 0, 2, 0, 0, 0, 0, 0]
    assert column(due["nodes"], "origin_bytes") == [6, 4, 6, 0, 0, 0]


@pytest.mark.parametrize("zero", [SURE, UNSURE])
def test_the_first_group_that_is_sure_answers(zero):
    # Camera 1 is sure at 4. Its verdict leaves, and then its reply: 4..8, at the gateway at 13; 13..17, 22;
    # 22..26, in the cloud at 31. Group 0 decides at 17 whatever; its verdict is at the edge at 22. No order.
    due = in_groups((zero, SURE, SURE), reply_to=5)
    assert column(due["requests"], "exit") == [1]
    assert column(due["requests"], "answered_ns") == [4]
    assert column(due["requests"], "replied_ns") == [31]
    assert column(due["requests"], "views") == [0b010]
    assert column(due["links"], "messages") == [1, 0, 2, 0, 1, 0, 3, 0, 1, 0]
    assert column(due["links"], "queue_max") == [0] * 10  # the verdict did not wait for the reply
    assert column(due["links"], "reply_bytes") == [0, 0, 4, 0, 0, 0, 4, 0, 4, 0]
    assert column(due["nodes"], "jobs") == [1, 1, 1, 1, 0, 0]
    assert due["end_ns"] == 31


def test_a_later_group_that_is_sure_answers_where_the_first_is_not():
    due = in_groups((SURE, UNSURE, SURE), reply_to=3)
    assert column(due["requests"], "exit") == [0]
    assert column(due["requests"], "answered_ns") == [17]
    assert column(due["requests"], "replied_ns") == [17]
    assert column(due["requests"], "views") == [0b101]
    assert column(due["nodes"], "jobs") == [1, 1, 1, 1, 0, 0]
    assert due["end_ns"] == 22  # the verdict


def test_of_groups_sure_at_one_instant_the_lowest_answers():
    # Group 0 decides at 17; so does camera 1, whose exit is part of its job 0..17: that comes first. The
    # lowest group answers when the instant is over, and it alone replies: 17..21, at the edge at 26.
    due = in_groups((SURE, SURE, SURE), alone_ns=17, reply_to=4)
    assert column(due["requests"], "exit") == [0]
    assert column(due["requests"], "answered_ns") == [17]
    assert column(due["requests"], "replied_ns") == [26]
    assert column(due["requests"], "views") == [0b101]
    assert column(due["links"], "reply_bytes") == [0, 0, 0, 0, 0, 0, 4, 0, 0, 0]
    # A nanosecond earlier camera 1 is the first, later it is not.
    assert column(in_groups((SURE, SURE, SURE), alone_ns=16)["requests"], "exit") == [1]
    assert column(in_groups((SURE, SURE, SURE), alone_ns=18)["requests"], "exit") == [0]


def test_of_groups_sure_at_one_instant_the_lowest_answers_though_it_decides_later_in_it():
    # Decisions take no time. Jobs 0..7, summaries 7..9, at the gateway at 14: of cameras 0, 1, 2, in this order.
    # With that of camera 1 group 1 is complete and decides, at 14, before the delivery of camera 2's; with that
    # group 0 decides, at 14, too.
    due = check(*between_two_groups(sure=True, decision_ns=0))
    assert column(due["requests"], "answered_ns") == [14]
    assert column(due["requests"], "exit") == [0]


def test_of_groups_that_decide_one_after_another_the_first_answers():
    # As above; but decisions take 1 ns: group 1 decides 14..15, group 0 15..16.
    due = check(*between_two_groups(sure=True, decision_ns=1))
    assert column(due["requests"], "answered_ns") == [15]
    assert column(due["requests"], "exit") == [1]
    assert column(due["decisions"], "verdict") == ["answer", "superseded"]


def between_two_groups(sure: bool, decision_ns: int) -> tuple[Deployment, TableOracle]:
    """Return cameras 0 and 2 in group 0, camera 1 in group 1; the gateway decides for both, the cloud has the rest.

    Of its own views each exit is as sure as told, of any others it would be the opposite.
    """
    tree = a_star_and_a_chain(3, "gateway", "cloud")
    sections = [Section(f"d{i}", 0, i, (0, 1, 0)[i], 3, i, 7, 2, 4) for i in range(3)]
    sections.append(Section("cloud", 1, 4, 2, None, None, 10, 2, 0))
    exits = [
        Exit("local.0", 0, 3, (0, 2), "entropy", 0.5, decision_ns, 0, coordinator=2),
        Exit("local.1", 0, 3, (1,), "entropy", 0.5, decision_ns, 0, coordinator=2),
        last(4, (3,), 1),
    ]
    says = [
        DecisionTable(np.array([7 + x]), np.array([(UNSURE, SURE)[x]]), np.array([0.5]), np.array([0.5]))
        for x in (sure, not sure)
    ]
    own = {(0, 0b101): says[0], (1, 0b010): says[0], (2, 0b111): says[0]}
    return tree.deployment(sections, exits, [0], [0]), TableOracle([says[1]] * 3, own)


def test_the_last_verdict_gives_the_order_wherever_it_comes_from():
    # Camera 1 is done at 30, its verdict at the edge at 40: orders 40..41, 41..43, 43..44, ... 18 ns later than
    # at 22 (see above).
    due = in_groups((UNSURE, UNSURE, SURE), alone_ns=30)
    assert column(due["requests"], "answered_ns") == [71 + 18]


def test_a_verdict_after_the_end_gives_no_order():
    due = in_groups((UNSURE, UNSURE, SURE), until_ns=22)
    assert column(due["links"], "control_bytes") == [0] * 10
    due = in_groups((UNSURE, UNSURE, SURE), until_ns=23)
    assert column(due["links"], "control_bytes") == [0, 0, 0, 0, 0, 0, 0, 4, 0, 0]


def test_each_exit_is_asked_of_the_views_behind_it():
    due = check(*between_two_groups(sure=False, decision_ns=3))
    assert column(due["decisions"], "views") == [0b010, 0b101, 0b111]
    assert column(due["decisions"], "verdict") == ["escalate", "escalate", "answer"]
    assert column(due["requests"], "exit") == [2]
    assert column(due["requests"], "prediction") == [7]


# --- rules ----------------------------------------------------------------------------------------

JUST_BELOW, JUST_ABOVE = float(np.nextafter(0.5, 0)), float(np.nextafter(0.5, 1))


@pytest.mark.parametrize(
    ("rule", "threshold", "value", "local"),
    [
        ("entropy", 0.5, JUST_BELOW, True),
        ("entropy", 0.5, 0.5, False),  # a tie goes up
        ("entropy", 0.5, JUST_ABOVE, False),
        ("entropy", 1.0, 1.0, True),  # 1 always leaves
        ("entropy", 0.0, 0.0, False),  # 0 never
        ("probability", 0.5, JUST_BELOW, False),
        ("probability", 0.5, 0.5, False),  # a tie goes up
        ("probability", 0.5, JUST_ABOVE, True),
        ("probability", 0.0, 0.0, True),  # 0 always leaves
        ("probability", 1.0, 1.0, False),  # 1 never
        ("margin", 0.5, JUST_BELOW, False),
        ("margin", 0.5, 0.5, False),
        ("margin", 0.5, JUST_ABOVE, True),
        ("margin", 0.0, 0.0, True),  # 0 always, also where two classes are as probable
        ("margin", 1.0, 1.0, False),
    ],
)
@pytest.mark.parametrize("other", [0.0, 1.0])
def test_rules(rule, threshold, value, local, other):
    tree = a_star_and_a_chain(1, "gateway", "cloud")
    sections = [Section("d", 0, 0, 0, 1, 0, 7, 2, 4), Section("cloud", 1, 2, 1, None, None, 10, 2, 0)]
    exits = [Exit("local", 0, 1, (0,), rule, threshold, 3, 0), last(2, (1,), 1)]
    says = {"entropy": other, "probability": other, "margin": other, rule: value}
    tables = [DecisionTable(np.array([e]), *(np.array([v]) for v in says.values())) for e in range(2)]
    due = check(tree.deployment(sections, exits, [0], [0]), TableOracle(tables))
    assert column(due["requests"], "exit") == [0 if local else 1]
    assert column(due["requests"], "entropy") == [says["entropy"]]
