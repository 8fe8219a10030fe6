"""From what a scenario says of deadlines, recovery and policies to what an engine needs of it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from ddnnsim.deployment import ClosedLoop, Workload
from ddnnsim.recovery import Deadline, Heartbeats, PolicyPlan, Recovery, Retries

if TYPE_CHECKING:
    from ddnnsim.scenario import AnyPolicy, ExitDeadline, Run
    from ddnnsim.scenario import Recovery as Said

BUILT_IN = {
    "fixed": "ddnnsim.policy:Fixed",
    "follow_load": "ddnnsim.policy:FollowLoad",
    "meet_deadline": "ddnnsim.policy:MeetDeadline",
    "most_useful": "ddnnsim.policy:MostUseful",
}
WINDOWS = 50
"""About so many are in a time series whose width is not said."""
LEAST_WINDOW_NS = 1_000_000
"""Of a width that is not said: captures that are all at the start tell nothing of how long a run is."""


def deadline_of(said: ExitDeadline | None) -> Deadline | None:
    """Return how long an exit waits; None where it waits for all."""
    return None if said is None else Deadline(said.after_ns, said.since)


def recovery_of(said: Said) -> Recovery:
    """Return what is known of faults, and what is done about them; who stands in is said with sections and exits."""
    beats, again = said.detector, said.retries
    return Recovery(
        heartbeats=None if beats == "immediate" else Heartbeats(beats.period_ns, beats.timeout_ns, beats.size_bytes),
        fallback=said.fallback,
        reroute=said.reroute,
        delay_ns=said.delay_ns,
        retries=None if again is None else Retries(again.attempts, again.backoff_ns, again.factor),
        cancel=said.cancel,
    )


def policies_of(said: Iterable[AnyPolicy]) -> dict[str, PolicyPlan]:
    """Return by exit, as the scenario calls it, who decides there; what it sees is not said."""
    return {policy.exit: PolicyPlan(BUILT_IN.get(policy.use, policy.use), policy.parameters) for policy in said}


def window_of(said: Run, workload: Workload | ClosedLoop, faulty: bool) -> int | None:
    """Return the width of the windows of the time series; None where there is none.

    Unless it is said a run with faults has about `WINDOWS` until its last capture, each a round time
    and none shorter than a millisecond.
    """
    if said.window_ns is not None or not faulty or isinstance(workload, ClosedLoop):
        return said.window_ns
    captures = workload.captured_ns if workload.captures is None else workload.captures.at_ns
    return round_up(max(LEAST_WINDOW_NS, -(-int(captures.max(initial=0)) // WINDOWS)))


def round_up(duration_ns: int) -> int:
    """Return the least of 1, 2, 5, 10, 20, ... that is not less than *duration_ns*."""
    power = 1
    while True:
        for digit in (1, 2, 5):
            if digit * power >= duration_ns:
                return digit * power
        power *= 10
