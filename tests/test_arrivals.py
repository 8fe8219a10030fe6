"""Every kind of arrivals and captures against a slow and plain reading of docs/semantics.md, one request at a time."""

from __future__ import annotations

import time
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from ddnnsim.captures import workload_of
from ddnnsim.deployment import ClosedLoop, Workload
from ddnnsim.distribution import Distribution
from ddnnsim.errors import DataError, UserError
from ddnnsim.scenario import Workload as WorkloadSpec
from ddnnsim.seeds import stream

DEVICES = ["camera1", "camera2", "camera3"]
SPECS: TypeAdapter[WorkloadSpec] = TypeAdapter(WorkloadSpec)
NS = 10**9
JITTER = {"uniform": ["0 ms", "30 ms"]}
JITTER_NS = Distribution("uniform", (0.0, 0.03))
"""The same."""


def ns(text: str) -> int:
    """Return a whole number of milliseconds, as text, in ns."""
    return int(text.removesuffix(" ms")) * 10**6


class Plain:
    """A source of scenes, asked for one time after the other, as the page says."""

    def __init__(self, said: dict, seed: int, whose: str = "", rows: list[int] | None = None) -> None:
        self.said, self.seed, self.whose, self.rows = said, seed, whose, rows

    def times(self, count: int) -> list[int]:
        """Return the first *count* times."""
        kind = self.said["arrivals"]
        if kind == "file":
            return self.rows[:count]
        rate = Fraction(self.said["rate"].removesuffix(" /s"))
        if kind == "periodic":
            return [int(k * NS / rate) for k in range(count)]
        random = stream(self.seed, f"arrivals{self.whose}")
        running, now = [], 0
        for _ in range(count):
            now += round(random.exponential(1 / float(rate)) * 1e9)
            running.append(now)
        return running if kind == "poisson" else self._in_bursts(running)

    def _in_bursts(self, running: list[int]) -> list[int]:
        on = iter(
            Distribution("exponential", (0.2,)).draw_ns(stream(self.seed, f"bursts/on{self.whose}"), 3000).tolist()
        )
        off = iter(
            Distribution("uniform", (0.1, 0.9)).draw_ns(stream(self.seed, f"bursts/off{self.whose}"), 3000).tolist()
        )
        begin, over, left = 0, 0, next(on)  # this burst: when it began; what earlier bursts lasted; how long it lasts
        times = []
        for at in running:
            while at - over >= left:
                over += left
                begin += left + next(off)
                left = next(on)
            times.append(begin + at - over)
        return times


def late(said: dict, seed: int, device: str, count: int) -> list[int]:
    """Return how much later than scenes come *device* captures the first *count*."""
    phase = said.get("phase", "0 ms")
    own = ns(phase.get(device, "0 ms") if isinstance(phase, dict) else phase)
    random = stream(seed, f"capture/{device}")
    return [own + (int(JITTER_NS.draw_ns(random, 1)[0]) if "jitter" in said else 0) for _ in range(count)]


def plainly(said: dict, seed: int, wanted: int, rows: list[tuple[int, str]] | None = None) -> list[tuple]:
    """Return the requests in the order of their numbers: (scene, captures by (time, device), in that order)."""
    capture = said.get("capture", "joint")
    many = 4 * wanted + 50  # scenes; enough for what is asked for
    found = []
    if capture == "each":
        for number, device in enumerate(DEVICES):
            mine = None if rows is None else [at for at, owner in rows if owner in (device, "")]
            times = Plain(said, seed, f"/{device}", mine).times(many)
            lags = late(said, seed, device, len(times))
            found += [(scene, [(at + lag, number)]) for scene, (at, lag) in enumerate(zip(times, lags, strict=True))]
        found = sorted(found, key=lambda request: (request[1][0], request[0]))[:wanted]
    else:
        times = Plain(said, seed, "", None if rows is None else [at for at, _ in rows]).times(many)
        lags = [late(said, seed, device, len(times)) for device in DEVICES]
        for scene, at in enumerate(times):
            captures = sorted((at + lags[number][scene], number) for number in range(len(DEVICES)))
            requests = [captures]
            if capture == "window":
                requests = []
                for one in captures:
                    if requests and one[0] - requests[-1][0][0] <= ns(said["window"]):
                        requests[-1].append(one)
                    else:
                        requests.append([one])
            found += [(scene, request) for request in requests]
            if len(found) >= wanted:
                break
        found = sorted(found, key=lambda request: (request[1][0][0], request[0], request[1][0][1]))[:wanted]
    return sorted(found, key=lambda request: (request[1][0][0], request[0], request[1][0][1]))


def told(workload: Workload | ClosedLoop) -> list[tuple]:
    """Return a workload in the same words, samples in the place of scenes."""
    assert isinstance(workload, Workload)
    captures = workload.captures
    if captures is None:
        everyone = range(len(DEVICES))
        of_request = [[(at, device) for device in everyone] for at in workload.captured_ns.tolist()]
    else:
        rows = list(zip(captures.at_ns.tolist(), captures.requests.tolist(), captures.sections.tolist(), strict=True))
        assert rows == sorted(rows)
        of_request = [[] for _ in workload.samples]
        for at, request, device in rows:
            of_request[request].append((at, device))
        assert [request[0][0] for request in of_request] == workload.captured_ns.tolist()
    return list(zip(workload.samples.tolist(), of_request, strict=True))


RATES = st.sampled_from(["4 /s", "40 /s", "3000 /s"])
PACES = st.one_of(
    st.fixed_dictionaries({"arrivals": st.sampled_from(["poisson", "periodic"]), "rate": RATES}),
    st.fixed_dictionaries(
        {
            "arrivals": st.just("bursts"),
            "rate": RATES,
            "on": st.just({"exponential": "200 ms"}),
            "off": st.just({"uniform": ["100 ms", "900 ms"]}),
        }
    ),
)
PHASES = st.sampled_from(["0 ms", "7 ms", {"camera1": "5 ms"}, {"camera3": "5 ms", "camera2": "20 ms"}])
LATE = st.fixed_dictionaries({}, optional={"phase": PHASES, "jitter": st.just(JITTER)})
CAPTURES = st.sampled_from(
    [
        {},
        {"capture": "joint"},
        {"capture": "each"},
        *({"capture": "window", "window": f"{w} ms"} for w in (0, 5, 12, 40)),
    ]
)


@given(PACES, LATE, CAPTURES, st.integers(1, 25), st.integers(0, 5))
@settings(max_examples=150)
def test_every_load_is_what_the_page_says(pace: dict, lag: dict, capture: dict, requests: int, seed: int) -> None:
    said = pace | lag | capture
    workload = workload_of(SPECS.validate_python(said | {"requests": requests}), seed, 10**6, DEVICES)
    assert told(workload) == plainly(said, seed, requests)


@given(
    st.lists(st.tuples(st.integers(0, 300), st.sampled_from(DEVICES)), min_size=1, max_size=20),
    LATE,
    CAPTURES,
    st.booleans(),
)
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_file_is_taken_at_its_word(tmp_path: Path, rows: list, lag: dict, capture: dict, owned: bool) -> None:
    owned &= capture.get("capture") == "each"
    rows = sorted((at * 10**6, device if owned else "") for at, device in rows)
    path = tmp_path / "times.csv"
    lines = [f"{Decimal(at) / NS},{device}" if owned else str(Decimal(at) / NS) for at, device in rows]
    path.write_text("\n".join(["time_s,device" if owned else "time_s", *lines]) + "\n")
    said = {"arrivals": "file", "path": str(path)} | lag | capture
    everything = told(workload_of(SPECS.validate_python(said), 1, 10**6, DEVICES))
    assert everything == plainly(said, 1, len(rows) * 3, rows)
    some = (len(everything) + 1) // 2
    found = workload_of(SPECS.validate_python(said | {"requests": some}), 1, 10**6, DEVICES)
    assert told(found) == plainly(said, 1, some, rows)
    with pytest.raises(UserError, match=f"times.csv: {len(everything)} requests, and workload.requests is"):
        workload_of(SPECS.validate_python(said | {"requests": len(everything) + 1}), 1, 10**6, DEVICES)


def test_times_by_hand() -> None:
    said = {"arrivals": "periodic", "every": "100 ms", "phase": {"camera2": "30 ms"}, "requests": 2}
    ms = 10**6
    joint = workload_of(SPECS.validate_python(said), 0, 5, DEVICES)
    late_one = [(0, 0), (0, 2), (30 * ms, 1)]
    assert told(joint) == [(0, late_one), (1, [(at + 100 * ms, device) for at, device in late_one])]
    apart = workload_of(SPECS.validate_python(said | {"capture": "window", "window": "29 ms"}), 0, 5, DEVICES)
    assert told(apart) == [(0, [(0, 0), (0, 2)]), (0, [(30 * ms, 1)])]
    together = workload_of(SPECS.validate_python(said | {"capture": "window", "window": "30 ms"}), 0, 5, DEVICES)
    assert told(together) == told(joint)
    each = workload_of(SPECS.validate_python(said | {"capture": "each", "requests": 4}), 0, 5, DEVICES)
    assert told(each) == [(0, [(0, 0)]), (0, [(0, 2)]), (0, [(30 * ms, 1)]), (1, [(100 * ms, 0)])]
    plain = workload_of(SPECS.validate_python(said | {"phase": "3 ms"}), 0, 5, DEVICES)
    assert isinstance(plain, Workload)
    assert plain.captures is None, "all at once"
    assert plain.captured_ns.tolist() == [3 * ms, 103 * ms]


def test_samples_go_with_scenes() -> None:
    said = {"arrivals": "periodic", "every": "10 ms", "requests": 7, "order": "shuffled"}
    scenes = stream(4, "order")
    order = [*scenes.permutation(3), *scenes.permutation(3), *scenes.permutation(3)]
    joint = workload_of(SPECS.validate_python(said), 4, 3, DEVICES)
    assert joint.samples.tolist() == order[:7]
    each = workload_of(SPECS.validate_python(said | {"capture": "each"}), 4, 3, DEVICES)
    assert each.samples.tolist() == [order[k // 3] for k in range(7)]


def test_users_have_samples_and_thoughts() -> None:
    said = {"arrivals": "closed", "users": 3, "think": {"exponential": "2 s"}, "requests": 5}
    loop = workload_of(SPECS.validate_python(said), 4, 3, DEVICES)
    assert isinstance(loop, ClosedLoop)
    assert (loop.clients, loop.think) == (3, Distribution("exponential", (2.0,)))
    assert loop.samples.tolist() == [0, 1, 2, 0, 1]


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("", [":1: the header is ''; write 'time_s', or 'time_s,device'"]),
        ("t\n1\n", [":1: the header is 't'; write 'time_s', or 'time_s,device'"]),
        ("time_s\n\n", [":2: no times; write a line for each"]),
        (
            "time_s\n1.5\nx\n-1\n1\n2,3\nnan\n1e30\n1_0\n\u0662\n",
            [
                ":3: 'x' is not a time; write seconds from the start, at least 0, e.g. 1.25",
                ":4: '-1' is not a time; write seconds from the start, at least 0, e.g. 1.25",
                ":5: 1 s is earlier than what is above it; sort the times",
                ":6: 2 values, not 1; write as many as the header has",
                ":7: 'nan' is not a time; write seconds from the start, at least 0, e.g. 1.25",
                ":8: '1e30' is not a time; write seconds from the start, at least 0, e.g. 1.25",
                ":9: '1_0' is not a time; write seconds from the start, at least 0, e.g. 1.25",
                ":10: '\u0662' is not a time; write seconds from the start, at least 0, e.g. 1.25",
            ],
        ),
        ("device,time_s\ncamera9,1\n", [":2: unknown device 'camera9'; the devices are camera1, camera2, camera3"]),
    ],
)
def test_a_file_is_refused_with_all_its_faults(tmp_path: Path, text: str, lines: list[str]) -> None:
    path = tmp_path / "times.csv"
    path.write_text(text)
    spec = SPECS.validate_python({"arrivals": "file", "path": str(path), "capture": "each"})
    with pytest.raises(DataError) as refused:
        workload_of(spec, 0, 5, DEVICES)
    assert str(refused.value).splitlines() == [f"{path}{line}" for line in lines]


def test_a_file_of_devices_is_for_their_own_captures(tmp_path: Path) -> None:
    path = tmp_path / "times.csv"
    path.write_text("time_s,device\n1,camera1\n")
    with pytest.raises(UserError, match=r"times.csv:1: a column 'device', .* write capture: each"):
        workload_of(SPECS.validate_python({"arrivals": "file", "path": str(path)}), 0, 5, DEVICES)
    with pytest.raises(DataError, match=r"gone.csv: no such file; workload.path names a CSV file"):
        workload_of(SPECS.validate_python({"arrivals": "file", "path": "gone.csv"}), 0, 5, DEVICES)


@pytest.mark.parametrize(
    "said",
    [
        {"arrivals": "poisson", "rate": "1 /h", "phase": "2562047 h"},
        {"arrivals": "bursts", "rate": "10 /s", "on": "1 s", "off": "1000000 h"},
        {
            "arrivals": "periodic",
            "rate": "1 /s",
            "phase": "1300000 h",
            "jitter": {"pareto": {"least": "1 h", "shape": 0.1}},
        },
    ],
    ids=["phase", "bursts", "jitter"],
)
def test_a_capture_beyond_all_time_is_told(said: dict) -> None:
    with pytest.raises(OverflowError):
        workload_of(SPECS.validate_python(said | {"requests": 500}), 0, 5, DEVICES)


def test_a_source_that_is_hardly_ever_on_is_told() -> None:
    said = {"arrivals": "bursts", "rate": "1 /h", "on": "1 us", "off": "1 us", "requests": 3}
    with pytest.raises(UserError, match="hardly ever on"):
        workload_of(SPECS.validate_python(said), 0, 5, DEVICES)
    said = {"arrivals": "periodic", "rate": "1000000000000000 kHz", "capture": "each", "jitter": JITTER, "requests": 3}
    with pytest.raises(UserError, match="too close"):
        workload_of(SPECS.validate_python(said), 0, 5, DEVICES)


@pytest.mark.parametrize("capture", [{}, {"capture": "each"}, {"capture": "window", "window": "10 ms"}], ids=str)
def test_hundred_thousand_requests_take_no_time(capture: dict) -> None:
    spec = {"arrivals": "bursts", "rate": "100 /s", "on": {"exponential": "1 s"}, "off": "1 s", "jitter": JITTER}
    began = time.process_time()
    workload = workload_of(SPECS.validate_python(spec | capture | {"requests": 100_000}), 0, 300, DEVICES)
    assert time.process_time() - began < 1.0
    assert len(workload.samples) == 100_000
    assert isinstance(workload, Workload)
    assert (np.diff(workload.captured_ns) >= 0).all()
