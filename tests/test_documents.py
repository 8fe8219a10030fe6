"""Everything shown runs: the README's commands and code, every shipped scenario, every plot script."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest
import yaml

import ddnnsim
from ddnnsim.cli import main
from ddnnsim.scenario import Model, dump

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
MARKS = {
    "hundred": pytest.mark.slow,
    "residual": pytest.mark.slow,
    "zoo": pytest.mark.skipif(find_spec("topohub") is None, reason="without the extra `topologies`"),
}
SCENARIOS = sorted((ROOT / "scenarios").rglob("*.yaml"))


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Go to a folder that has the shipped scenarios and nothing else."""
    shutil.copytree(ROOT / "scenarios", tmp_path / "scenarios")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, flags=re.DOTALL)


COMMANDS = [
    lines for block in blocks("sh") if (lines := [line for line in block.splitlines() if line.startswith("ddnnsim ")])
]
"""Of the README, by block."""


@pytest.mark.parametrize("lines", COMMANDS, ids=["one by one", "a sweep"])
def test_the_commands_of_the_readme_run(
    lines: list[str], place: Path, quick, monkeypatch: pytest.MonkeyPatch, capsys
) -> None:
    for line in lines:
        words = shlex.split(line, comments=True)
        words = [str(path) for word in words for path in sorted(place.glob(word)) or [word]] if "*" in line else words
        monkeypatch.setattr(sys, "argv", words)
        with pytest.raises(SystemExit) as end:
            main()
        assert not end.value.code, line
        assert capsys.readouterr().out, line


def test_the_python_of_the_readme_runs_and_its_plot_too(place: Path, quick, capsys) -> None:
    (code,) = blocks("python")
    exec(compile(code, "README.md", "exec"), {})
    assert len(capsys.readouterr().out.splitlines()) == 4
    words = [sys.executable, str(ROOT / "plots" / "threshold.py"), *map(str, place.glob("results/*")), "--out", "t.pdf"]
    subprocess.run(words, check=True, timeout=120)
    assert (place / "t.pdf").read_bytes().startswith(b"%PDF")
    drawn = pd.read_csv("t.csv")
    assert drawn["threshold"].tolist() == [0.2, 0.4, 0.6, 0.8]
    assert drawn["local_share"].is_monotonic_increasing


def test_the_scenario_of_the_readme_is_the_shipped_one(place: Path) -> None:
    shown, _, _, _ = blocks("yaml")
    Path("shown.yaml").write_text(shown)
    shipped = ddnnsim.load("scenarios/quickstart.yaml")
    assert ddnnsim.load("shown.yaml") == shipped.model_copy(update={"description": ""})


def test_the_topology_of_the_readme_fits_its_scenario(place: Path) -> None:
    shown, other, _, _ = blocks("yaml")
    before, _, after = re.split(r"^(topology:\n(?: .*\n)*)", shown, flags=re.MULTILINE)
    Path("shown.yaml").write_text(before + other + after)
    topology = ddnnsim.load("shown.yaml").topology
    assert topology.nodes["camera"].battery_fj == 60 * 10**15
    assert topology.nodes["cloud"].batch.limit == 4
    assert topology.links["cell"].attempts == 4
    assert topology.links["mobile"].steps[0].rates.up == 0


def test_the_faults_of_the_readme_fit_its_scenario(place: Path) -> None:
    shown, _, faults, sweep = blocks("yaml")
    Path("shown.yaml").write_text(shown + faults)
    scenario = ddnnsim.load("shown.yaml")
    assert [fault.victims for fault in scenario.faults] == [("wan",), ("camera",)]
    assert scenario.recovery.retries.attempts == 3
    Path("shown.yaml").write_text(shown + sweep)
    assert len(ddnnsim.load("shown.yaml").sweep.grid) == 2


@pytest.mark.parametrize(
    "path",
    [pytest.param(path, marks=MARKS.get(path.stem, ())) for path in SCENARIOS],
    ids=lambda path: path.relative_to(ROOT / "scenarios").with_suffix("").as_posix(),
)
def test_a_shipped_scenario_is_dumped_loaded_and_run(path: Path, place: Path) -> None:
    assert path.read_text().startswith("# yaml-language-server: $schema=")
    scenario = ddnnsim.load(path)
    Path("dumped.yaml").write_text(dump(scenario))
    assert ddnnsim.load("dumped.yaml") == scenario
    once = dict.fromkeys(("sweep", "run.replications", "run.precision")) if scenario.is_repeated else {}
    if path.parent.name == "own_network":  # its weights are written by the script beside it
        words = [sys.executable, str(place / path.relative_to(ROOT).with_suffix(".py")), "1"]
        subprocess.run(words, check=True, timeout=120)
        result = ddnnsim.run(place / path.relative_to(ROOT))
    else:
        trained = isinstance(scenario.model, Model)
        result = ddnnsim.run("dumped.yaml", **(once | ({"model.training.epochs": 1} if trained else {})))
    assert sum(result.summary.fates.values()) == result.summary.created
    assert result.summary.captured == len(result.requests)
    degraded = result.summary.fates["degraded"]
    assert result.summary.fates["answered"] + degraded == result.summary.created or scenario.faults
    assert degraded == 0 or scenario.faults


def test_the_columns_of_all_tables_are_documented(tmp_path: Path) -> None:
    overrides = {"run.record": "messages", "workload.requests": 20}
    result = ddnnsim.run(ROOT / "scenarios" / "numbers.yaml", out=tmp_path, **overrides)
    text = (ROOT / "docs" / "semantics.md").read_text()
    rows = {row.split("|")[1].strip(): row.split("|")[3] for row in text.splitlines() if row.count("|") == 4}
    kinds = "summary, features, raw, control, heartbeat, reply"
    told = {table: rows[table].replace(f"KIND_bytes ({kinds})", kinds.replace(",", "_bytes,") + "_bytes")
            for table in (file.stem for file in result.path.glob("*.parquet"))}  # fmt: skip
    assert len(told) == 11
    for table, columns in told.items():
        given = pq.read_schema(result.path / f"{table}.parquet").names
        assert [name.strip(" ?") for name in columns.split(",")] == given, table


def test_the_python_of_the_page_on_topologies_runs(place: Path, capsys) -> None:
    (code,) = re.findall(r"```python\n(.*?)```", (ROOT / "docs" / "topologies.md").read_text(), flags=re.DOTALL)
    exec(compile(code, "topologies.md", "exec"), {})
    assert float(capsys.readouterr().out) > 0
    (result,) = place.glob("results/*")
    assert len(ddnnsim.load_result(result).scenario.topology.nodes) == 40


def test_the_scenario_of_the_page_on_topologies_is_made() -> None:
    shown, beside = re.findall(r"```yaml\n(.*?)```", (ROOT / "docs" / "topologies.md").read_text(), flags=re.DOTALL)
    said = yaml.safe_load(shown)["topology"]
    changes = {"topology": said | {"defaults": said["defaults"] | yaml.safe_load(beside)["defaults"]}}
    scenario = ddnnsim.load(ROOT / "scenarios" / "city.yaml", changes)
    assert len(scenario.topology.nodes) == 60
    assert len(scenario.placement.groups) > 1
