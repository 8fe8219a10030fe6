"""The studies of the paper: their numbers, what a killed command leaves, and what is not done twice."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

from ddnnsim import experiment
from ddnnsim.cli import main
from ddnnsim.errors import ResultError, UserError
from ddnnsim.paper import Campaign, mvmc_file, studies, studies_named
from ddnnsim.paper.account import write
from ddnnsim.paper.campaign import SeedRow, carry_out
from ddnnsim.paper.measures import dead_cameras, individual, presence, simulated
from ddnnsim.paper.study import Case, Point, Row, Study
from ddnnsim.paper.tables import mean_table, seed_table
from ddnnsim.paper.values import FIG_6, FIG_9, FIG_9_FILTERS, TABLE_2, paper_values
from ddnnsim.plot.studies import DRAWINGS, draw_saved
from ddnnsim.results import load_result

ROOT = Path(__file__).parents[1]
SHIPPED = ROOT / "scenarios" / "paper"
CLASSES, FILTERS, POSITIONS = 10, 4, 12 * 12
"""Of the digits, which stand for the street here: they take no time to draw."""


@pytest.fixture
def scenarios(tmp_path: Path) -> Path:
    """A folder of the paper's scenarios, with digits instead of the street."""
    folder = tmp_path / "scenarios"
    shutil.copytree(SHIPPED, folder)
    for path in folder.rglob("*.yaml"):
        path.write_text(path.read_text().replace("source: street", "source: digits"))
    return folder


@pytest.fixture
def paper(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], scenarios: Path, tmp_path: Path):
    """Run `ddnnsim paper --quick` on the digits, and return what it printed."""

    def call(*words: str) -> str:
        said = ["ddnnsim", "paper", "--quick", "--scenarios", str(scenarios), "--out", str(tmp_path / "out"), *words]
        monkeypatch.setattr(sys, "argv", said)
        with pytest.raises(SystemExit) as end:
            main()
        printed = capsys.readouterr()
        assert not end.value.code, printed.err
        return printed.out

    return call


def table(folder: Path, name: str) -> pd.DataFrame:
    return pd.read_csv(folder / "tables" / f"{name}.csv", dtype={"x": str}, keep_default_na=False, na_values=[""])


def never(*given: object, **named: object) -> None:
    raise AssertionError("this was done before")


def test_the_papers_bytes_are_those_of_equation_1() -> None:
    for threshold, row in TABLE_2.items():
        leaving = round(row.local_share / 100 * 171)
        assert round(100 * leaving / 171, 2) == row.local_share, threshold
        assert round(4 * 3 + (1 - leaving / 171) * 4 * 256 / 8) == row.bytes
    for filters, sent in zip(FIG_9_FILTERS, FIG_9["bytes"], strict=True):
        assert 4 * 3 < sent < 4 * 3 + filters * 64 / 8


def test_the_papers_counts_are_of_all_training_samples() -> None:
    assert all(abs(sum(counts) - 680) <= 1 for counts in FIG_6)
    present = [1 - counts[-1] / sum(counts) for counts in FIG_6]
    assert present == sorted(present), "from the worst to the best"


def fake(study: Study) -> Iterator[SeedRow]:
    """Yield rows as *study* would, with numbers of no meaning."""
    random = np.random.default_rng(1)
    quantities = [f"{name}_{kind}" for name in ("local", "edge", "cloud") for kind in ("accuracy", "share")]
    quantities += ["overall_accuracy", "bytes", "latency_ms", "latency_p95_ms", "local_threshold"]
    told = {
        simulated: lambda x: [(x, quantity) for quantity in quantities],
        dead_cameras: lambda x: [(f"{camera}", quantity) for camera in range(7) for quantity in quantities],
        individual: lambda x: [(f"{camera}", "individual_accuracy") for camera in range(1, 7)],
        presence: lambda x: [
            (f"{camera}", f"{name}_share") for camera in range(1, 7) for name in ("car", "bus", "person", "absent")
        ],
    }
    for seed in range(3):
        for case in study.cases:
            for point in case.points:
                for x, quantity in told[case.measure](point.x):
                    value = random.uniform(0.1, 0.25) * (1000 if quantity in ("bytes", "latency_ms") else 1)
                    yield SeedRow(study.name, seed, Row(point.variant, x, quantity, value))


def test_every_study_is_written_and_drawn_beside_all_of_the_papers_values(tmp_path: Path) -> None:
    rows = [row for study in studies() for row in fake(study)]
    means = write(studies(), rows, tmp_path)
    assert means["paper"].notna().sum() == len(paper_values())
    assert (means["seeds"] == 3).all()
    names = [study.name for study in studies()]
    assert {file.name for file in (tmp_path / "figures").iterdir()} == {
        f"{name}.{end}" for name in names for end in ("pdf", "png", "csv")
    }
    assert {file.name for file in (tmp_path / "tables").iterdir()} == {
        f"{name}{end}" for name in names for end in (".csv", "-seeds.csv", ".md")
    }
    page = (tmp_path / "paper.md").read_text()
    assert [page.index(study.title) for study in studies()] == sorted(page.index(study.title) for study in studies())
    assert sorted(file.stem for file in (ROOT / "plots").glob("*.py") if file.stem in DRAWINGS) == sorted(names)
    for name in names:
        drawn = tmp_path / "again" / f"{name}.pdf"
        drawn.parent.mkdir(exist_ok=True)
        draw_saved(name, tmp_path, drawn)
        assert drawn.with_suffix(".csv").read_text() == (tmp_path / "figures" / f"{name}.csv").read_text()


def test_means_are_over_seeds_and_spread_is_the_standard_deviation() -> None:
    values = {("b", "1"): (3.0, 5.0), ("a", "1"): (1.0,), ("b", "2"): (0.0, 0.0)}
    rows = [
        SeedRow("s", seed, Row(variant, x, "q", value))
        for seed in range(2)
        for (variant, x), of_seed in values.items()
        for value in of_seed[seed : seed + 1]
    ]
    means = mean_table(seed_table(rows))
    assert means["variant"].tolist() == ["b", "b", "a"]
    assert means["mean"].tolist() == [4.0, 0.0, 1.0]
    assert means["sd"].tolist()[:2] == [np.sqrt(2.0), 0.0]
    assert means["sd"].isna().tolist() == [False, False, True]
    assert (means["low"].tolist(), means["high"].tolist()) == ([3.0, 0.0, 1.0], [5.0, 0.0, 1.0])


def test_table_2_again_and_nothing_is_done_twice(paper, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    printed = paper("--only", "table2,fig6", "--jobs", "1")
    assert "Table II" in printed
    assert "Fig. 6" in printed
    out = tmp_path / "out"
    rows = table(out, "table2")
    numbers = {quantity: of.set_index("x")["mean"] for quantity, of in rows.groupby("quantity")}
    expected = 4 * CLASSES + (1 - numbers["local_share"]) * FILTERS * POSITIONS / 8
    assert numbers["bytes"].tolist() == pytest.approx(expected.loc[numbers["bytes"].index].tolist(), abs=1e-6)
    assert numbers["local_share"]["1"] == 1
    assert numbers["overall_accuracy"]["1"] == numbers["local_accuracy"]["1"]
    assert table(out, "fig6").set_index(["x", "quantity"])["mean"]["3", "absent_share"] == 0
    answers = {path: path.stat().st_mtime_ns for path in (out / "cases").iterdir()}
    made = {path.name: path.read_bytes() for folder in ("tables", "figures") for path in (out / folder).iterdir()}
    for name in ("run", "train"):
        monkeypatch.setattr(experiment, name, never)
    assert paper("--only", "table2,fig6") == printed
    assert {path: path.stat().st_mtime_ns for path in (out / "cases").iterdir()} == answers
    assert made == {path.name: path.read_bytes() for f in ("tables", "figures") for path in (out / f).iterdir()}
    words = [sys.executable, str(ROOT / "plots" / "table2.py"), str(out), "--out", str(tmp_path / "t.pdf")]
    subprocess.run(words, check=True, timeout=120)
    assert (tmp_path / "t.pdf").read_bytes().startswith(b"%PDF")
    assert (tmp_path / "t.csv").read_bytes() == (out / "figures" / "table2.csv").read_bytes()


@pytest.mark.slow
def test_a_killed_command_leaves_whole_answers_and_is_resumed(scenarios: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    words = [sys.executable, "-m", "ddnnsim", "paper", "--quick", "--quiet", "--only", "baselines"]
    words += ["--scenarios", str(scenarios), "--out", str(out), "--jobs", "2"]
    killed = subprocess.Popen(words, start_new_session=True)
    began = time.monotonic()
    while len(list((out / "cases").glob("[!.]*"))) < 2:
        assert killed.poll() is None
        assert time.monotonic() - began < 300
        time.sleep(0.02)
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    while _members(killed.pid):  # what worked for it ends by itself
        assert time.monotonic() - began < 300
        time.sleep(0.02)
    early = {path: path.read_bytes() for path in (out / "cases").glob("[!.]*")}
    assert all(json.loads(content)["rows"] for content in early.values())
    for run in (out / "runs").glob("[!.]*"):
        assert load_result(run).summary.created == 359
    assert not (out / "paper.md").exists()
    subprocess.run(words, check=True, timeout=600)
    assert all(path.read_bytes() == content for path, content in early.items())
    assert len(list((out / "cases").glob("[!.]*"))) == len(studies_named("baselines")[0].cases)
    assert (table(out, "baselines")["seeds"] == 1).all()


def _members(group: int) -> list[str]:
    """Return the processes of *group* that live."""
    told = subprocess.run(["ps", "-e", "-o", "pgid=,stat="], capture_output=True, text=True, check=True).stdout
    lines = [line.split() for line in told.splitlines()]
    return [stat for pgid, stat in lines if int(pgid) == group and not stat.startswith("Z")]


@pytest.mark.parametrize("rule", ["entropy", "probability", "margin"])
def test_a_dead_camera_is_a_view_that_the_network_never_gets(rule: str, scenarios: Path, tmp_path: Path) -> None:
    points = (Point("fixed", "", 0.4),)
    changes = {"exits.local.rule": rule}
    cases = tuple(Case("table2", measure, points, changes) for measure in (simulated, dead_cameras))
    campaign = Campaign([Study("s", "", "", (), cases)], scenarios, tmp_path, 1, quick=True)
    tasks = campaign.tasks()
    found = {(of.row.x, of.row.quantity): of.row.value for of in carry_out(tasks, 1)}
    for quantity in ("overall_accuracy", "local_accuracy", "cloud_accuracy", "local_share"):
        assert found["0", quantity] == found["", quantity], "none is dead: as the engine has it"
    trained = experiment.train(tasks[0].scenario)
    split = trained.dataset.splits["test"]
    present = torch.ones(split.images.shape[:2], dtype=torch.bool)
    present[:, 3] = False
    with torch.inference_mode():
        local, cloud = trained.model(torch.from_numpy(split.images), present)
    for quantity, scores in {"local_accuracy": local, "cloud_accuracy": cloud}.items():
        assert found["4", quantity] == (scores.argmax(dim=1).numpy() == split.labels).mean()


def test_the_authors_data_come_from_a_file(paper, tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    y = np.where(random.random((100, 6)) < 0.5, np.arange(100)[:, None] % 3, 3)
    y[np.arange(100), random.integers(0, 6, 100)] = np.arange(100) % 3
    file = tmp_path / "m.npz"
    np.savez(file, X=random.integers(0, 256, (100, 6, 3, 32, 32)).astype(np.uint8), y=y.astype(np.int32))
    paper("--only", "fig6", "--data", f"mvmc={file}", "--quiet")
    shares = table(tmp_path / "out", "fig6").set_index(["x", "quantity"])["mean"]
    train = y[:64]
    for camera in range(6):
        assert shares[str(camera + 1), "absent_share"] == pytest.approx((train[:, camera] == 3).mean())
        assert shares[str(camera + 1), "bus_share"] == pytest.approx((train[:, camera] == 1).mean())


def test_what_cannot_be_done_is_told(tmp_path: Path, scenarios: Path) -> None:
    with pytest.raises(UserError, match="no study 'fig7'; did you mean 'fig"):
        studies_named("table1,fig7")
    for text, what in {"street": "not of the form mvmc=PATH", "mvmc=no.npz": "no.npz: no such file"}.items():
        with pytest.raises(UserError, match=what):
            mvmc_file(text)
    with pytest.raises(UserError, match=r"nowhere: no such folder; --scenarios names"):
        Campaign(studies(), tmp_path / "nowhere", tmp_path, 1).tasks()
    (scenarios / "table2.yaml").unlink()
    with pytest.raises(UserError, match=r"table2\.yaml: no such file"):
        Campaign(studies_named("table2"), scenarios, tmp_path, 1).tasks()
    with pytest.raises(ResultError, match=r"fig8\.csv: no such file; 'ddnnsim paper --only fig8"):
        draw_saved("fig8", tmp_path, tmp_path / "f.pdf")
    (task,) = Campaign(studies_named("fig6"), scenarios, tmp_path, 1).tasks()
    task.answer.parent.mkdir()
    task.answer.write_text('{"rows": ')
    with pytest.raises(ResultError, match="damaged; remove it"):
        carry_out([task], 1)


def ended(bench: object, scenario: object, points: object) -> Iterator[Row]:
    """A measure whose process does not live to answer."""
    os._exit(1)


def test_a_process_that_is_ended_is_told(scenarios: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(Path(__file__).parent), str(ROOT)]))
    cases = (Case("table2", ended, (), {}),)
    tasks = Campaign([Study("s", "", "", (), cases)], scenarios, tmp_path, 2, quick=True).tasks()
    with pytest.raises(UserError, match="was ended from outside; call again to go on"):
        carry_out(tasks, 2)


@pytest.mark.slow
def test_table_2_on_the_street_has_the_bytes_of_equation_1(tmp_path: Path) -> None:
    campaign = Campaign(studies_named("table2"), SHIPPED, tmp_path, 2)
    rows = seed_table(carry_out(campaign.tasks(), os.cpu_count() or 1))
    for _, of_run in rows.groupby(["x", "seed"]):
        found = of_run.set_index("quantity")["value"]
        assert found["bytes"] == pytest.approx(4 * 3 + (1 - found["local_share"]) * 4 * 256 / 8, abs=1e-9)
