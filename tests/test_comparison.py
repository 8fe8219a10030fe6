"""Two results side by side, and a result that is made again."""

from __future__ import annotations

import json
from math import sqrt
from pathlib import Path
from statistics import fmean, stdev

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from rich.console import Console
from scipy import stats

import ddnnsim as package
from ddnnsim.comparison import Comparison, Number, compare
from ddnnsim.errors import ResultError, UserError
from ddnnsim.inputs import digest
from ddnnsim.report.comparison import comparison_report
from ddnnsim.reproduction import reproduce
from ddnnsim.statistics import mean_interval, paired, unpaired

ROOT = Path(__file__).parents[1]
NUMBERS = ROOT / "scenarios" / "numbers.yaml"
RATE, LEAVE = "topology.links.wan.rate", "model.exits.local.leave"
T_OF_2 = 4.302652729911275
"""What Student's t with 2 degrees stays within with 95 %."""


@pytest.fixture
def run(tmp_path: Path):
    def call(**overrides: object) -> Path:
        return package.run(NUMBERS, out=tmp_path / "runs", **{"workload.requests": 30, **overrides}).path

    return call


# -- compare -----------------------------------------------------------------------------------


def test_two_runs_differ_in_settings_by_path_and_in_numbers(run) -> None:
    told = compare(run(), run(**{RATE: "500 kbit/s"}), ["latency.mean_s", "created"])
    assert told.settings == ((RATE, "1 Mbit/s", "500 kbit/s"),)
    latency, created = told.numbers
    assert latency.first.mean == package.load_result(run()).summary.latency.mean_s
    assert latency.difference.difference.mean == latency.second.mean - latency.first.mean > 0
    assert latency.difference.difference.half_width is None
    assert latency.differs
    assert not created.differs


def test_a_setting_that_one_has_not_is_none(run) -> None:
    told = compare(run(), run(**{"workload.deadline": "100 ms", "workload.reply_to": "gateway"}))
    assert ("workload.reply_to", None, "gateway") in told.settings
    assert ("workload.deadline", "250 ms", "100 ms") in told.settings


def swept(out: Path, rates: list[str], **overrides: object) -> Path:
    """Return the folder of a sweep over *rates* and two thresholds, in three replications."""
    grid = {RATE: rates, LEAVE: [0.3, 0.6]}
    overrides |= {"workload.requests": 30}
    return package.sweep(NUMBERS, grid, replications=3, out=out, workers=1, **overrides).path


def latencies(path: Path, point: int) -> list[float]:
    return [package.ResultSet.load(path).result(point, r).summary.latency.mean_s for r in range(3)]


def test_points_of_two_sweeps_are_paired_by_their_settings_and_seeds(tmp_path: Path) -> None:
    one = swept(tmp_path, ["1 Mbit/s", "2 Mbit/s"])
    other = swept(tmp_path, ["2 Mbit/s", "3 Mbit/s"], **{"topology.links.wan.delay": "30 ms"})
    told = compare(one, other, ["latency.mean_s"])
    assert ("topology.links.wan.delay", "20 ms", "30 ms") in told.settings
    assert [dict(number.place) for number in told.numbers] == [
        {RATE: "2 Mbit/s", LEAVE: "0.3"}, {RATE: "2 Mbit/s", LEAVE: "0.6"},
    ]  # fmt: skip
    differences = [b - a for a, b in zip(latencies(one, 2), latencies(other, 0), strict=True)]
    mean, deviation = fmean(differences), stdev(differences)
    pair = told.numbers[0].difference
    assert pair.difference.n == 3
    assert pair.difference.mean == pytest.approx(mean)
    assert pair.difference.half_width == pytest.approx(T_OF_2 * deviation / sqrt(3))
    assert pair.difference.mean == pytest.approx(0.7 * 0.01, rel=0.3)  # 70 % have 10 ms more before them
    assert [len(alone) for alone in told.alone] == [2, 2]


def test_sweeps_without_common_seeds_are_compared_as_independent_runs(ddnnsim, tmp_path: Path) -> None:
    few = package.sweep(NUMBERS, {LEAVE: [0.3]}, replications=2, out=tmp_path, workers=1, **{"workload.requests": 30})
    many = package.sweep(
        NUMBERS, {LEAVE: [0.3]}, replications=3, out=tmp_path, workers=1,
        **{"workload.requests": 30, "run.seed": 99, "topology.links.wan.delay": "30 ms"},
    )  # fmt: skip
    (number,) = compare(few.path, many.path, ["latency.mean_s"]).numbers
    assert (number.difference, number.pairs) == (None, None)
    one, other = (of.to_pandas()["latency.mean_s"] for of in (few, many))
    interval = stats.ttest_ind(other, one, equal_var=False).confidence_interval(0.95)
    assert (number.change.low, number.change.high) == (pytest.approx(interval.low), pytest.approx(interval.high))
    told = " ".join(ddnnsim("compare", few.path, many.path, "--of", "latency.mean_s").stdout.split())
    assert "one run each" not in told
    assert "runs of the first and of the second: 2, 3" in told
    assert "of independent runs, by Welch" in told
    assert told.count(" ± ") >= 4, "of the first, of the second, of the difference, and in the caption"


def test_how_many_runs_are_behind_a_number_is_told_number_by_number() -> None:
    of_two = Number((), "accuracy", *map(mean_interval, ([0.5, 0.6], [0.7, 0.8])), paired([0.5, 0.6], [0.7, 0.8]), None)
    apart = unpaired([0.5], [0.7, 0.8, 0.9])
    of_fewer = Number((), "availability", *map(mean_interval, ([0.5], [0.7, 0.8, 0.9])), None, apart)
    console = Console(width=120)
    with console.capture() as told:
        for part in comparison_report(Comparison((), (of_two, of_fewer), ((), ()))):
            console.print(part)
    text = " ".join(told.get().split())
    assert "2, 2 (2 pairs)" in text
    assert "1, 3" in text
    assert "of pairs of runs with the same seed, else of independent runs, by Welch" in text


def test_two_points_of_one_sweep_are_chosen_by_settings(ddnnsim, tmp_path: Path) -> None:
    path = swept(tmp_path / "one", ["1 Mbit/s"])
    told = compare(path, path, ["latency.mean_s"], {LEAVE: "0.3"}, {LEAVE: "60 %"})
    assert told.settings == ((LEAVE, "0.3", "60 %"),)
    (number,) = told.numbers
    assert number.place == ((RATE, "1 Mbit/s"),)
    assert number.difference.difference.mean == pytest.approx(fmean(latencies(path, 1)) - fmean(latencies(path, 0)))
    done = ddnnsim("compare", path, path, "--first", f"{LEAVE}=0.3", "--second", f"{LEAVE}=0.6")
    assert "(3 pairs)" in " ".join(done.stdout.split())
    assert "+" not in done.stdout.split("latency.mean_s")[1].splitlines()[0]  # fewer go up, and it takes less time


def test_points_that_are_not_in_both_are_refused(run, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"no point is in both: .* has .* and 1 more; .* has one point"):
        compare(swept(tmp_path, ["1 Mbit/s"]), run())


def test_the_command_tells_and_as_json_too(ddnnsim, run) -> None:
    first, second = run(), run(**{"run.seed": 2})
    done = ddnnsim("compare", first, second)
    assert done.returncode == 0
    assert "run.seed" in done.stdout
    assert "latency.mean_s (ms)" in done.stdout
    document = json.loads(ddnnsim("compare", first, second, "--of", "accuracy", "--json").stdout)
    assert document["settings"] == [["run.seed", "1", "2"]] or document["settings"][0]["path"] == "run.seed"
    same = ddnnsim("compare", first, first).stdout
    assert "Settings: the same" in same
    assert "numbers are the same" in same
    assert "did you mean" in ddnnsim("compare", first, second, "--of", "acuracy").stderr


# -- reproduce ---------------------------------------------------------------------------------


def test_a_run_comes_out_the_same_byte_by_byte(ddnnsim, run) -> None:
    path = run(**{"run.record": "messages", "topology.nodes.cloud.power": {"idle": "1 W"}})
    done = ddnnsim("reproduce", path, "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["equal"]
    assert told["changes"] == []
    assert {"messages.parquet", "requests.parquet", "scenario.yaml", "summary.json"} <= {
        f["name"] for f in told["files"]
    }
    assert (Path(told["path"]) / "requests.parquet").read_bytes() == (path / "requests.parquet").read_bytes()


def told_otherwise(path: Path, **changes: object) -> None:
    """Change the manifest of the run in *path*."""
    manifest = json.loads((path / "manifest.json").read_text())
    (path / "manifest.json").write_text(json.dumps(manifest | changes))


def test_what_differs_is_named_with_what_changed_since(ddnnsim, run) -> None:
    path = run()
    manifest = json.loads((path / "manifest.json").read_text())
    table = pq.read_table(path / "requests.parquet")
    pq.write_table(table, path / "requests.parquet", compression="none")
    at = table.column_names.index("captured_ns")
    later = pa.array([value + 1 for value in table["captured_ns"].to_pylist()], table["captured_ns"].type)
    pq.write_table(table.set_column(at, "captured_ns", later), path / "routes.parquet")
    hashes = manifest["files_sha256"] | {name: digest(path / name) for name in ("requests.parquet", "routes.parquet")}
    told_otherwise(path, files_sha256=hashes, versions=manifest["versions"] | {"numpy": "1.0"})
    done = ddnnsim("reproduce", path, "--out", "elsewhere")
    assert done.returncode == 1
    assert "requests.parquet: equal values in other bytes" in done.stdout
    assert "routes.parquet: different" in done.stdout
    assert "numpy" in done.stdout
    assert ddnnsim("reproduce", path, "--out", "elsewhere", "--quiet").stdout == ""


def test_a_result_that_was_changed_by_hand_is_refused(run) -> None:
    path = run()
    (path / "summary.json").write_text("{}")
    with pytest.raises(ResultError, match=r"summary\.json: not as it was saved"):
        reproduce(path, path.parent / "again")
    told_otherwise(path, files_sha256={})
    with pytest.raises(ResultError, match="no hashes"):
        reproduce(path, path.parent / "again")


def test_the_original_is_never_in_the_way(run) -> None:
    path = run()
    before = {file.name: file.read_bytes() for file in path.iterdir() if file.is_file()}
    with pytest.raises(UserError, match="name another folder"):
        reproduce(path, path.parent)
    assert {file.name: file.read_bytes() for file in path.iterdir() if file.is_file()} == before


def test_inputs_that_changed_since_are_named(run, tmp_path: Path) -> None:
    trace = tmp_path / "trace.csv"
    trace.write_text("time_s,rate_bps\n0,1000000\n1,500000\n")
    wan = {"from": "gateway", "to": "cloud", "trace": {"file": str(trace), "cyclic": True}, "delay": "20 ms"}
    path = run(**{"topology.links.wan": wan})
    assert reproduce(path, tmp_path / "again").equal
    trace.write_text("time_s,rate_bps\n0,100000\n1,500000\n")
    told = reproduce(path, tmp_path / "again")
    assert not told.equal
    assert [change.what for change in told.changes] == [str(trace)]


@pytest.mark.slow
def test_times_that_were_measured_are_taken_from_the_manifest(tmp_path: Path) -> None:
    overrides = {
        "workload.requests": 30,
        "topology.nodes.cloud": {"tier": "cloud", "measured": 1},
        "model.training.epochs": 1,
    }
    path = package.run(ROOT / "scenarios" / "quickstart.yaml", out=tmp_path / "runs", **overrides).path
    times = json.loads((path / "manifest.json").read_text())["section_times_ns"]
    assert reproduce(path, tmp_path / "again").equal
    told_otherwise(path, section_times_ns={level: [10 * ns for ns in of] for level, of in times.items()})
    assert not reproduce(path, tmp_path / "again").equal


def test_a_sweep_is_done_again_job_by_job(ddnnsim, tmp_path: Path) -> None:
    path = swept(tmp_path / "runs", ["1 Mbit/s"])
    done = ddnnsim("reproduce", path, "--workers", "1")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "41 of 41 files are equal" in done.stdout  # five of the sweep, and six of each of six runs
    assert (path / "results.csv").read_bytes() == (Path("reproduced") / path.name / "results.csv").read_bytes()
    refused = ddnnsim("reproduce", path, "--workers", "1")
    assert "has been made before" in refused.stderr


def test_a_sweep_over_what_makes_its_topology_is_done_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the scenario as it is resolved, neither the graph nor the default of a medium can be told."""
    monkeypatch.chdir(tmp_path)
    of_cells = {"topology.graph.kind": "tree", "topology.graph.fan_out": [2, 2], "workload.requests": 20}
    fans = [{"label": "as it is"}, {"label": "wide", "topology.graph.fan_out": [2, 4]}]
    medium = "topology.defaults.link_from.device.medium"
    radio = {"list": [*fans, {"label": "shared", medium: "shared"}]}
    path = package.sweep(ROOT / "scenarios" / "city.yaml", **radio, out="runs", workers=1, **of_cells).path
    assert reproduce(path, tmp_path / "again").equal
    result_set = package.ResultSet.load(path)
    assert [*result_set.points["topology.graph.fan_out"]] == ["[2, 2]", "[2, 4]", "[2, 2]"]
    assert len(result_set.scenario.topology.nodes) == 5  # with its two groups of devices


def test_what_a_point_leaves_to_a_default_is_told(tmp_path: Path) -> None:
    medium = {"topology.links.radio.medium": "shared"}
    listed = [{"label": "own"}, {"label": "shared", **medium}]
    result_set = package.sweep(NUMBERS, list=listed, out=tmp_path / "runs", workers=1, **{"workload.requests": 9})
    assert [*result_set.points[next(iter(medium))]] == ["dedicated", "shared"]
    assert reproduce(result_set.path, tmp_path / "again").equal


def test_a_sweep_is_done_again_though_another_was_that_shares_its_points(tmp_path: Path) -> None:
    for rates in (["1 Mbit/s"], ["1 Mbit/s", "2 Mbit/s"]):
        told = reproduce(swept(tmp_path / "runs", rates), tmp_path / "again")
        assert told.equal
    files = list((told.path / "runs").rglob("*.parquet"))
    assert len(files) >= 12 * 4
    assert all(file.stat().st_nlink == 1 for file in files), "none of them is another sweep's"
