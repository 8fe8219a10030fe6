"""The command line as a person uses it, on the quickstart with fewer requests and epochs."""

from __future__ import annotations

import hashlib
import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pyarrow.parquet as pq
import pytest

ROOT = Path(__file__).parents[1]
QUICKSTART = ROOT / "scenarios" / "quickstart.yaml"
NUMBERS = ROOT / "scenarios" / "numbers.yaml"
SHORT = ("--set", "model.training.epochs=2", "--set", "workload.requests=300")


def result_folder(tmp_path: Path) -> Path:
    (folder,) = (tmp_path / "results").iterdir()
    return folder


def test_run_leaves_a_whole_result(ddnnsim, tmp_path: Path) -> None:
    done = ddnnsim("run", QUICKSTART, *SHORT)
    assert done.returncode == 0, done.stderr
    folder = result_folder(tmp_path)
    assert folder.name.startswith("quickstart-")
    assert len(folder.name) == len("quickstart-") + 12
    figures = {
        f"{name}.{end}"
        for name in ("latency_cdf", "bytes_per_tier", "accuracy_and_share")
        for end in ("pdf", "png", "csv")
    }
    assert {path.name for path in folder.iterdir()} == {
        "manifest.json",
        "scenario.yaml",
        "summary.json",
        "requests.parquet",
        "links.parquet",
        "nodes.parquet",
        "routes.parquet",
        "figures",
    }
    assert {path.name for path in (folder / "figures").iterdir()} == figures
    for words in ("local", "cloud", "overall", "p95", "raw offload", str(folder.name)):
        assert words in done.stdout


def test_a_finished_result_is_shown_and_not_made_again(ddnnsim, tmp_path: Path) -> None:
    first = ddnnsim("run", QUICKSTART, *SHORT, "--json")
    assert first.returncode == 0, first.stderr
    manifest = result_folder(tmp_path) / "manifest.json"
    made = manifest.read_text()
    second = ddnnsim("run", QUICKSTART, *SHORT, "--json")
    assert json.loads(second.stdout) == {**json.loads(first.stdout), "finished_before": True}
    assert manifest.read_text() == made
    assert "finished before" in ddnnsim("run", QUICKSTART, *SHORT).stdout
    again = ddnnsim("run", QUICKSTART, *SHORT, "--again", "--json")
    assert json.loads(again.stdout) == json.loads(first.stdout)
    assert json.loads(manifest.read_text())["weights"]["cached"] is True
    old, new = json.loads(made), json.loads(manifest.read_text())
    assert new["files_sha256"] == old["files_sha256"], "the same scenario and seeds give the same bytes"


def test_another_seed_is_another_result(ddnnsim, tmp_path: Path) -> None:
    for seed in ("1", "2"):
        assert ddnnsim("run", QUICKSTART, *SHORT, "--quiet", "--seed", seed).returncode == 0
    one, two = sorted((tmp_path / "results").iterdir())
    times = [pq.read_table(folder / "requests.parquet")["captured_ns"].to_pylist() for folder in (one, two)]
    assert times[0] != times[1]


def test_the_saved_scenario_runs_by_itself_to_the_same_result(ddnnsim, tmp_path: Path) -> None:
    assert ddnnsim("run", QUICKSTART, *SHORT, "--quiet").returncode == 0
    folder = result_folder(tmp_path)
    done = ddnnsim("run", folder / "scenario.yaml", "--out", tmp_path / "other", "--quiet")
    assert done.returncode == 0, done.stderr
    (other,) = (tmp_path / "other").iterdir()
    assert other.name == folder.name
    assert (other / "requests.parquet").read_bytes() == (folder / "requests.parquet").read_bytes()


def test_faults_are_all_told_and_nothing_is_written(ddnnsim, tmp_path: Path) -> None:
    words = ("--set", "exits.local.threshold=2", "--set", "topology.links.wan.rate=10 MB/s")
    done = ddnnsim("run", QUICKSTART, *words)
    assert done.returncode == 1
    assert done.stdout == ""
    assert [line.split(":")[0] for line in done.stderr.splitlines()] == [
        "--set exits.local.threshold=2",
        "--set topology.links.wan.rate=10 MB/s",
    ]
    assert list(tmp_path.iterdir()) == []
    as_json = ddnnsim("run", QUICKSTART, *words, "--json")
    assert as_json.returncode == 1
    assert len(json.loads(as_json.stdout)["errors"]) == 2


def test_a_folder_without_a_result_is_told(ddnnsim, tmp_path: Path) -> None:
    done = ddnnsim("plot", tmp_path)
    assert done.returncode == 1
    assert "no manifest.json" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_damaged_result_is_told_and_can_be_made_anew(ddnnsim, tmp_path: Path) -> None:
    assert ddnnsim("run", QUICKSTART, *SHORT, "--quiet").returncode == 0
    folder = result_folder(tmp_path)
    for name in ("links.parquet", "summary.json"):
        whole = (folder / name).read_bytes()
        (folder / name).write_bytes(whole[: len(whole) // 2])
        done = ddnnsim("plot", folder, "--json")
        assert done.returncode == 1
        assert f"{name}: damaged" in json.loads(done.stdout)["errors"][0]["what"]
        (folder / name).unlink()
        assert f"no {name}" in ddnnsim("plot", folder).stderr
        assert ddnnsim("run", QUICKSTART, *SHORT, "--quiet").returncode == 0
        assert (folder / name).read_bytes() == whole


def test_a_result_of_another_version_is_told(ddnnsim, tmp_path: Path) -> None:
    assert ddnnsim("run", QUICKSTART, *SHORT, "--quiet").returncode == 0
    folder = result_folder(tmp_path)
    summary = json.loads((folder / "summary.json").read_text())
    del summary["bytes"]["captures"]  # as it was before there were any
    text = json.dumps(summary)
    (folder / "summary.json").write_text(text)
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["files_sha256"]["summary.json"] = hashlib.sha256(text.encode()).hexdigest()
    manifest["versions"]["ddnnsim"], manifest["git"] = "0.0.7", {"commit": "0123456789abcdef", "changed": False}
    (folder / "manifest.json").write_text(json.dumps(manifest))
    done = ddnnsim("plot", folder)
    assert done.returncode == 1
    assert done.stderr.startswith(f"{folder}: made by another version of ddnnsim, 0.0.7 (commit 01234567), and this")
    assert "run the scenario with --again to make it anew" in done.stderr
    assert ddnnsim("run", QUICKSTART, *SHORT, "--quiet", "--again").returncode == 0
    assert ddnnsim("plot", folder).returncode == 0


def test_a_manifest_that_does_not_tell_the_inputs_is_made_anew(ddnnsim, tmp_path: Path) -> None:
    assert ddnnsim("run", QUICKSTART, *SHORT, "--quiet").returncode == 0
    manifest = result_folder(tmp_path) / "manifest.json"
    whole = json.loads(manifest.read_text())
    manifest.write_text(json.dumps({key: value for key, value in whole.items() if key != "inputs_sha256"}))
    done = ddnnsim("run", QUICKSTART, *SHORT, "--json")
    assert json.loads(done.stdout)["finished_before"] is False
    assert json.loads(manifest.read_text())["inputs_sha256"] == whole["inputs_sha256"]
    manifest.write_text("[]")
    done = ddnnsim("run", QUICKSTART, *SHORT, "--json")
    assert json.loads(done.stdout)["finished_before"] is False
    assert json.loads(manifest.read_text())["inputs_sha256"] == whole["inputs_sha256"]


def test_an_interrupted_command_is_told_as_json_too(ddnnsim, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("ddnnsim.experiment.load_points", interrupt)
    done = ddnnsim("validate", QUICKSTART, "--json")
    assert (done.returncode, done.stderr) == (130, "interrupted\n")
    assert json.loads(done.stdout) == {"errors": [{"what": "interrupted"}]}
    assert ddnnsim("validate", QUICKSTART).stdout == ""


def test_a_run_without_answers_has_a_result_and_figures(ddnnsim, tmp_path: Path) -> None:
    done = ddnnsim("run", QUICKSTART, *SHORT, "--set", "run.until=1 ms", "--json")
    assert done.returncode == 0, done.stderr
    summary = json.loads(done.stdout)["summary"]
    assert summary["created"] == 0
    assert summary["accuracy"] is None
    assert (result_folder(tmp_path) / "figures" / "latency_cdf.csv").read_text() == "exit,latency_ms,share\n"


def test_answers_that_had_not_arrived_are_told(ddnnsim) -> None:
    slow = ("workload.reply_to=gateway", "topology.links.wan.delay=5 s", "exits.local.threshold=0", "run.until=12 s")
    words = ("run", QUICKSTART, *SHORT, *(part for word in slow for part in ("--set", word)))
    summary = json.loads(ddnnsim(*words, "--json").stdout)["summary"]
    late = summary["fates"]["answered"] - sum(of_exit["answers"] for of_exit in summary["exits"].values())
    assert late > 1
    assert f"{late} answers had not reached gateway when the run ended" in ddnnsim(*words).stdout
    in_time = ("run", QUICKSTART, *SHORT, "--set", "workload.reply_to=gateway")
    assert "had not reached" not in ddnnsim(*in_time).stdout


@pytest.mark.parametrize(
    "words",
    [
        ("workload.rate=1e-12 /h",),
        ("topology.links.radio.delay=2000000 h", "topology.links.wan.delay=2000000 h"),
        ("workload={arrivals: periodic, every: 2000000 h, requests: 50}",),
        ("topology.links.radio.rate=1 bit/s", "exits.local.control=1000 GB", "exits.local.threshold=0"),
    ],
)
def test_times_that_no_clock_holds_are_told(ddnnsim, tmp_path: Path, words: tuple[str, ...]) -> None:
    done = ddnnsim("run", QUICKSTART, *SHORT, *(part for word in words for part in ("--set", word)), "--json")
    assert done.returncode == 1
    assert "2^63 ns" in json.loads(done.stdout)["errors"][0]["what"]
    assert not list(tmp_path.iterdir())


def test_three_runs_at_once_leave_one_result(ddnnsim, tmp_path: Path) -> None:
    words = [sys.executable, "-m", "ddnnsim", "run", str(QUICKSTART), *SHORT, "--again", "--quiet"]
    processes = [subprocess.Popen(words, cwd=tmp_path) for _ in range(3)]
    assert [process.wait(timeout=300) for process in processes] == [0, 0, 0]
    assert len(list(result_folder(tmp_path).iterdir())) == 8


def test_an_unwritable_place_is_told(ddnnsim, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file")
    done = ddnnsim("run", QUICKSTART, *SHORT, "--out", tmp_path / "taken")
    assert done.returncode == 1
    assert "taken" in done.stderr
    assert "Traceback" not in done.stderr


def test_plot_draws_again_elsewhere(ddnnsim, tmp_path: Path) -> None:
    assert ddnnsim("run", QUICKSTART, *SHORT, "--quiet").returncode == 0
    folder = result_folder(tmp_path)
    done = ddnnsim("plot", folder, "--out", tmp_path / "figures")
    assert done.returncode == 0, done.stderr
    for path in (folder / "figures").iterdir():
        assert (tmp_path / "figures" / folder.name / path.name).read_bytes() == path.read_bytes()


def test_figures_of_several_results_and_of_the_current_folder(ddnnsim, tmp_path: Path) -> None:
    results = []
    for count in (50, 60):
        done = ddnnsim("run", NUMBERS, "--set", f"workload.requests={count}", "--json")
        results.append(json.loads(done.stdout)["path"])
    ask = ("--x", "workload.requests", "--y", "accuracy", "--json")
    name = "accuracy-over-workload_requests.pdf"
    for out, folder in (((), "figures/"), (("--out", "."), ""), (("--out", "a/../b"), "a/../b/")):
        done = ddnnsim("plot", *results, *ask, *out)
        assert done.returncode == 0, done.stderr
        assert folder + name in json.loads(done.stdout)["figures"]
        assert Path(folder + name).is_file()
    assert ddnnsim("show", NUMBERS, "--out", ".", "--quiet").returncode == 0
    assert Path("numbers.png").is_file()
    assert not list(tmp_path.rglob("*.part"))


def test_train_tells_what_the_exits_can_do(ddnnsim) -> None:
    done = ddnnsim("train", QUICKSTART, *SHORT, "--individual", "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert set(told["accuracy"]) == {"train", "validation", "test"}
    assert set(told["accuracy"]["test"]) == {"local", "cloud"}
    assert list(told["individual"]) == [f"camera{number}" for number in range(1, 7)]
    assert all(alone == seen <= 1 for alone, seen in told["individual"].values()), "each sees every digit"
    device, cloud = told["sections"]
    assert (device["level"], device["sections"], device["summary_bytes"], device["features_bytes"]) == (
        "device",
        6,
        40,
        72,
    )
    assert (cloud["level"], cloud["sections"], cloud["features_bytes"]) == ("cloud", 1, 0)


def test_another_process_writes_the_same_bytes(ddnnsim, tmp_path: Path) -> None:
    assert ddnnsim("run", QUICKSTART, *SHORT, "--quiet").returncode == 0
    words = [sys.executable, "-m", "ddnnsim", "run", str(QUICKSTART), *SHORT, "--quiet", "--out", "other"]
    subprocess.run(words, cwd=tmp_path, check=True, timeout=300)
    (other,) = (tmp_path / "other").iterdir()
    for name in ("requests.parquet", "links.parquet", "nodes.parquet", "summary.json", "scenario.yaml"):
        assert (other / name).read_bytes() == (result_folder(tmp_path) / name).read_bytes()


@pytest.mark.slow
def test_a_kill_leaves_no_half_result(ddnnsim, tmp_path: Path) -> None:
    """Killed at any moment, a run leaves a whole result or none, and the next one clears up."""
    words = [sys.executable, "-m", "ddnnsim", "run", str(QUICKSTART), *SHORT, "--again", "--quiet"]
    began = time.perf_counter()
    subprocess.run(words, cwd=tmp_path, check=True)
    whole_s = time.perf_counter() - began
    folder = result_folder(tmp_path)
    names = {path.name for path in folder.iterdir()} - {"figures"}
    for part in range(1, 13):
        process = subprocess.Popen(words, cwd=tmp_path)
        time.sleep(whole_s * part / 12)
        process.send_signal(signal.SIGKILL)
        process.wait()
        for path in (tmp_path / "results").glob("[!.]*"):
            assert {file.name for file in path.iterdir() if not file.name.startswith(".")} - {"figures"} == names
            assert all(file.stat().st_size for file in path.iterdir() if file.is_file())
    subprocess.run(words, cwd=tmp_path, check=True)
    assert [path.name for path in (tmp_path / "results").iterdir()] == [folder.name]
    assert not list(folder.glob(".*"))


def test_a_contact_sheet_shows_the_data(ddnnsim, tmp_path: Path) -> None:
    done = ddnnsim("plot", "--data", QUICKSTART, "--out", "sheets", "--json")
    assert done.returncode == 0, done.stderr
    (file,) = json.loads(done.stdout)["figures"]
    assert Path(file) == Path("sheets/quickstart-data.png")
    assert (tmp_path / file).read_bytes().startswith(b"\x89PNG")
    assert "nothing to plot" in ddnnsim("plot").stderr


def test_a_request_is_explained_and_a_run_is_a_timeline(ddnnsim, tmp_path: Path) -> None:
    assert ddnnsim("run", QUICKSTART, *SHORT, "--quiet").returncode == 0
    bare = result_folder(tmp_path)
    refused = ddnnsim("explain", bare, "--request", "3")
    assert refused.returncode == 1
    assert "has no messages; run the scenario with --set run.record=messages" in refused.stderr

    assert (
        ddnnsim("run", QUICKSTART, *SHORT, "--quiet", "--out", "told", "--set", "run.record=messages").returncode == 0
    )
    (folder,) = (tmp_path / "told").iterdir()
    told = ddnnsim("explain", folder, "--request", "3")
    assert told.returncode == 0, told.stderr
    for words in ("Request 3, sample 3", "camera1: device section", "the last exit", "100.0%"):
        assert words in told.stdout
    document = json.loads(ddnnsim("explain", folder, "--request", "3", "--json").stdout)
    assert sum(document["parts"].values()) == document["latency_ns"]
    row = pq.read_table(folder / "parts.parquet").slice(3, 1).to_pylist()[0]
    assert document["parts"] == {name: row[f"{name}_ns"] for name in document["parts"]}
    none = ddnnsim("explain", folder, "--request", "300")
    assert none.returncode == 1
    assert "no request 300; the run had 300, numbered from 0" in none.stderr

    again = ddnnsim("run", QUICKSTART, *SHORT, "--out", "told", "--trace", "chrome")
    assert "finished before" in again.stdout, "what is on record is enough"
    assert "Latency in parts" in again.stdout
    timeline = (folder / "trace.json").read_bytes()
    assert len(json.loads(timeline)["traceEvents"]) > 300
    assert ddnnsim("run", QUICKSTART, *SHORT, "--out", "new", "--trace", "chrome", "--quiet").returncode == 0
    assert next((tmp_path / "new").glob("*/trace.json")).read_bytes() == timeline
    assert not (bare / "trace.json").exists()


def test_a_result_tells_its_routes_and_what_was_in_time(ddnnsim, tmp_path: Path) -> None:
    done = ddnnsim("run", QUICKSTART, *SHORT, "--set", "workload.deadline=20 ms")
    assert done.returncode == 0, done.stderr
    assert "Within 20.0 ms" in done.stdout
    folder = result_folder(tmp_path)
    summary = json.loads((folder / "summary.json").read_text())
    requests = pq.read_table(folder / "requests.parquet").to_pylist()
    in_time = [row for row in requests if row["answered_ns"] - row["captured_ns"] <= 20_000_000]
    assert summary["timeliness"]["in_time"] == len(in_time) / 300
    assert summary["timeliness"]["deadline_s"] == 0.02
    first = pq.read_table(folder / "routes.parquet").to_pylist()[0]
    assert (first["source"], first["target"], first["size_bytes"]) == ("camera1", "gateway", None)
    assert (first["hops"], first["delay_ns"], first["links"]) == (1, 5_000_000, "camera1>gateway")
