"""What the keys of one link must say together, and with the topology."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .defaults import section, sound_duration_ns
from .direction import by_direction
from .document import Raw
from .finding import Finding
from .presets import PRESETS
from .units import DURATION
from .wording import did_you_mean, given

_PATH = ("topology", "links")


def channel_findings(data: dict[str, Any]) -> Iterator[Finding]:
    """Yield links of *data* without a rate or with two, with steps out of order, or with what does not go together."""
    packets = section(data, "topology").get("forwarding") == "packet"
    for name, link in section(data, *_PATH).items():
        if isinstance(link, dict):
            said = {key: value for key, value in link.items() if value is not None}
            yield from _rate(name, said)
            yield from _steps(name, said)
            yield from _fair(name, said, packets)


def _rate(name: str, link: dict[str, Raw]) -> Iterator[Finding]:
    """Yield an unknown preset, no rate, or one beside a trace."""
    preset, steps = link.get("preset"), link.get("steps")
    if preset is not None:  # a known one has been replaced by its values
        word = preset if isinstance(preset, str) else ""
        yield Finding((*_PATH, name, "preset"), f"{given(preset)} is no preset", did_you_mean(word, PRESETS))
    elif "rate" not in link and "trace" not in link:
        yield Finding((*_PATH, name, "rate"), "'rate' is missing", "write e.g. 'rate: 10 Mbit/s'")
    if "trace" not in link:
        return
    if "rate" in link:
        what = "'trace' and 'rate' say the same thing"
        yield Finding((*_PATH, name, "trace"), what, "keep one", at_key=True)
    for number, step in enumerate(steps if isinstance(steps, list) else ()):
        if section(step).get("rate") is not None:
            what = "'trace' tells the rates of this link"
            yield Finding((*_PATH, name, "steps", number, "rate"), what, "leave 'rate' out of its steps", at_key=True)


def _steps(name: str, link: dict[str, Raw]) -> Iterator[Finding]:
    """Yield steps that do not come one after another, change nothing, or go on beyond their repetition."""
    steps, path = link.get("steps"), (*_PATH, name)
    if not isinstance(steps, list):
        if "repeat" in link:
            what = "there are no steps to repeat"
            yield Finding((*path, "repeat"), what, "write e.g. 'steps: [{at: 10 s, rate: 1 Mbit/s}]'", at_key=True)
        return
    last_ns = 0
    for number, step in enumerate(steps):
        if not isinstance(step, dict):
            continue
        if step.get("rate") is None and step.get("delay") is None:
            yield Finding((*path, "steps", number), "a step that changes nothing", "give it a 'rate' or a 'delay'")
        at_ns = sound_duration_ns(step.get("at"))
        if at_ns is None:
            continue
        if at_ns == 0:
            what = "a step at the start"
            yield Finding((*path, "steps", number, "at"), what, "write it as the link's own rate and delay")
        elif at_ns <= last_ns:
            what = f"a step at {step['at']}, after one at {DURATION.text(last_ns)}"
            yield Finding((*path, "steps", number, "at"), what, "write steps in the order of their times")
        last_ns = max(last_ns, at_ns)
    repeat_ns = sound_duration_ns(link.get("repeat"))
    if repeat_ns is not None and repeat_ns <= last_ns:
        what = f"the steps start again at {link['repeat']}, and the last is at {DURATION.text(last_ns)}"
        yield Finding((*path, "repeat"), what, "write a later time")


def _fair(name: str, link: dict[str, Raw], packets: bool) -> Iterator[Finding]:
    """Yield what has no place where transmissions share a channel."""
    if link.get("sharing") != "fair":
        return
    path = (*_PATH, name)
    for key in ("attempts", "queue"):
        if key in link and (key, link[key]) != ("attempts", 1):
            what = f"{key!r} has no place under fair sharing, where all is under way at once"
            yield Finding((*path, key), what, f"leave it out, or {name!r} as 'sharing: fifo'", at_key=True)
    if sound_duration_ns(link.get("overhead")):  # perhaps of a preset: then it cannot be left out
        what = "'overhead' has no place under fair sharing, where all is under way at once"
        yield Finding((*path, "overhead"), what, f"write 'overhead: 0 us', or {name!r} as 'sharing: fifo'", at_key=True)
    if packets:
        what = "fair sharing with 'forwarding: packet'"
        yield Finding((*path, "sharing"), what, "write 'sharing: fifo', or 'forwarding: message'")


def trace_specs(data: dict[str, Any]) -> Iterator[dict[str, Raw]]:
    """Yield what *data*, of whatever shape, say of each trace."""
    for link in section(data, *_PATH).values():
        yield from (spec for spec in by_direction(section(link).get("trace")) if isinstance(spec, dict))
