"""What is far out of the ordinary: sums beyond 64 bits, more packets than memory, nothing to draw."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from matplotlib.figure import Figure
from profiled import numbers

import ddnnsim as public
from ddnnsim import experiment
from ddnnsim.errors import UserError
from ddnnsim.plot.figures import bytes_data, draw_bytes, draw_exits, exits_data
from ddnnsim.scenario import dump
from ddnnsim.sim import beats, sampling, spells


def cameras(requests: int = 20) -> dict[str, Any]:
    """Return a scenario in which all requests go to the cloud."""
    data = numbers("c")
    data["model"]["exits"]["local"]["leave"] = 0
    data["workload"] |= {"arrivals": "periodic", "rate": "10 /s", "requests": requests}
    return data


def test_parts_add_up_beyond_64_bits(tmp_path: Path) -> None:
    data = cameras()
    data["topology"]["links"]["wan"]["delay"] = "2500000 h"  # 285 years, twenty times
    data["run"] = {"record": "messages"}
    summary = public.run(data, out=tmp_path).summary
    assert summary.parts["propagation"].mean_s == pytest.approx(9e9, rel=1e-12)
    assert sum(part.mean_s for part in summary.parts.values()) == pytest.approx(summary.latency.mean_s, rel=1e-12)


def test_more_packets_than_can_be_told_are_refused(tmp_path: Path) -> None:
    data = cameras(requests=1)
    data["model"]["sections"]["device"]["features"] = "100 GB"
    data["topology"]["links"]["radio"]["mtu"] = "1 kB"
    data["topology"]["forwarding"] = "packet"
    with pytest.raises(UserError) as error:
        public.run(data, out=tmp_path)
    first = (
        "a message of 100,000,000,000 bytes from 'camera1' to 'cloud' is more than 1,000,000 packets of 1,000 bytes; "
        "give its links a larger 'mtu', or write 'forwarding: message'"
    )
    assert str(error.value).splitlines()[0] == first
    assert len(str(error.value).splitlines()) == 2, "each camera once"
    data["model"]["sections"]["device"]["features"] = "10 kB"
    assert public.run(data, out=tmp_path).summary.fates["answered"] == 1


def test_a_want_of_memory_is_told(ddnnsim, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def exhausted(*_: object, **__: object) -> None:
        raise MemoryError

    monkeypatch.setattr(experiment, "run", exhausted)
    (tmp_path / "a.yaml").write_text(written(cameras()))
    done = ddnnsim("run", "a.yaml", "--json")
    assert done.returncode == 1
    assert "not enough memory" in done.stdout
    assert done.stderr.startswith("not enough memory; ")


def written(data: dict[str, Any]) -> str:
    """Return *data* as a scenario file."""
    return dump(public.load(data))


def test_what_was_not_sent_or_given_is_not_drawn(tmp_path: Path) -> None:
    """Without a size of views there is no raw offload to compare with; with nothing sent there is an axis yet."""
    data = cameras()
    for until in ("1 ns", "drained"):
        result = public.run(data, out=tmp_path, **{"run.until": until})
        ax = Figure().subplots()
        draw_bytes(ax, bytes_data(result))
        assert not [text for text in ax.texts if "raw offload" in text.get_text()]
        assert ax.get_ylim()[1] > 0
        assert ax.get_xticklabels()[0].get_text() == "device"
        bars = Figure().subplots()
        draw_exits(bars, exits_data(result))
        assert bars.get_xlim() == (-0.6, 2.6), "the columns keep their places"


def troubled(*faults: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Return a scenario with *faults*, in which exits have deadlines."""
    data = cameras()
    for exit_ in data["exits"].values():
        exit_["deadline"] = "200 ms"
    return data | {"faults": list(faults)} | more


def refusal(data: dict[str, Any], out: Path) -> str:
    """Return what is said against *data* when it runs."""
    with pytest.raises(UserError) as error:
        public.run(data, out=out, again=True)
    assert not list(out.glob("*")), "nothing half-written"
    return str(error.value)


@pytest.mark.parametrize("when", [{"every": "2 ns", "for": "1 ns"}, {"mtbf": "1 ns", "mttr": "1 ns"}])
def test_spells_without_number_are_refused(
    when: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spells, "MOST_SPELLS", 1000)
    for extra in ({}, {"chance": 0}):
        said = refusal(troubled({"crash": "camera1"} | when | extra), tmp_path)
        assert said.startswith("faults: crash-camera1: more than 1,000 spells by ")
        assert said.endswith(" s; make its times longer")


def test_looks_at_queues_without_number_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sampling, "MOST_ROWS", 1000)
    said = refusal(troubled(run={"window": "1 ns"}), tmp_path)
    assert said.startswith("run.window: looks at ")
    assert " every 1e-09 s make more than 1,000 rows by " in said
    monkeypatch.setattr(sampling, "MOST_ROWS", 10_000)
    at_once = troubled({"crash": "camera1", "from": "1 ms"})
    at_once["workload"]["requests"] = 1  # at the very start, which says nothing of how long it takes
    assert public.run(at_once, out=tmp_path).summary.created == 1


def test_beats_without_number_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    beats_of = {"detector": {"period": "1 us", "timeout": "3 us", "size": "16 B"}}
    monkeypatch.setattr(beats, "MOST_UNDER_WAY", 100)
    said = refusal(troubled(recovery=beats_of), tmp_path)
    assert said.startswith("recovery.detector: more than 100 beats are under way by ")
    assert said.endswith(" s; write a longer period, or a smaller size")
    monkeypatch.setattr(beats, "MOST_BEATS", 50)
    said = refusal(troubled(recovery=beats_of), tmp_path)
    assert said.startswith("recovery.detector: more than 50 beats by ")


def test_beats_that_never_come_are_not_under_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(beats, "MOST_UNDER_WAY", 50)
    data = troubled(
        {"crash": "gate", "every": "300 ms", "for": "100 ms"},
        {"outage": "wan", "every": "150 ms", "for": "70 ms", "from": "30 ms"},
        {"partition": "camera1", "from": "1 s"},
        {"degrade": "radio", "loss": 0.5},
        recovery={"detector": {"period": "5 ms", "timeout": "30 ms"}, "reroute": True},
    )
    data["topology"]["links"]["wan"]["queue"] = 0
    nodes = data["topology"]["nodes"]
    nodes["cloud"] |= {"power": {"idle": "1 W"}, "battery": "1 J"}
    assert public.run(data, out=tmp_path).summary.simulated_s > 1.9
