"""A sweep from end to end: seeds, points that equal plain runs, tables, rounds until a mean is known, and errors."""

from __future__ import annotations

import hashlib
import json
from math import isnan, nan, sqrt
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from many import NUMBERS, records

import ddnnsim
from ddnnsim.errors import ResultError, ScenarioError, UserError
from ddnnsim.sweeps import load_plan
from ddnnsim.sweeps.numbers import numbers_of
from ddnnsim.sweeps.plan import replication_seed
from ddnnsim.sweeps.rows import Row
from ddnnsim.sweeps.tables import estimate_table, tidy_table

FEW = {"workload.requests": 60}
GRID = {"topology.links.wan.rate": ["100 kbit/s", "1 Mbit/s"]}


@pytest.fixture(scope="module")
def few(tmp_path_factory: pytest.TempPathFactory) -> ddnnsim.ResultSet:
    """Return two points in three replications."""
    out = tmp_path_factory.mktemp("few")
    return ddnnsim.sweep(NUMBERS, GRID, replications=3, out=out, workers=1, **FEW)


def test_the_seed_of_a_replication_is_that_of_its_stream() -> None:
    words = np.frombuffer(hashlib.sha256(b"replication/2").digest(), "<u4").tolist()
    draws = np.random.default_rng(np.random.SeedSequence(7, spawn_key=words))
    assert replication_seed(7, 2) == draws.integers(0, 2**63, dtype=np.uint64)
    assert replication_seed(7, 0) == 7
    seeds = [replication_seed(seed, replication) for seed in (0, 1, 7) for replication in range(50)]
    assert len(set(seeds)) == 150
    assert all(0 <= seed < 2**63 for seed in seeds)


def test_replications_have_the_same_seeds_at_all_points_and_more_leave_the_first_as_they_are() -> None:
    plans = [load_plan(NUMBERS, {**FEW, "sweep.grid": GRID, "run.replications": count}) for count in (2, 4)]
    seeds = [[(job.point, job.replication, job.seed) for job in plan.first_jobs] for plan in plans]
    assert seeds[1] == [(point, r, replication_seed(1, r)) for point in (0, 1) for r in range(4)]
    assert seeds[0] == [told for told in seeds[1] if told[1] < 2]
    assert [job.number for job in plans[1].first_jobs] == list(range(8))
    assert all(job.scenario.run.seed == job.seed for job in plans[1].first_jobs)
    assert plans[0].name == plans[1].name, "the same folder: more replications go on where fewer were"
    swept = load_plan(NUMBERS, {**FEW, "sweep.grid": {"run.seed": [4, 5]}, "run.replications": 2})
    assert [job.seed for job in swept.first_jobs] == [4, replication_seed(4, 1), 5, replication_seed(5, 1)]


def test_each_job_is_the_plain_run_of_its_settings_byte_by_byte(few: ddnnsim.ResultSet, tmp_path: Path) -> None:
    for job in few.jobs.to_dict("records"):
        rate = GRID["topology.links.wan.rate"][job["point"]]
        alone = ddnnsim.run(NUMBERS, out=tmp_path, **FEW, **{"topology.links.wan.rate": rate, "run.seed": job["seed"]})
        assert alone.path.name == job["run"]
    assert records(tmp_path) == records(few.path / "runs")


def test_the_tidy_table_has_values_in_si_units_and_the_numbers_of_each_run(few: ddnnsim.ResultSet) -> None:
    table = few.to_pandas()
    assert table.columns[:4].tolist() == ["point", "replication", "label", "topology.links.wan.rate"]
    assert table["topology.links.wan.rate"].tolist() == [1e5] * 3 + [1e6] * 3
    assert table["label"].tolist() == [""] * 6
    for row in table.to_dict("records"):
        summary = few.result(row["point"], row["replication"]).summary
        assert row["latency.p95_s"] == summary.latency.p95_s
        assert row["exits.local.share"] == summary.exits["local"].share
        assert row["bytes.carried.features"] == summary.bytes.carried["features"]
        assert row["timeliness.in_time"] == summary.timeliness.in_time
        assert row["simulated_s"] == summary.simulated_s
    assert not [name for name in table if name.startswith(("links.", "nodes.", "circumstances", "parts"))]
    more = few.to_pandas("nodes.cloud.utilisation", "links.gateway>cloud")
    assert [name for name in more if name.startswith("nodes.")] == ["nodes.cloud.utilisation"]
    assert more["links.gateway>cloud.messages"].tolist() == [
        few.result(point, replication).summary.links["gateway>cloud"].messages
        for point in (0, 1)
        for replication in range(3)
    ]
    with pytest.raises(ResultError, match=r"no number 'nodes\.clod'"):
        few.to_pandas("nodes.clod")


def test_the_folder_has_all_tables_and_is_read_again(few: ddnnsim.ResultSet) -> None:
    files = ["jobs.csv", "manifest.json", "points.csv", "results.csv", "runs", "scenario.yaml", "summary.csv"]
    assert sorted(path.name for path in few.path.iterdir()) == files
    again = ddnnsim.ResultSet.load(few.path)
    pd.testing.assert_frame_equal(again.to_pandas(), few.to_pandas())
    read = pd.read_csv(few.path / "results.csv", dtype={"label": str}).fillna({"label": ""})
    pd.testing.assert_frame_equal(read, few.to_pandas(), check_dtype=False)
    assert (few.path / "points.csv").read_text() == (
        "point,label,topology.links.wan.rate\n0,,100 kbit/s\n1,,1 Mbit/s\n"
    )
    head, first, *_ = (few.path / "jobs.csv").read_text().splitlines()
    assert (head, first) == ("point,replication,seed,run,error", f"0,0,1,{few.result(0, 0).path.name},")
    for name, digest in few.manifest["files_sha256"].items():
        assert hashlib.sha256((few.path / name).read_bytes()).hexdigest() == digest
    for job in few.manifest["jobs"]:
        for name, digest in job["files_sha256"].items():
            assert hashlib.sha256((few.path / "runs" / job["run"] / name).read_bytes()).hexdigest() == digest
    assert few.scenario.run.replications == 3
    assert load_plan(few.scenario).name == few.path.name, "what was kept asks for the same"


def test_the_summary_has_the_interval_of_student_over_replications(few: ddnnsim.ResultSet) -> None:
    summary = few.summary.set_index(["point", "number"])
    for point in (0, 1):
        values = [few.result(point, replication).summary.latency.mean_s for replication in range(3)]
        mean = sum(values) / 3
        half = 4.302652729911275 * sqrt(sum((value - mean) ** 2 for value in values) / 2 / 3)  # t of 2 degrees
        told = summary.loc[(point, "latency.mean_s")]
        assert told["n"] == 3
        assert [told["mean"], told["low"], told["high"]] == pytest.approx([mean, mean - half, mean + half], rel=1e-12)
    assert (
        (few.path / "summary.csv").read_text().startswith("point,number,n,mean,low,high\n0,created,3,60.0,60.0,60.0\n")
    )


def test_tables_by_hand() -> None:
    points = [
        {"number": 0, "label": "a", "values": {"x.rate": "2 kbit/s", "y": None, "z": {"k": [1]}, "w": True}},
        {"number": 1, "label": "b", "values": {"x.rate": "1 /min", "y": "70 %", "z": "text", "w": 5}},
    ]
    rows = [Row(0, 0, {"n": 1, "m": None}), Row(0, 1, {"n": 2, "m": None}), Row(1, 0, {"n": 4, "o": 0.5})]
    table = tidy_table(points, rows).astype(object)
    assert table.columns.tolist() == ["point", "replication", "label", "x.rate", "y", "z", "w", "n", "m", "o"]
    told = [[None if isinstance(value, float) and isnan(value) else value for value in row] for row in table.to_numpy()]
    assert told == [
        [0, 0, "a", 2000.0, None, '{"k": [1]}', True, 1, None, None],
        [0, 1, "a", 2000.0, None, '{"k": [1]}', True, 2, None, None],
        [1, 0, "b", 1 / 60, 0.7, "text", 5, 4, None, 0.5],
    ]
    estimates = estimate_table(rows).to_numpy().tolist()
    half = 12.706204736174707 * sqrt(0.5 / 2)  # t of 1 degree
    assert estimates[0][:4] == [0, "n", 2, 1.5]
    assert estimates[0][4:] == pytest.approx([1.5 - half, 1.5 + half])
    assert str(estimates[1:]) == str(
        [[0, "m", 0, nan, nan, nan], [1, "n", 1, 4.0, nan, nan], [1, "o", 1, 0.5, nan, nan]]
    )


def test_precision_adds_replications_until_the_mean_is_known(tmp_path: Path) -> None:
    precision = {"of": "latency.mean_s", "within": "10 %", "least": 3, "most": 12}
    known = ddnnsim.sweep(NUMBERS, GRID, out=tmp_path, workers=1, **FEW, **{"run.precision": precision})
    counts = known.jobs.groupby("point").size()
    for row in known.summary[known.summary["number"] == "latency.mean_s"].to_dict("records"):
        count = counts[row["point"]]
        assert 3 <= count <= 12
        assert count == row["n"]
        assert count == 12 or (row["high"] - row["low"]) / 2 <= 0.1 * row["mean"]
    assert counts.max() > 3, "or nothing was added"
    fixed = ddnnsim.sweep(NUMBERS, GRID, out=tmp_path, workers=1, replications=3, **FEW)
    first = known.to_pandas().query("replication < 3").reset_index(drop=True)
    pd.testing.assert_frame_equal(fixed.to_pandas(), first)
    assert len(list((fixed.path / "runs").iterdir())) == len(known.jobs), "nothing was run again"


@pytest.mark.parametrize(
    ("wanted", "instead"),
    [
        ("latency.p96_s", "did you mean 'latency.p9"),
        ("parts.service.share", "write e.g. 'latency.mean_s'"),
        ("links.a>b.jobs", ""),
    ],
)
def test_a_precision_of_what_no_run_has_is_refused(wanted: str, instead: str) -> None:
    with pytest.raises(ScenarioError) as error:
        load_plan(NUMBERS, {"run.precision": {"of": wanted, "within": 0.1}})
    assert str(error.value).startswith(f"run.precision: '{wanted}' is no number of a summary; {instead}")


@pytest.mark.parametrize("letter", "acf")
def test_every_number_of_a_run_is_one_that_a_precision_may_be_of(letter: str, tmp_path: Path) -> None:
    from profiled import numbers

    data = numbers(letter) | {
        "faults": [{"crash": "camera1" if letter != "f" else "north1", "from": "1 s", "until": "2 s"}]
    }
    data["workload"] |= {"requests": 20, "deadline": "1 s"}
    data["run"] = {"record": "messages", "warmup": "1 s"}
    for path in numbers_of(ddnnsim.run(data, out=tmp_path).summary):
        load_plan(data, {"run.precision": {"of": path, "within": 0.1}})


def test_a_job_that_fails_is_told_and_the_others_are_there(tmp_path: Path, ddnnsim, capsys) -> None:
    (tmp_path / "s.yaml").write_text(
        NUMBERS.read_text().replace("requests: 2000", "requests: 20") + "sweep:\n  list:\n    - {label: whole}\n"
        "    - {label: gone, topology.links.wan: {from: gateway, to: cloud, trace: {file: no}}}\n"
    )
    done = ddnnsim("run", "s.yaml", "--workers", "1", "--json")
    assert done.returncode == 3
    told = json.loads(done.stdout)
    assert [(job["point"], job["replication"], job["run"]) for job in told["failed"]] == [(1, 0, None)]
    assert "no" in told["failed"][0]["error"]
    rows = (Path(told["path"]) / "jobs.csv").read_text().splitlines()
    assert rows[1].startswith("0,0,1,numbers-")
    assert rows[2].startswith("1,0,1,,")
    assert len((Path(told["path"]) / "results.csv").read_text().splitlines()) == 2


def test_commands(tmp_path: Path, ddnnsim) -> None:
    (tmp_path / "s.yaml").write_text(NUMBERS.read_text().replace("requests: 2000", "requests: 20"))
    many = ("--set", "sweep.grid.topology.links.wan.rate=[1 Mbit/s, 2 Mbit/s]", "--set", "run.replications=2")
    shown = ddnnsim("run", "s.yaml", "--workers", "1", *many)
    assert shown.returncode == 0
    assert "numbers-sweep-" in shown.stdout
    assert "(4 of 4 jobs)" in shown.stdout
    assert ddnnsim("run", "s.yaml", "--again", *many).stderr == (
        "s.yaml: --again and --trace are for one run, and it asks for many; add --set sweep=null, or "
        "--set run.replications=null\n"
    )
    faulty = ddnnsim("validate", "s.yaml", "--set", "sweep.grid.topology.links.wan.rate=[1 Mbit/s, 0 bit/s]")
    assert faulty.returncode == 1
    assert "'0 bit/s' is less than 1 bit/s (in point 1)" in faulty.stderr
    assert ddnnsim("validate", "s.yaml", *many).stdout == "s.yaml: valid\n"


def test_one_run_of_what_asks_for_many_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"asks for many runs, and this is one; use ddnnsim\.sweep"):
        ddnnsim.run(NUMBERS, out=tmp_path, **{"run.replications": 2})
    ddnnsim.run(NUMBERS, out=tmp_path, **FEW, **{"run.replications": 1})


def test_what_python_gives_comes_beside_what_the_file_sweeps(tmp_path: Path) -> None:
    data = {"sweep.grid": {"run.seed": [1, 2]}, "sweep.zip": {"exits.cloud.deadline": ["1 s", "2 s"]}, **FEW}
    beside = ddnnsim.sweep(
        NUMBERS,
        {"model.exits.local.leave": np.linspace(0.2, 0.4, 2), "run.seed": range(5, 6)},
        zip={"exits.local.deadline": ("300 ms", "400 ms")},
        list=[{"label": "a"}],
        out=tmp_path,
        workers=1,
        **data,
    )
    assert [tuple(row) for row in beside.points.to_numpy()] == [
        (number, "a", 5, leave, up, local)
        for number, (leave, (up, local)) in enumerate(
            (leave, both) for leave in (0.2, 0.4) for both in (("1 s", "300 ms"), ("2 s", "400 ms"))
        )
    ]
    with pytest.raises(ScenarioError, match="5 is not a list"):
        ddnnsim.sweep(NUMBERS, {"run.seed": 5})
    with pytest.raises(ScenarioError, match="'abc' is not a list"):
        ddnnsim.sweep(NUMBERS, {"run.seed": "abc"})


def test_what_is_no_result_set_is_refused(tmp_path: Path, few: ddnnsim.ResultSet) -> None:
    with pytest.raises(ResultError, match="not the folder of a sweep that is finished; 'ddnnsim run' makes it"):
        ddnnsim.ResultSet.load(tmp_path)
    with pytest.raises(ResultError, match="not the folder of a sweep"):
        ddnnsim.ResultSet.load(few.result().path)
    with pytest.raises(ResultError, match="no point 5 with a replication 0"):
        few.result(5)
    (tmp_path / "manifest.json").write_text("{")
    with pytest.raises(ResultError, match="damaged; run the sweep again"):
        ddnnsim.ResultSet.load(tmp_path)
