"""Loss: how often each message is sent, and whether it is lost all the same."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import repeat
from typing import TYPE_CHECKING, NamedTuple

from ddnnsim.seeds import stream
from ddnnsim.sim.draws import in_turn

if TYPE_CHECKING:
    from ddnnsim.deployment import Link as LinkPlan
    from ddnnsim.deployment import Loss


class Fortune(NamedTuple):
    """What becomes of a message that a link has accepted."""

    attempts: int
    """Transmissions of it, one after another."""
    lost: bool


_AT_ONCE = Fortune(1, lost=False)


def fortunes(plan: LinkPlan, seed: int) -> Iterator[Fortune]:
    """Yield what becomes of each message that the link *plan* accepts, from its streams under *seed*."""
    loss = plan.loss
    if loss is None:
        yield from repeat(_AT_ONCE)
        return
    draws = in_turn(stream(seed, f"loss/{plan.name}").random, float)
    if not loss.to_bad:
        for draw in draws:
            yield _AT_ONCE if draw >= loss.good else fortune(draw, loss.good, plan.attempts)
    else:
        for draw, probability in zip(draws, _probabilities(loss, plan.name, seed), strict=True):
            yield _AT_ONCE if draw >= probability else fortune(draw, probability, plan.attempts)


def worn_fortunes(plan: LinkPlan, seed: int, worn: Callable[[float], float]) -> Iterator[Fortune]:
    """Yield as above, where *worn* makes of a probability what it is when the message is accepted."""
    probabilities = repeat(0.0) if plan.loss is None else _probabilities(plan.loss, plan.name, seed)
    draws = in_turn(stream(seed, f"loss/{plan.name}").random, float)
    for draw, probability in zip(draws, probabilities, strict=True):
        yield fortune(draw, worn(probability), plan.attempts)


def fortune(draw: float, probability: float, attempts: int) -> Fortune:
    """Return what the uniform *draw* means where a transmission fails with *probability*: the j-th if u < p^j."""
    if draw >= probability:
        return _AT_ONCE
    for attempt in range(2, attempts):
        if draw >= probability**attempt:
            return Fortune(attempt, lost=False)
    return Fortune(attempts, draw < probability**attempts)


def _probabilities(loss: Loss, link: str, seed: int) -> Iterator[float]:
    """Yield by message the probability that a transmission fails (Gilbert 1960; Elliott 1963)."""
    if not loss.to_bad:
        yield from repeat(loss.good)
    draws = in_turn(stream(seed, f"burst/{link}").random, float)
    bad = next(draws) < loss.to_bad / (loss.to_bad + loss.to_good)
    while True:
        yield loss.bad if bad else loss.good
        bad = bad ^ (next(draws) < (loss.to_good if bad else loss.to_bad))
