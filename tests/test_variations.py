"""The shipped variations: their figures are of settings and numbers that they have."""

from __future__ import annotations

import runpy
import sys
from pathlib import Path

import pandas as pd
import pytest

import ddnnsim
from ddnnsim.scenario import Model
from ddnnsim.sweeps import load_plan

ROOT = Path(__file__).parents[1]
SCRIPT = ROOT / "plots" / "variations.py"
VARIATIONS = sorted((ROOT / "scenarios" / "variations").glob("*.yaml"))


@pytest.mark.parametrize("path", VARIATIONS, ids=lambda path: path.stem)
def test_what_is_drawn_of_a_variation_is_there(path: Path) -> None:
    drawing = runpy.run_path(str(SCRIPT))["DRAWINGS"][path.stem]
    plan = load_plan(path)
    assert plan.scenario.name == path.stem
    values = plan.points[0].values | {"label": plan.points[0].label}
    assert {drawing.x, drawing.by, *drawing.words} <= set(values)
    assert plan.first == 5
    models = {repr(point.scenario.model.training) for point in plan.points if isinstance(point.scenario.model, Model)}
    assert len(models) <= 1  # held fixed
    for number in drawing.y:  # a precision of it is refused where runs do not have it
        alone = {"sweep": None, "run.replications": None}
        load_plan(path, {**alone, "run.precision": {"of": number, "within": "5 %"}})
    places = {(point.values.get(drawing.x, point.label), point.values.get(drawing.by, point.label))
              for point in plan.points}  # fmt: skip
    assert len({tuple(map(str, place)) for place in places}) == len(plan.points)


def test_the_script_draws_a_saved_sweep_and_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    sizes = {"workload.requests": 20, "run.replications": 1}
    path = ddnnsim.sweep(ROOT / "scenarios" / "variations" / "groups.yaml", workers=1, **sizes).path
    monkeypatch.setattr(sys, "argv", [str(SCRIPT), str(path)])
    runpy.run_path(str(SCRIPT), run_name="__main__")
    assert Path("groups.pdf").read_bytes().startswith(b"%PDF")
    drawn = pd.read_csv("groups.csv")
    assert drawn["label"].unique().tolist() == [1, 2, 3, 4, 6]
    assert len(drawn) == 3 * 5 * 3
    other = ddnnsim.run(ROOT / "scenarios" / "numbers.yaml", **{"workload.requests": 20}).path
    monkeypatch.setattr(sys, "argv", [str(SCRIPT), str(other)])
    with pytest.raises(SystemExit, match="not the folder of a sweep"):
        runpy.run_path(str(SCRIPT), run_name="__main__")
