"""What sensors that are at fault show: at each capture what there is to see, or something else."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from ddnnsim.faults import Misreading
from ddnnsim.oracle import Picture, Reading

if TYPE_CHECKING:
    from ddnnsim.deployment import Section as SectionPlan
    from ddnnsim.oracle import Variants
    from ddnnsim.sim.clock import Clock
    from ddnnsim.sim.request import Request
    from ddnnsim.sim.stage import Stage
    from ddnnsim.sim.workload import Sensing


class Distortion:
    """One fault of one sensor: its spells, [from, until), as they begin, followed from capture to capture."""

    def __init__(self, effect: Misreading, seed: int, spells: Iterable[tuple[int, int]]) -> None:
        self.effect = effect
        self.seed = seed
        """Of the noise."""
        self._spells = iter(spells)
        self._next = next(self._spells, None)
        self._in_force: list[tuple[int, Reading]] = []  # until when, and what was seen before it began

    def follow(self, now_ns: int, saw: Reading) -> bool:
        """Return whether it is in force at the capture at *now_ns*; *saw* is what was seen at the one before."""
        while self._next is not None and self._next[0] <= now_ns:
            self._in_force.append((self._next[1], saw))
            self._next = next(self._spells, None)
        self._in_force = [spell for spell in self._in_force if now_ns < spell[0]]
        return bool(self._in_force)

    def shows(self) -> Reading:
        """Return what the sensor shows while it is in force."""
        if self.effect.kind == "noisy":
            return Picture(noise=self.effect.level, seed=self.seed)
        return self._in_force[0][1] if self.effect.kind == "stuck" else None


class FaultySensor:
    """What senses a view by a sensor that may be at fault: the request is told what it shows."""

    def __init__(
        self, clock: Clock, behind: Sensing, view: int, distortions: Sequence[Distortion], variants: Variants
    ) -> None:
        self.clock = clock
        self.behind = behind
        """The section that computes on the view, or the sensor that sends it."""
        self.entity, self.key = behind.entity, behind.key
        self.fail: Callable[[Request], None] = behind.fail
        self.view = view
        self.distortions = distortions
        """Of those that are in force the last counts."""
        self.variants = variants
        self._saw: Reading = None  # at the last capture

    def capture(self, request: Request) -> None:
        """Sense the view of *request*, be it what there is to see or not."""
        now_ns = self.clock.now
        shown: Reading = Picture()
        in_force = [distortion for distortion in self.distortions if distortion.follow(now_ns, self._saw)]
        if in_force:
            shown = in_force[-1].shows()
            request.variant = self.variants.showing(request.variant, self.view, shown)
        self._saw = None if shown is None else shown.of(request.sample)
        self.behind.capture(request)


def sighted(stage: Stage, section: Sensing, plan: SectionPlan) -> Sensing:
    """Return *section*, which senses, with a sensor that may be at fault where the deployment says so."""
    assert plan.view is not None
    seed, mishaps = stage.deployment.seed, stage.mishaps
    distortions = [
        Distortion(fault.effect, seed, mishaps.misreadings(number, plan.machine))
        for number, fault in enumerate(stage.deployment.faults)
        if isinstance(fault.effect, Misreading) and plan.machine in fault.machines
    ]
    if not distortions:
        return section
    return FaultySensor(stage.clock, section, plan.view, distortions, stage.oracle.variants)
