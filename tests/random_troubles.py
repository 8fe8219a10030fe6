"""Random troubles for random scenario files: what goes wrong, how long exits wait, and what is done about it."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

Drawn = st.DrawFn

STARTS = ("0 ms", "1 ns", "10 ms", "50 ms", "200 ms", "1 s")
LENGTHS = ("1 ns", "10 ms", "50 ms", "300 ms", "5 s")
MEANS = ("100 ms", "1 s", {"weibull": {"scale": "300 ms", "shape": 1.5}}, {"uniform": ["50 ms", "200 ms"]})
WAITS = ("0 ms", "1 ns", "20 ms", "150 ms", "1 s")
KINDS = ("crash", "crash", "outage", "outage", "partition", "slow", "degrade")
DEVICES = {"a": "camera", "b": "camera", "c": "camera", "d": "camera", "e": "camera", "f": "north"}
STAND_INS = {
    "a": {}, "b": {}, "c": {"cloud": "gate", "gate": "cloud"}, "d": {"edge": "cloud", "cloud": "edge"},
    "e": {"edge": ["gate", "cloud"], "cloud": "edge"}, "f": {"edge1": ["edge2", "cloud"], "cloud": "edge1"},
}  # fmt: skip
"""By configuration, who may stand in for whom."""


def with_troubles(draw: Drawn, data: dict[str, Any]) -> dict[str, Any]:
    """Return the scenario *data* with some of all that can go wrong, and some of what is done about it."""
    letter, topology = data["configuration"], data["topology"]
    topology["regions"] = {"yard": [next(iter(topology["nodes"])), "cloud"]}
    faults = [_fault(draw, data, ()) for _ in range(draw(st.sampled_from([1, 2, 3, 0])))]
    beats = draw(_chance(4))
    for name, exit_ in data["exits"].items():
        on_device = name == "local" and letter in "bd"
        if not on_device and (beats or draw(st.booleans())):
            exit_["deadline"] = _deadline(draw, beats)
    recovery: dict[str, Any] = {
        "fallback": draw(st.sampled_from(["drop", "best_effort"])),
        "reroute": draw(st.booleans()),
        "cancel": draw(st.booleans()),
        "delay": draw(st.sampled_from(["0 ms", "30 ms"])),
    }
    if beats:
        recovery["detector"] = {"period": "100 ms", "timeout": "250 ms", "size": draw(st.sampled_from(["0 B", "16 B"]))}
    if draw(_chance(3)):
        factor = draw(st.sampled_from([1, 1.5, 2]))
        recovery["retries"] = {
            "attempts": draw(st.integers(2, 4)),
            "backoff": draw(st.sampled_from(WAITS)),
            "factor": factor,
        }
    if draw(_chance(3)):
        recovery["failover"] = {name: others for name, others in STAND_INS[letter].items() if draw(st.booleans())}
    told = {"faults": faults, "recovery": recovery, "policy": _policies(draw, data)}
    if draw(_chance(3)):
        data["run"]["window"] = draw(st.sampled_from(["10 ms", "300 ms", "1 h"]))
    return data | told


def _chance(of: int) -> st.SearchStrategy[bool]:
    """Draw true once in *of* times."""
    return st.integers(0, of - 1).map(lambda number: number == of - 1)


def _deadline(draw: Drawn, since_capture: bool) -> object:
    after = draw(st.sampled_from(WAITS))
    return after if since_capture or draw(st.booleans()) else {"after": after, "since": "first_view"}


def _fault(draw: Drawn, data: dict[str, Any], causes: tuple[str, ...]) -> dict[str, Any]:
    """Draw a fault of *data*, or what follows from *causes*."""
    kind = draw(st.sampled_from(KINDS))
    topology = data["topology"]
    shared = any(link.get("medium") == "shared" for link in topology["links"].values())
    fault: dict[str, Any] = {kind: _victims(draw, data, kind)}
    if kind in ("crash", "outage", "partition") and not shared:
        fault["on_crash" if kind == "crash" else "on_outage"] = draw(st.sampled_from(["lose", "resume"]))
    if kind == "slow":
        fault["speed"] = draw(st.sampled_from([0, "10 %", 0.999]))
    if kind == "degrade":
        fault |= {
            "rate": draw(st.sampled_from([0, "30 %", 1])),
            "delay": "3 ms",
            "loss": draw(st.sampled_from([0, 0.5])),
        }
    if draw(_chance(4)) and kind != "partition":
        fault["each"] = True
    if draw(_chance(4)):
        fault["chance"] = "60 %"
    if causes:
        fault["after"] = draw(st.sampled_from(["0 ms", "20 ms", {"exponential": "50 ms"}]))
        if draw(st.booleans()):
            fault["for"] = draw(st.sampled_from(LENGTHS))
    else:
        fault |= _when(draw)
    if draw(_chance(4)) and len(causes) < 2:
        fault["then"] = [_fault(draw, data, (*causes, kind))]
    return fault


def _victims(draw: Drawn, data: dict[str, Any], kind: str) -> object:
    """Draw whom a fault hits: nodes, links, or a region."""
    topology = data["topology"]
    device = DEVICES[data["configuration"]]
    member = device if data["configuration"] in "bd" else f"{device}1"
    if kind == "partition":
        return draw(st.sampled_from([member, "cloud"]))
    if kind in ("outage", "degrade"):
        names = [*topology["links"], "yard"]
        names += [f"{link['from']}>{link['to']}" for link in topology["links"].values()]
    else:
        names = [*topology["nodes"], member, "yard"]
    return draw(st.sampled_from(names) | st.lists(st.sampled_from(names), min_size=1, max_size=2, unique=True))


def _when(draw: Drawn) -> dict[str, Any]:
    start, length = draw(st.sampled_from(STARTS)), draw(st.sampled_from(LENGTHS))
    way = draw(st.sampled_from(["once", "at", "every", "drawn"]))
    if way == "at":
        return {"at": ["20 ms", "6 s"], "for": length}
    if way == "every":
        return {"every": "7 s", "for": length, "from": start}
    if way == "drawn":
        return {"mtbf": draw(st.sampled_from(MEANS)), "mttr": draw(st.sampled_from(MEANS)), "from": start}
    return {"from": start} | ({"until": "2 s"} if draw(st.booleans()) else {})


def _policies(draw: Drawn, data: dict[str, Any]) -> list[dict[str, Any]]:
    """Draw who decides at the exits below the last, if anybody does."""
    parameters = {"fixed": {}, "follow_load": {"queue_target": "20 ms", "jobs_target": 2}, "meet_deadline": {},
                  "most_useful": {"views": 1}}  # fmt: skip
    some = [name for name in data["exits"] if name != "cloud" and draw(_chance(3))]
    uses = [draw(st.sampled_from(sorted(parameters))) for _ in some]
    return [{"use": use, "exit": name} | parameters[use] for name, use in zip(some, uses, strict=True)]
