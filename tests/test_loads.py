"""Loads from a scenario to what happens: captures that are apart, views alone, and users who wait."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from profiled import numbers

import ddnnsim
from ddnnsim.distribution import Distribution
from ddnnsim.plot.figures import bytes_data
from ddnnsim.results import Result
from ddnnsim.scenario import scenario_hash
from ddnnsim.seeds import stream

MS = 10**6
SUMMARY_MS = 0.32
"""40 B over 1 Mbit/s."""


def loaded(workload: dict[str, Any], out: Path, **changes: object) -> Result:
    """Return a run of two devices whose sections take 3 ms each, that all leave at the local exit, under *workload*."""
    data = numbers("c")
    data["model"]["sections"]["device"] = {"service": "3 ms", "features": "140 B"}
    data["model"]["exits"]["local"] = {"leave": 1.0, "accuracy": 0.9}
    data["topology"]["links"]["radio"]["rate"] = "1 Mbit/s"
    data["workload"] = workload
    return ddnnsim.run(data, out=out, **changes)


def latencies(result: Result) -> list[int]:
    return (result.requests["answered_ns"] - result.requests["captured_ns"]).tolist()


def test_an_exit_waits_for_the_last_capture(tmp_path: Path) -> None:
    workload = {"arrivals": "periodic", "every": "1 s", "jitter": {"uniform": ["0 ms", "30 ms"]}, "requests": 50}
    result = loaded(workload, tmp_path)
    lags = [Distribution("uniform", (0.0, 0.03)).draw_ns(stream(0, f"capture/camera{d}"), 50) for d in (1, 2)]
    first, last = np.min(lags, axis=0), np.max(lags, axis=0)
    assert result.requests["captured_ns"].tolist() == (np.arange(50) * 1000 * MS + first).tolist()
    assert latencies(result) == (last - first + int((3 + SUMMARY_MS) * MS)).tolist()


def test_a_capture_alone_is_a_request_of_one_view(tmp_path: Path) -> None:
    workload = {"arrivals": "poisson", "rate": "5 /s", "capture": "each", "requests": 200}
    result = loaded(workload, tmp_path)
    views = result.requests["views"].astype(str)
    assert set(views) == {"10", "01"}
    assert 70 < (views == "10").sum() < 130
    jobs = result.nodes.set_index("node")["jobs"]
    assert jobs["camera1"] == (views == "10").sum()
    assert jobs["camera1"] + jobs["camera2"] == 200
    assert result.nodes["captures"].tolist()[:2] == jobs[["camera1", "camera2"]].tolist()
    told = result.summary.bytes
    assert (told.captures, told.per_sample_per_device) == (200, 40.0), "scores of ten classes, each view once"
    assert set(bytes_data(result)["raw_offload"]) == {told.raw_per_sample_per_device}, "a request has one view"


def test_a_window_parts_a_scene(tmp_path: Path) -> None:
    workload = {"arrivals": "periodic", "every": "1 s", "phase": {"camera2": "20 ms"}, "requests": 10}
    apart = loaded(workload | {"capture": "window", "window": "19 ms"}, tmp_path)
    assert apart.requests["views"].astype(str).tolist() == ["10", "01"] * 5
    assert set(latencies(apart)) == {int((3 + SUMMARY_MS) * MS)}
    together = loaded(workload | {"capture": "window", "window": "20 ms"}, tmp_path)
    assert together.requests["views"].astype(str).tolist() == ["11"] * 10
    assert set(latencies(together)) == {int((23 + SUMMARY_MS) * MS)}


@pytest.mark.parametrize("reply", [{}, {"reply_to": "cloud"}], ids=["answer", "reply"])
def test_users_think_from_their_answers_on(tmp_path: Path, reply: dict[str, str]) -> None:
    workload = {"arrivals": "closed", "users": 3, "think": "1 s", "requests": 60} | reply
    result = loaded(workload, tmp_path)
    done = result.requests["replied_ns" if reply else "answered_ns"].tolist()
    captured = result.requests["captured_ns"].tolist()
    assert captured[:3] == [1000 * MS] * 3
    assert captured[3:] == [at + 1000 * MS for at in sorted(done)[:57]]
    assert result.requests["sample"].tolist() == list(range(60)), "each request is a sample of its own"


def test_a_file_of_times_is_looked_for_beside_the_scenario_and_watched(tmp_path: Path) -> None:
    from ddnnsim.scenario import dump, load_scenario

    data = numbers("c")
    data["workload"] = {"arrivals": "file", "path": "times.csv", "requests": 3}
    path = tmp_path / "sub" / "s.yaml"
    path.parent.mkdir()
    text = dump(load_scenario(data))
    path.write_text(text.replace(str(Path("times.csv").resolve()), "times.csv"))
    times = path.parent / "times.csv"
    times.write_text("time_s\n0.5\n0.25e1\n3\n")
    result = ddnnsim.run(path, out=tmp_path)
    assert result.requests["captured_ns"].tolist() == [500 * MS, 2500 * MS, 3000 * MS]
    assert list(result.manifest["inputs_sha256"]) == [str(times.resolve())]
    assert ddnnsim.run(path, out=tmp_path).manifest == result.manifest, "it is finished"
    times.write_text("time_s\n0.5\n2.5\n4\n")
    assert ddnnsim.run(path, out=tmp_path).requests["captured_ns"].tolist()[-1] == 4000 * MS
    times.write_text("time_s\n1\n0.5\n")
    data = {"source": "npz", "path": "gone.npz", "classes": ["a", "b"], "shape": [1, 8, 8], "views": 2}
    network = {"levels": {"device": {"convp": [4]}, "cloud": {"convp": [4]}}}
    untrained = ddnnsim.load(path, {"data": data, "model": network, "exits.local.threshold": 0.5})
    with pytest.raises(ddnnsim.DataError, match=r"sub/times.csv:3: 0.5 s is earlier than what is above it"):
        ddnnsim.run(untrained, out=tmp_path)  # before data are looked for
    with pytest.raises(ddnnsim.DataError, match=r"sub/times.csv:3: 0.5 s is earlier than what is above it"):
        ddnnsim.run(path, out=tmp_path)


def test_a_deadline_changes_nothing_that_happens(tmp_path: Path) -> None:
    workload = {"arrivals": "poisson", "rate": "5 /s", "requests": 50}
    without, with_one = loaded(workload, tmp_path), loaded(workload | {"deadline": "4 ms"}, tmp_path)
    assert scenario_hash(without.scenario) != scenario_hash(with_one.scenario)
    assert with_one.scenario.workload.deadline_ns == 4 * MS
    assert without.requests["answered_ns"].tolist() == with_one.requests["answered_ns"].tolist()
    assert without.summary.timeliness is None
    assert with_one.summary.timeliness is not None
    assert with_one.summary.timeliness.in_time == np.mean([latency <= 4 * MS for latency in latencies(with_one)])
