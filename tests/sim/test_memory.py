"""Features that wait in a memory of limited size.

Of the times of `cameras_and_cloud`: the job of a camera ends 7 ns after it starts, the first decision is made at 17,
the orders come at 22. The sections of camera 0 take 10 bytes, its features 4.
"""

from __future__ import annotations

from dataclasses import replace

import pytest
from stages import cameras_and_cloud, fates, rows, run
from test_what_does_not_come import dead_from, groups

from ddnnsim.deployment import Deployment, Memory
from ddnnsim.trace import Trace

UNSURE = 0.9


def with_memory(deployment: Deployment, size_bytes: int, machine: int = 0) -> Deployment:
    machines = list(deployment.machines)
    machines[machine] = replace(machines[machine], memory=Memory(size_bytes, 10))
    return replace(deployment, machines=tuple(machines))


def most(trace: Trace) -> list[int | None]:
    return [r["memory_max_bytes"] for r in rows(trace, "nodes")]


def views(trace: Trace) -> list[str]:
    return [r["views"] for r in rows(trace, "requests")]


def test_features_for_which_there_is_no_room_are_not_kept():
    trace = run(with_memory(cameras_and_cloud(2, [0, 2]), 14), UNSURE)
    assert views(trace) == ["11", "01"]
    assert [d["views"] for d in rows(trace, "decisions") if d["exit"] == "local"] == ["11", "11"]
    assert most(trace) == [14, None, None, None]
    orders = [m["target"] for m in rows(trace, "messages") if m["kind"] == "control" and m["request"] == 1]
    assert orders == ["camera 1"]


def test_there_may_be_room_for_both():
    trace = run(with_memory(cameras_and_cloud(2, [0, 2]), 18), UNSURE)
    assert views(trace) == ["11", "11"]
    assert most(trace)[0] == 18


@pytest.mark.parametrize(("second_ns", "seen"), [(15, "01"), (16, "11")])
def test_they_go_when_they_are_asked_for(second_ns, seen):
    """The order comes at 22, in class 3: after the completion of the job that starts at 15."""
    trace = run(with_memory(cameras_and_cloud(2, [0, second_ns]), 14), UNSURE)
    assert views(trace) == ["11", seen]


@pytest.mark.parametrize(("second_ns", "kept"), [(9, 18), (10, 14)])
def test_they_go_with_the_answer(second_ns, kept):
    """The first request has its answer at 17, before anything of the second that is complete then."""
    assert most(run(with_memory(cameras_and_cloud(2, [0, second_ns]), 18)))[0] == kept


def test_of_a_request_that_is_over_nothing_is_kept():
    """Camera 1's exit is confident at 7; camera 0 takes until 30."""
    deployment = groups([0], 0)
    slow = replace(deployment.sections[0], service_ns=30)
    trace = run(with_memory(replace(deployment, sections=(slow, *deployment.sections[1:])), 100), UNSURE, 0.1)
    assert fates(trace) == [("answered", None, 7)]
    assert most(trace)[0] == 10
    assert trace.end_ns == 35  # the verdict


def test_what_an_exit_in_the_job_may_need_is_kept_until_all_have_said_no():
    trace = run(with_memory(groups([0, 1], 0), 14), UNSURE, UNSURE)
    assert most(trace)[0] == 14
    assert views(trace) == ["11", "01"]


@pytest.mark.parametrize(("second_ns", "kept"), [(7, 18), (8, 14)])
def test_they_go_when_the_request_is_lost(second_ns, kept):
    """The gateway is dead; summaries are lost at 14 in class 3."""
    deployment = dead_from(cameras_and_cloud(2, [0, second_ns]), 2, 1)
    assert most(run(with_memory(deployment, 100)))[0] == kept


def test_features_that_go_at_once_need_no_room():
    deployment = cameras_and_cloud(2, [0])
    sections = [replace(section, exit=None) for section in deployment.sections[:2]]
    sections.append(replace(deployment.sections[2], exit=0))
    last = replace(deployment.exits[1], sections=(2,))
    deployment = replace(deployment, sections=tuple(sections), exits=(last,))
    trace = run(with_memory(deployment, 10))
    assert views(trace) == ["11"]
    assert most(trace)[0] == 10
