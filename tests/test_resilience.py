"""A scenario against what fails of it: points, curves, the command and its folder."""

from __future__ import annotations

import json
import runpy
import sys
from collections import Counter
from collections.abc import Mapping
from itertools import combinations, pairwise
from math import comb, isnan, nan, sqrt
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib import rc_context
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

import ddnnsim
from ddnnsim import experiment
from ddnnsim.errors import ScenarioError, UserError
from ddnnsim.plot.failures import HEIGHT_IN, WIDTH_IN, draw_failures
from ddnnsim.plot.style import paper_style
from ddnnsim.resilience import AXES, Point, Wish, carry_out, curve
from ddnnsim.resilience.axes import points_of
from ddnnsim.resilience.curve import QUANTITIES, Outcome, table
from ddnnsim.resilience.subsets import subsets
from ddnnsim.results import load_result
from ddnnsim.scenario import dump
from ddnnsim.sweeps.plan import replication_seed

ROOT = Path(__file__).parents[1]
CAMERAS = ("camera1", "camera2", "camera3")


def three(**changes: Any) -> ddnnsim.Scenario:
    """Return three cameras, a gateway and a cloud, with exits that are sure of everything or nothing, by numbers."""
    data: Mapping[str, Any] = {
        "name": "three",
        "configuration": "c",
        "model": {
            "sections": {"device": {"service": "2 ms", "features": "100 B"}, "cloud": {"service": "10 ms"}},
            "exits": {"local": {"leave": "50 %", "accuracy": "100 %"}, "cloud": {"accuracy": "100 %"}},
        },
        "topology": {
            "nodes": {
                "camera": {"tier": "device", "count": 3},
                "gateway": {"tier": "gateway"},
                "cloud": {"tier": "cloud"},
            },
            "links": {
                "radio": {"from": "camera", "to": "gateway", "rate": "1 Mbit/s", "delay": "5 ms"},
                "wan": {"from": "gateway", "to": "cloud", "rate": "10 Mbit/s", "delay": "20 ms"},
            },
        },
        "exits": {"local": {"at": "gateway"}, "cloud": {}},
        "workload": {"arrivals": "periodic", "every": "100 ms", "requests": 40},
        "run": {"seed": 1},
    }
    return ddnnsim.load({**data, **changes})


def points(axis: str, scenario: ddnnsim.Scenario, **wish: Any) -> list[Point]:
    return points_of(AXES[axis], scenario, Wish(**wish))


def crash(*nodes: str) -> dict[str, object]:
    return {"faults": [{"crash": list(nodes), "from": "0 ms"}]}


def told(fault: ddnnsim.Scenario, index: int = -1) -> dict[str, Any]:
    """Return a fault of a scenario as a file has it."""
    return fault.model_dump(by_alias=True, exclude_none=True)["faults"][index]


# -- which fail together -----------------------------------------------------------------------


def test_all_sets_of_a_size_where_there_are_so_few() -> None:
    assert subsets("abc", 2, 3, seed=1) == [("a", "b"), ("a", "c"), ("b", "c")]
    assert subsets("abc", 0, 1, seed=1) == [()]


def test_sets_are_drawn_where_there_are_more() -> None:
    names = [f"n{place}" for place in range(8)]
    drawn = subsets(names, 4, 20, seed=1)
    assert len(set(drawn)) == 20
    assert set(drawn) < set(combinations(names, 4))
    assert drawn == subsets(names, 4, 20, seed=1) != subsets(names, 4, 20, seed=2)


def test_every_set_is_as_likely() -> None:
    left_out = Counter((set(combinations("abcd", 2)) - set(subsets("abcd", 2, 5, seed))).pop() for seed in range(600))
    assert len(left_out) == 6
    assert sum((count - 100) ** 2 / 100 for count in left_out.values()) < 20.5, "chi-squared, 5 degrees, p = 0.001"


# -- points ------------------------------------------------------------------------------------


def test_each_device_fails_alone() -> None:
    assert points("device", three()) == [
        Point(0, "none", (), 1, {"faults": []}),
        *(Point(place, name, (name,), 1, crash(name)) for place, name in enumerate(CAMERAS, start=1)),
    ]
    assert [point.label for point in points("device", three(), of=("cloud", "camera"))] == ["none", "cloud", *CAMERAS]


def test_all_subsets_of_three_devices_fail() -> None:
    found = points("number", three())
    assert [point.failed for point in found] == [sets for size in range(4) for sets in combinations(CAMERAS, size)]
    assert [point.population for point in found] == [1, 3, 3, 3, 3, 3, 3, 1]
    assert [point.x for point in found] == [0, 1, 1, 1, 2, 2, 2, 3]
    assert [point.overrides for point in found][-2:] == [crash("camera2", "camera3"), crash(*CAMERAS)]
    few = points("number", three(), values=("2",), subsets=2)
    assert [(len(point.failed), point.population) for point in few] == [(2, 3)] * 2


def test_what_fails_along_an_axis_comes_beside_the_faults_of_the_scenario() -> None:
    scenario = three(faults=[{"outage": "wan", "from": "1 s"}])
    for axis in ("device", "number", "mtbf", "loss"):
        for point in points(axis, scenario):
            loaded = experiment.load(scenario, point.overrides)
            assert told(loaded, 0) == told(scenario), "with the same name, so with the same draws"
            assert len(loaded.faults) <= 2


def test_a_time_between_failures_is_that_of_each_device() -> None:
    whole, often, seldom = points("mtbf", three(), values=("10 s", "2 min"), mttr="3 s")
    assert (isnan(whole.x), whole.label, whole.overrides) == (True, "none", {"faults": []})
    assert (often.x, seldom.x, seldom.label) == (10, 120, "2 min")
    drawn = {"crash": list(CAMERAS), "mtbf": "2 min", "mttr": "3 s", "each": True}
    assert told(experiment.load(three(), seldom.overrides)).items() >= drawn.items()


def test_a_time_between_failures_is_that_of_the_random_faults_if_there_are_any() -> None:
    lasting, drawn = {"outage": "wan", "from": "1 s"}, {"crash": "camera2", "mtbf": "50 s", "mttr": "2 s"}
    scenario = three(faults=[lasting, drawn])
    whole, often = points("mtbf", scenario, values=("5 s",))
    kept, changed = (told(scenario, index) for index in range(2))
    assert whole.overrides == {"faults": [kept]}
    assert often.overrides == {"faults": [kept, changed | {"mtbf": "5 s"}]}
    _, shorter = points("mtbf", scenario, values=("5 s",), mttr="1 s")
    assert shorter.overrides == {"faults": [kept, changed | {"mtbf": "5 s", "mttr": "1 s"}]}
    _, more = points("mtbf", scenario, values=("5 s",), of=("camera1",))
    assert more.overrides["faults"][:2] == [kept, changed]  # type: ignore[index]


def test_a_deadline_is_that_of_all_exits_that_gather() -> None:
    early, late = points("deadline", three(), values=("50 ms", "1 s"))
    assert early == Point(50, "50 ms", (), 1, {"exits.local.deadline": "50 ms", "exits.cloud.deadline": "50 ms"})
    assert late.x == 1000
    since = three(exits={"local": {"at": "gateway", "deadline": {"after": "9 ms", "since": "first_view"}}, "cloud": {}})
    (point,) = points("deadline", since, values=("50 ms",), of=("local",))
    assert point.overrides == {"exits.local.deadline": {"after": "50 ms", "since": "first_view"}}
    alone = ddnnsim.load(ROOT / "scenarios" / "configurations" / "d.yaml")
    (point,) = points("deadline", alone, values=("50 ms",))
    assert list(point.overrides) == ["exits.edge.deadline", "exits.cloud.deadline"]


def test_a_loss_is_that_of_all_links() -> None:
    none, some = points("loss", three(), values=("0", "5 %"))
    assert none == Point(0, "0 %", (), 1, {"faults": []})
    assert some == Point(0.05, "5 %", (), 1, {"faults": [{"degrade": ["radio", "wan"], "loss": 0.05}]})
    (wan,) = points("loss", three(), values=("0.1",), of=("wan",))
    assert told(experiment.load(three(), wan.overrides))["loss"] == pytest.approx(0.1)


@pytest.mark.parametrize("axis", AXES)
def test_the_points_of_every_axis_are_scenarios(axis: str) -> None:
    scenario = three()
    asked = [experiment.load(scenario, point.overrides) for point in points(axis, scenario)]
    assert len({dump(of_point) for of_point in asked}) == len(asked) > 3


@pytest.mark.parametrize(
    ("axis", "wish", "words"),
    [
        ("device", {"values": ("1",)}, "--values says nothing against device; it is for number, mtbf, deadline, loss"),
        ("loss", {"mttr": "1 s"}, "--mttr says nothing against loss; it is for mtbf"),
        ("number", {"of": ("camera", "clud")}, "--of clud: unknown node; did you mean 'cloud'?"),
        ("deadline", {"of": ("edge",)}, "--of edge: unknown exit; known: local, cloud"),
        ("loss", {"of": ("van",)}, "--of van: unknown link; did you mean 'wan'?"),
        ("number", {"values": ("4",)}, "--values 4: not a number of failed nodes; write one from 0 to 3"),
        ("mtbf", {"values": ("5",)}, "--values: '5' has no unit, and a duration needs one; write e.g. '5 ms'"),
        ("deadline", {"values": ("0 s",)}, "--values: a deadline of no time; write a longer one"),
        ("mtbf", {"mttr": "long"}, "--mttr: 'long' is not a duration; write e.g. '20 ms'"),
        ("loss", {"values": ("5",)}, "--values: 5 lies outside 0 to 1; write e.g. 0.8 or '80 %'"),
    ],
)
def test_what_cannot_be_wished_is_told(axis: str, wish: dict[str, Any], words: str) -> None:
    with pytest.raises(UserError) as error:
        points(axis, three(), **wish)
    assert str(error.value) == words


# -- curves ------------------------------------------------------------------------------------


def row(axis: str, x: float, value: float, population: int = 1, label: str = "", replication: int = 0) -> Outcome:
    """Return a replication of a point, whose numbers are all the same and which has 1,000 requests."""
    return Outcome(
        axis, x, label or f"{x:g}", "", population, replication, 7 + replication, 1000, 0, *[value] * 6, "run"
    )


def sets(*values: float) -> list[tuple[float, str]]:
    return [(value, f"set{number}") for number, value in enumerate(values)]


def place(rows: list[Outcome]) -> dict[str, Any]:
    """Return the only place of the curve of *rows*, of one quantity."""
    (of_place,) = curve(table(rows)).query("quantity == 'availability'").to_dict("records")
    return of_place


def test_all_sets_have_a_range() -> None:
    found = place([row("number", 1, value, 3, label) for value, label in sets(0.25, 0.5, 1.0)])
    assert found == {
        "axis": "number", "x": 1, "label": "1", "points": 3, "population": 3, "quantity": "availability", "n": 3,
        "mean": pytest.approx(7 / 12), "low": 0.25, "high": 1.0, "spread": "range",
    }  # fmt: skip


def test_sets_that_are_drawn_have_an_interval() -> None:
    found = place([row("number", 1, value, 6, label) for value, label in sets(1.0, 2.0, 3.0)])
    half = 4.302653 * sqrt(1 / 3 * (1 - 3 / 6))  # t of 2 degrees; the variance is 1
    assert (found["mean"], found["spread"]) == (2, "interval")
    assert (found["low"], found["high"]) == (pytest.approx(2 - half), pytest.approx(2 + half))


def test_an_interval_has_the_mean_of_all_sets_19_times_in_20() -> None:
    random = np.random.default_rng(3)
    everyone = random.normal(0.8, 0.1, 30)
    draws = [random.choice(everyone, 20, replace=False) for _ in range(300)]
    rows = [row("number", x, value, 30, label) for x, drawn in enumerate(draws) for value, label in sets(*drawn)]
    places = curve(table(rows)).query("quantity == 'availability'")
    covered = ((places["low"] <= everyone.mean()) & (everyone.mean() <= places["high"])).sum()
    assert 271 <= covered <= 297, "285 in the mean: binomial, p = 0.001 on either side"


def test_what_has_no_number_is_left_out() -> None:
    assert place([row("number", 1, value, 3, label) for value, label in sets(0.5, nan, 1.0)])["mean"] == 0.75
    nothing = place([row("number", 1, nan)])
    assert isnan(nothing["mean"])
    assert nothing["spread"] == ""
    alone = place([row("number", 1, 0.5, population=9)])
    assert (alone["mean"], isnan(alone["low"]), alone["spread"]) == (0.5, True, "")


def test_a_point_by_itself_has_the_interval_of_its_replications() -> None:
    rows = [row("mtbf", 10, value, replication=number) for number, value in enumerate((0.8, 0.9, 1.0))]
    found = place(rows)
    half = 4.302653 * 0.1 / sqrt(3)
    assert (found["n"], found["points"], found["mean"], found["spread"]) == (3, 1, pytest.approx(0.9), "interval")
    assert (found["low"], found["high"]) == (pytest.approx(0.9 - half), pytest.approx(0.9 + half))
    (once,) = curve(table(rows[:1])).query("quantity == 'availability'").to_dict("records")
    assert (once["n"], once["mean"], isnan(once["low"]), isnan(once["high"]), once["spread"]) == (
        1,
        0.8,
        True,
        True,
        "",
    )


def test_of_short_runs_a_quantile_has_no_interval() -> None:
    rows = [row("loss", 0.1, 0.5, replication=number) for number in range(3)]
    spreads = {created: table(of).assign(created=created) for created, of in ((400, rows), (398, rows))}
    told = {created: curve(of).set_index("quantity")["spread"] for created, of in spreads.items()}
    assert told[400]["latency_p95_ms"] == told[398]["latency_mean_ms"] == "interval"  # of 200 answers
    assert told[398]["latency_p95_ms"] == "", "of 199"


def test_the_values_of_sets_are_their_means_over_replications() -> None:
    rows = [row("number", 1, value + 0.1 * r, 2, label, r) for value, label in sets(0.2, 0.6) for r in range(2)]
    found = place(rows)
    assert (found["points"], found["n"], found["spread"]) == (2, 2, "range")
    assert (found["mean"], found["low"], found["high"]) == pytest.approx((0.45, 0.25, 0.65))


# -- the figure --------------------------------------------------------------------------------


def drawn(data: pd.DataFrame) -> Figure:
    with rc_context(paper_style(WIDTH_IN, HEIGHT_IN)):
        figure = Figure()
        FigureCanvasAgg(figure)
        draw_failures(figure, data)
        figure.canvas.draw()
    return figure


ROWS = {
    "device": [row("device", x, 0.9, label=f"northwest_camera{x}" if x else "none") for x in range(50)],
    "number": [
        row("number", x, 0.9 - x / 12, comb(9, x), f"{x}.{drawn}")
        for x in range(10)
        for drawn in range(min(20, comb(9, x)))
    ],
    "mtbf": [
        row("mtbf", x, 0.9 + 0.01 * number, label=f"{x} s", replication=number)
        for x in (nan, 10, 100, 1000)
        for number in range(4)
    ],
    "deadline": [row("deadline", x, 0.9, label=f"{x} ms") for x in (10, 1000)],
    "loss": [row("loss", x, 0.0) for x in (0, 0.1)],
}


@pytest.mark.parametrize("axis", AXES)
def test_all_is_within_the_figure_and_apart(axis: str) -> None:
    figure = drawn(curve(table(ROWS[axis])))
    assert len(figure.axes) == 4
    for ax in figure.axes:
        assert ax.get_position().height > 0.22
        assert ax.yaxis.label.get_window_extent().x0 >= 0
        low, high = ax.get_ylim()
        values = [value for line in ax.lines for value in line.get_ydata() if not isnan(value)]
        assert values
        assert all(low <= value < high for value in values)
    labels = [label for label in figure.axes[2].get_xticklabels() if label.get_text()]
    assert all(label.get_window_extent().y0 >= 0 for label in labels)
    if axis == "device":
        assert 10 < len(labels) <= 25
    else:
        width = figure.axes[2].bbox
        extents = [extent for label in labels if width.x0 < (extent := label.get_window_extent()).x1 < width.x1 + 50]
        assert all(one.x1 < other.x0 for one, other in pairwise(extents))
    words = [text.get_text() for legend in figure.legends for text in legend.get_texts()]
    assert words == {
        "number": ["range of all sets", "95 % interval of the mean"],
        "mtbf": ["95 % interval of the mean over 4 replications", "without failures"],
    }.get(axis, [])


def test_the_interval_of_a_share_is_drawn_no_further_than_all() -> None:
    data = curve(table([row("loss", x, 0.8 + 0.2 * number, replication=number) for x in (0, 0.1) for number in (0, 1)]))
    assert data["high"].max() > 1
    ends = [
        y for ax in drawn(data).axes[:2] for bars in ax.collections for end in bars.get_segments() for y in end[:, 1]
    ]
    assert (min(ends), max(ends)) == (0, 100)


# -- the command -------------------------------------------------------------------------------


def test_the_command_leaves_a_folder_and_goes_on_where_it_was_stopped(
    ddnnsim, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("three.yaml").write_text(dump(three()))
    words = ("failures", "three.yaml", "--against", "number", "--values", "0,2,3")
    first = ddnnsim(*words, "--json")
    assert first.returncode == 0, first.stderr
    document = json.loads(first.stdout)
    folder = Path(document["path"])
    assert folder.parent == Path("results/failures")
    assert sorted(str(file.relative_to(folder)) for file in folder.rglob("*") if file.is_file()) == [
        "figures/failures.csv", "figures/failures.pdf", "figures/failures.png", "manifest.json", "points.csv",
        "scenario.yaml",
    ]  # fmt: skip
    saved = pd.read_csv(folder / "points.csv")
    assert len(saved) == len(document["points"]) == 5
    assert not any(path.name == "figures" for path in Path("results/failures/runs").rglob("*")), "none for a point"
    availability = {of["x"]: of["mean"] for of in document["curve"] if of["quantity"] == "availability"}
    assert availability == {0: 1, 2: 1, 3: 0}, "an answer as long as one camera sees something"
    (silent,) = (of for of in document["points"] if of["x"] == 3)
    assert (silent["accuracy_of_requests"], silent["accuracy"], silent["latency_mean_ms"]) == (0, None, None)
    manifest = json.loads((folder / "manifest.json").read_text())
    assert manifest["axis"] == "number"
    assert [of["overrides"] for of in manifest["points"]] == [
        point.overrides for point in points("number", three(), values=("0", "2", "3"))
    ]

    def never(*given: object, **named: object) -> None:
        raise AssertionError("this was done before")

    monkeypatch.setattr("ddnnsim.sim.simulate", never)
    again = ddnnsim(*words)
    assert again.returncode == 0, again.stderr
    assert pd.read_csv(folder / "points.csv").equals(saved)
    assert "number" in again.stdout
    assert str(folder) in again.stdout

    script(monkeypatch, folder, "--out", "again.pdf")
    assert Path("again.csv").read_bytes() == (folder / "figures" / "failures.csv").read_bytes()
    assert set(pd.read_csv("again.csv")["quantity"]) == set(QUANTITIES)
    (folder / "points.csv").write_text("no,table\n")
    with pytest.raises(SystemExit, match="damaged"):
        script(monkeypatch, folder, "--out", "again.pdf")


def test_the_curve_is_what_the_network_says_without_the_views_of_those_that_failed(quick, tmp_path: Path) -> None:
    scenario = ddnnsim.load(ROOT / "scenarios" / "failures.yaml", {"workload.requests": 150})
    study = carry_out(scenario, AXES["number"], Wish(values=("0", "2"), subsets=2), tmp_path)
    assert len(study.points) == 3
    oracle, threshold = quick.oracle(), scenario.exits["local"].threshold
    for point in study.points.fillna({"failed": ""}).itertuples():
        seen = sum(1 << view for view, name in enumerate(scenario.devices()) if name not in point.failed.split())
        local, cloud = (oracle.table(exit_, oracle.view_sets.id(seen)) for exit_ in range(2))
        result = load_result(tmp_path / "runs" / point.run)
        assert not point.failed or result.faults["target"].tolist() == point.failed.split()
        samples = result.requests["sample"].to_numpy()
        early = (local.entropy < threshold)[samples]
        right = np.where(early, local.prediction[samples], cloud.prediction[samples]) == oracle.labels[samples]
        assert point.accuracy == point.accuracy_of_requests == right.mean()
        assert point.availability == 1
        summary_bytes, features_bytes = 4 * 10, 4 * 12 * 12 / 8
        assert point.bytes_per_sample_per_device == pytest.approx(summary_bytes + features_bytes * (~early).mean())


def script(monkeypatch: pytest.MonkeyPatch, *words: str | Path) -> None:
    monkeypatch.setattr(sys, "argv", ["failures", *map(str, words)])
    runpy.run_path(str(ROOT / "plots" / "failures.py"), run_name="__main__")


def test_points_are_run_as_often_as_the_scenario_asks_for(ddnnsim, tmp_path: Path) -> None:
    Path("three.yaml").write_text(dump(three(run={"seed": 5, "replications": 3})))
    words = (
        "failures",
        "three.yaml",
        "--against",
        "mtbf",
        "--values",
        "1 s,1000 ms",
        "--mttr",
        "1 s",
        "--workers",
        "1",
    )
    done = ddnnsim(*words, "--json")
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    folder = Path(document["path"])
    rows = pd.read_csv(folder / "points.csv", na_values=[""], keep_default_na=False)
    seeds = [replication_seed(5, replication) for replication in range(3)]
    assert rows["label"].tolist() == ["none"] * 3 + ["1 s"] * 3, "a place that is named twice is one"
    assert rows["seed"].tolist() == seeds * 2
    assert [load_result(folder.parent / "runs" / run).scenario.run.seed for run in rows["run"]] == seeds * 2
    shares = rows["accuracy_of_requests"][3:].tolist()
    assert len(set(shares)) > 1
    (of,) = (of for of in document["curve"] if (of["quantity"], of["label"]) == ("accuracy_of_requests", "1 s"))
    half = 4.302652729911275 * np.std(shares, ddof=1) / sqrt(3)
    assert (of["n"], of["spread"], of["low"]) == (3, "interval", pytest.approx(np.mean(shares) - half))
    assert ddnnsim(*words).stdout.count("n = 3 replications") == 1
    assert experiment.load(folder / "scenario.yaml").run.replications == 3
    assert [of_run["seed"] for of_run in json.loads((folder / "manifest.json").read_text())["points"]] == seeds * 2


def test_faults_of_points_are_told_before_anything_runs(ddnnsim, tmp_path: Path) -> None:
    Path("three.yaml").write_text(dump(three()))
    done = ddnnsim("failures", "three.yaml", "--against", "deadline", "--values", "50 ms,soon")
    assert (done.returncode, done.stdout) == (1, "")
    assert "--values: 'soon' is not a duration" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["three.yaml"]


def test_a_point_that_is_refused_is_a_fault_of_the_scenario() -> None:
    with pytest.raises(ScenarioError, match="unknown"):
        experiment.load(three(), {"faults": [{"crash": ["camera9"]}]})


# -- the scenarios that are shipped ------------------------------------------------------------

FROM_NS, UNTIL_NS = 60 * 10**9, 120 * 10**9
"""Of the faults of `outage` and `failover`."""


def test_an_outage_degrades_what_needs_the_cloud_and_nothing_else(quick, tmp_path: Path) -> None:
    result = ddnnsim.run(ROOT / "scenarios" / "outage.yaml", out=tmp_path)
    requests = result.requests
    during = requests["captured_ns"].between(FROM_NS, UNTIL_NS - 1)
    oracle = quick.oracle()
    sure = oracle.table(0, oracle.view_sets.id(0b111111)).entropy < 0.6
    needs_cloud = ~pd.Series(sure[requests["sample"].to_numpy()])
    assert ((requests["fate"] == "degraded") == (during & needs_cloud)).mean() > 0.998, "but for those at its ends"
    assert set(requests["fate"]) == {"answered", "degraded"}
    assert set(requests["exit"][requests["fate"] == "degraded"]) == {"local"}


def test_a_stand_in_takes_over_as_soon_as_it_is_known(tmp_path: Path) -> None:
    result = ddnnsim.run(ROOT / "scenarios" / "failover.yaml", out=tmp_path, **{"model.training.epochs": 1})
    requests = result.requests
    degraded = requests[requests["fate"] == "degraded"]
    assert result.summary.availability == 1
    assert degraded["captured_ns"].between(FROM_NS - 10**8, FROM_NS + 2 * 10**9).all()
    late = requests["captured_ns"].between(FROM_NS + 2 * 10**9, UNTIL_NS)
    assert {"edge", "cloud"} <= set(requests["exit"][late]), "which are reached through the other edge"
    assert result.summary.links["gate_n>gate_s"].messages > 0, "round the ring"
