"""Random scenario files: models by numbers, in all configurations, with what links, machines and loads can be."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from profiled import numbers
from random_troubles import with_troubles

Drawn = st.DrawFn

TIMES = ("0 ms", "1 ns", "1 ms", "5 ms", "13 ms", "100 ms")
SOME_TIME = TIMES[1:]
SHARES = (0, 0.1, 0.5, "90 %", 1)
SIZES = ("0 B", "1 B", "40 B", "140 B", "1500 B")
RATES = ("1 kbit/s", "10 kbit/s", "250 kbit/s", "1 Mbit/s", "10 Tbit/s")


@st.composite
def scenarios(draw: Drawn) -> dict[str, Any]:
    """Draw a scenario that is valid, and over after few requests."""
    letter = draw(st.sampled_from("abcdef"))
    data = numbers(letter)
    data["data"] = {"source": "numbers", "raw": draw(st.sampled_from(SIZES)), "classes": draw(st.integers(2, 12))}
    given = draw(st.booleans())
    _model(draw, data["model"], given)
    topology = data["topology"]
    packets = draw(_chance(4))
    topology["forwarding"] = "packet" if packets else "message"
    topology["routing"] = draw(st.sampled_from(["delay", "hops", "transfer"]))
    for link in topology["links"].values():
        link |= _link(draw, packets)
    for node in topology["nodes"].values():
        node |= _node(draw, given)
    for name, exit_ in data["exits"].items():
        if name != "cloud":
            exit_["control"] = draw(st.sampled_from(SIZES))
    data["workload"] = _workload(draw, letter)
    data["run"] = {"seed": draw(st.integers(0, 9)), "record": "messages"}
    if draw(_chance(3)):
        data["run"]["until"] = draw(st.sampled_from(["1 ns", "10 ms", "38 ms", "150 ms", "1 s", "3 s"]))
    return data if draw(_chance(3)) else with_troubles(draw, data)


def _chance(of: int) -> st.SearchStrategy[bool]:
    """Draw true once in *of* times."""
    return st.integers(0, of - 1).map(lambda number: number == of - 1)


def _duration(draw: Drawn) -> object:
    """Draw a duration, or a distribution of durations."""
    mean, other = draw(st.sampled_from(SOME_TIME)), draw(st.sampled_from(SOME_TIME))
    family = draw(st.sampled_from(["", "", "exponential", "uniform", "normal", "lognormal", "gamma", "pareto", "mix"]))
    if family == "uniform":
        return {"uniform": ["0 ms", mean]}
    if family == "mix":
        return {"mixture": [[mean, "70 %"], [other, "30 %"]]}
    if family == "pareto":
        return {"pareto": {"least": mean, "shape": 2.5}}
    if family == "exponential":
        return {family: mean}
    return {family: [mean, mean]} if family else draw(st.sampled_from(TIMES))


def _model(draw: Drawn, model: dict[str, Any], given: bool) -> None:
    """Draw what the sections of *model* take, perhaps as *given* times, and send, and who leaves at its exits."""
    for level, section in model["sections"].items():
        if "features" in section:
            section["features"] = draw(st.sampled_from(SIZES))
        section["summary"] = draw(st.sampled_from(SIZES))
        section["parameters"] = draw(st.sampled_from(["0 B", "1 kB"]))
        if given:
            del section["operations"]
            section.pop("binary", None)
            section["service"] = draw(st.sampled_from(TIMES)) if level == "device" else "7 ms"
    for name, exit_ in model["exits"].items():
        if name != "cloud":
            exit_["leave"] = draw(st.sampled_from(SHARES))
        exit_["accuracy"] = draw(st.sampled_from(SHARES))


def _link(draw: Drawn, packets: bool) -> dict[str, Any]:
    """Draw what a link is like."""
    link: dict[str, Any] = {"rate": draw(st.sampled_from(RATES)), "delay": draw(st.sampled_from(TIMES))}
    fair = not packets and draw(_chance(4))
    if draw(_chance(3)):
        link |= {"sharing": "fair"} if fair else {"queue": draw(st.sampled_from([0, 1, 3, "0 B", "300 B"]))}
    if draw(_chance(3)):
        link["medium"] = "shared"
    if draw(_chance(3)):
        link["jitter"] = _duration(draw)
    if draw(_chance(3)):
        link["loss"] = draw(st.sampled_from([0, "10 %", 0.5, 1, {"mean": "20 %", "burst": 3}]))
        if "sharing" not in link:
            link["attempts"] = draw(st.integers(1, 3))
    if draw(_chance(3)):
        link["mtu"] = draw(st.sampled_from(["7 B", "100 B", "10 kB"]))
    if draw(_chance(4)):
        link["header"] = draw(st.sampled_from(["1 B", "48 B"]))
        if "sharing" not in link:
            link["overhead"] = draw(st.sampled_from(["0 ms", "70 us"]))
    if draw(_chance(3)):
        link["steps"] = [
            {"at": "50 ms", "rate": draw(st.sampled_from(["0 bit/s", *RATES]))},
            {"at": "200 ms", "rate": draw(st.sampled_from(RATES)), "delay": draw(st.sampled_from(TIMES))},
        ]
        if draw(st.booleans()):
            link["repeat"] = "333 ms"
    if draw(_chance(4)):
        link["rate"] = {"up": link["rate"], "down": draw(st.sampled_from(RATES))}
    return link


def _node(draw: Drawn, given: bool) -> dict[str, Any]:
    """Draw what a machine is like; where the service of sections is *given*, it is not the machine's."""
    node: dict[str, Any] = {"servers": draw(st.integers(1, 3))}
    if draw(st.booleans()):
        node["compute"] = draw(st.sampled_from(["10 MFLOP/s", "1 GFLOP/s"]))
    if not given and draw(_chance(4)):
        node["service"] = _duration(draw)
    if draw(_chance(4)):
        node["queue"] = draw(st.integers(0, 3))
    if draw(_chance(4)):
        node["batch"] = {"max": draw(st.integers(2, 4)), "wait": draw(st.sampled_from(TIMES)), "speed_up": {2: 1.5}}
    if draw(_chance(4)):
        node["memory"] = draw(st.sampled_from(["4 kB", "4200 B", "1 MB"]))
    if draw(_chance(3)):
        node["power"] = {"idle": "1 W", "compute": "3 W", "send": "2 uJ/B", "receive": "1 uJ/B"}
        if draw(_chance(3)):
            node["battery"] = draw(st.sampled_from(["1 fJ", "10 uJ", "100 mJ", "1 J"]))
    return node


def _workload(draw: Drawn, letter: str) -> dict[str, Any]:
    """Draw a load, and who waits for the answers of configuration *letter*."""
    load: dict[str, Any] = {"requests": draw(st.integers(1, 25))}
    kind = draw(st.sampled_from(["poisson", "periodic", "bursts", "closed"]))
    load["arrivals"] = kind
    if kind == "closed":
        load |= {"users": draw(st.integers(1, 4)), "think": _duration(draw)}
    else:
        load["rate"] = draw(st.sampled_from(["5 /s", "50 /s", "1000 /s"]))
        if kind == "bursts":
            load |= {"on": "100 ms", "off": _duration(draw)}
        if draw(_chance(3)):
            load["jitter"] = _duration(draw)
        if draw(_chance(3)):
            load["phase"] = draw(st.sampled_from(TIMES))
        load["capture"] = draw(st.sampled_from(["joint", "joint", "each", "window"]))
        if load["capture"] == "window":
            load["window"] = draw(st.sampled_from(TIMES))
    if draw(st.booleans()):
        load["deadline"] = draw(st.sampled_from(TIMES))
    if draw(st.booleans()):
        load["reply_to"] = draw(st.sampled_from(["cloud", "north1" if letter == "f" else "camera1"]))
    if letter in "bd" and load.get("reply_to") == "camera1":
        load["reply_to"] = "camera"
    return load
