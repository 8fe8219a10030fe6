"""What sensors show that are at fault, capture by capture, worked out by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from test_levels import a_star_and_a_chain, last

from ddnnsim.deployment import Deployment, Section
from ddnnsim.distribution import Distribution
from ddnnsim.faults import Consequence, Crash, Fault, Given, Misreading
from ddnnsim.oracle import AS_RECORDED, Decision, DecisionTable, Picture, Readings, TableOracle
from ddnnsim.sim import simulate

Spells = tuple[tuple[int, int | None], ...]
SAMPLES = 10


class Listener(TableOracle):
    """An oracle that notes what it is asked."""

    def __init__(self) -> None:
        nought = np.zeros(SAMPLES)
        super().__init__([DecisionTable(nought.astype(np.int64), nought, nought, nought)])
        self.asked: dict[int, tuple[int, Readings]] = {}
        """By sample, the views and what their sensors show."""

    def decide(self, exit: int, sample: int, views: int, variant: int = AS_RECORDED) -> Decision:  # noqa: A002
        self.asked[sample] = self.view_sets.masks[views], self.variants.readings[variant]
        return super().decide(exit, sample, views, variant)


def two_cameras(raw: bool = False) -> Deployment:
    """Return two cameras that capture at 0, 10, ..., 90 and take no time; where *raw*, they only send."""
    tree = a_star_and_a_chain(2, "cloud")
    sizes = (0,) * SAMPLES if raw else None
    sections = [Section(f"d{i}", 0, i, None, 2, i, 0, 0, 0, sizes) for i in range(2)]
    sections.append(Section("cloud", 1, 2, 0, None, None, 0, 0, 0))
    samples = list(range(SAMPLES))
    return tree.deployment(sections, [last(2, (2,), 1)], [10 * k for k in samples], samples)


def misreading(kind: str, spells: Spells, machine: int = 0, level: float = 0.0) -> Fault:
    return Fault(f"{kind} {spells}", Misreading(kind, level), Given(spells), machines=(machine,))


def seen(*faults: Fault, raw: bool = False) -> list[Readings]:
    """Return by sample what the decision on it was told of its views."""
    oracle = Listener()
    simulate(replace(two_cameras(raw), faults=faults, seed=5), oracle)
    return [oracle.asked[sample][1] for sample in range(SAMPLES)]


def shown(readings: list[Readings], view: int = 0) -> list[object]:
    """Return by sample what the sensor of *view* shows: `own` where it is as recorded."""
    return [dict(of_sample).get(view, "own") for of_sample in readings]


def test_a_spell_counts_from_the_capture_at_its_beginning_to_that_before_its_end():
    told = seen(misreading("blank", ((20, 40), (55, None))))
    assert shown(told) == ["own", "own", None, None, "own", "own", None, None, None, None]
    assert shown(told, view=1) == ["own"] * SAMPLES


def test_noise_has_the_level_of_the_fault_and_the_seed_of_the_run():
    told = seen(misreading("noisy", ((20, 21),), machine=1, level=0.25), raw=True)
    assert told[2] == ((1, Picture(noise=0.25, seed=5)),)
    assert shown(told, view=1)[3] == "own"


def test_a_stuck_sensor_shows_what_it_saw_before_the_spell():
    told = shown(seen(misreading("stuck", ((20, 40), (45, 46), (61, 90)))))
    assert told == ["own", "own", Picture(1), Picture(1), "own", "own", "own", Picture(6), Picture(6), "own"]


def test_a_sensor_that_is_stuck_from_the_beginning_shows_nothing():
    assert shown(seen(misreading("stuck", ((0, 15),)))) == [None, None] + ["own"] * 8


def test_of_several_the_last_of_the_deployment_counts():
    blank, noisy = misreading("blank", ((10, 40),)), misreading("noisy", ((30, 60),), level=0.5)
    noise = Picture(noise=0.5, seed=5)
    assert shown(seen(blank, noisy))[:7] == ["own", None, None, noise, noise, noise, "own"]
    assert shown(seen(noisy, blank))[:7] == ["own", None, None, None, noise, noise, "own"]


def test_what_a_sensor_saw_may_have_been_noisy_blank_or_stuck():
    noisy, blank = misreading("noisy", ((10, 20),), level=0.5), misreading("blank", ((40, 50),))
    stuck = misreading("stuck", ((20, 40), (50, 60), (80, 90)))
    told = shown(seen(noisy, blank, stuck))
    noise = Picture(noise=0.5, seed=5)
    assert told == ["own", noise, *[Picture(1, 0.5, 5)] * 2, None, None, "own", "own", Picture(7), "own"]
    again = misreading("stuck", ((30, 45),))
    assert shown(seen(misreading("stuck", ((20, 30),)), again))[2:5] == [Picture(1)] * 3, "as the first left it"


def test_of_several_spells_of_a_fault_a_sensor_is_stuck_by_the_first():
    """Of [10, 60) and [30, 80), which follow from others; while it was blank, from 15 to 45, it saw nothing."""
    cause = misreading("noisy", ((10, 11), (30, 31)), machine=1)
    at_once, long = Distribution("constant", (0.0,)), Distribution("constant", (50e-9,))
    stuck = replace(misreading("stuck", ()), spells=Consequence(0, at_once, long))
    told = shown(seen(cause, stuck, misreading("blank", ((15, 45),))))
    assert told[:8] == ["own", Picture(0), None, None, None, Picture(0), None, None]


def test_captures_of_a_dead_sensor_do_not_count():
    crash = Fault("crash", Crash("lose"), Given(((15, 35),)), machines=(0,))
    for raw in (False, True):
        told = seen(crash, misreading("stuck", ((25, 60),)), raw=raw)
        assert shown(told)[:7] == ["own", "own", "own", "own", Picture(1), Picture(1), "own"]


def test_both_sensors_of_a_request_are_told():
    told = seen(misreading("blank", ((20, 30),)), misreading("stuck", ((20, 30),), machine=1))
    assert told[2] == ((0, None), (1, Picture(1)))
