"""The sweep of a scenario: which points it has, in which order, and what a file is refused with."""

from __future__ import annotations

from itertools import product
from math import prod

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from texts import SMALL

from ddnnsim.errors import ScenarioError
from ddnnsim.scenario import dump, load_points, load_scenario
from ddnnsim.scenario.document import parse_document

DATA = parse_document(SMALL, "small").data
LINE = SMALL.count("\n") + 1
"""Of what is added to the small scenario."""


def points(sweep: object, **overrides: object):
    return load_points(DATA | {"sweep": sweep}, overrides)[1]


def test_points_are_all_combinations_the_last_axis_fastest() -> None:
    found = points(
        {
            "grid": {"exits.local.threshold": [0.5, "70 %"], "run.seed": {"from": 1, "to": 3, "steps": 2}},
            "zip": {"workload.rate": ["2 /s", "5 /s"], "workload.requests": [400, 1000]},
            "list": [{"label": "shared", "topology.links.radio.medium": "shared"}, {"label": "own"}],
        }
    )
    expected = [
        (threshold, seed, rate, requests, medium)
        for threshold in (0.5, 0.7)
        for seed in (1, 3)
        for rate, requests in ((2, 400), (5, 1000))
        for medium in ("shared", "own")
    ]
    told = [
        (
            point.scenario.exits["local"].threshold,
            point.scenario.run.seed,
            point.scenario.workload.rate,
            point.scenario.workload.requests,
            point.label,
        )
        for point in found
    ]
    assert told == expected
    assert [point.number for point in found] == list(range(16))
    assert [point.scenario.topology.links["radio"].medium for point in found] == ["shared", "dedicated"] * 8
    assert list(found[1].values.items()) == [
        ("exits.local.threshold", 0.5),
        ("run.seed", 1),
        ("workload.rate", "2 /s"),
        ("workload.requests", 400),
        ("topology.links.radio.medium", "dedicated"),  # by default
    ]
    assert not any(point.scenario.is_repeated for point in found)


def test_without_a_sweep_there_is_one_point() -> None:
    whole, (point,), _ = load_points(DATA, {"run.replications": 3})
    assert (whole.run.replications, whole.is_repeated, point.scenario.is_repeated) == (3, True, False)
    assert (point.number, point.label, point.values) == (0, "", {})
    assert point.scenario == load_scenario(DATA)


SETTINGS = {
    "exits.local.threshold": [0.1, 0.2, 0.3, 0.4],
    "workload.requests": [10, 20, 30],
    "run.seed": [1, 2, 3, 4, 5],
    "topology.links.wan.rate": ["1 Mbit/s", "2 Mbit/s"],
    "topology.nodes.cloud.servers": [1, 2, 3],
    "run.record": ["requests", "messages"],
}


@st.composite
def sweeps(draw: st.DrawFn) -> dict[str, object]:
    """Draw a sweep of some settings, each on one axis."""
    paths = draw(st.permutations(sorted(SETTINGS)))
    on_grid, zipped, listed = draw(st.integers(0, 3)), draw(st.integers(0, 2)), draw(st.integers(0, 1))
    of_grid, of_zip, of_list = paths[:on_grid], paths[3 : 3 + zipped], paths[5 : 5 + listed]
    sweep: dict[str, object] = {}
    if of_grid:
        sweep["grid"] = {path: SETTINGS[path][: draw(st.integers(1, 3))] for path in of_grid}
    if of_zip:
        rows = min(draw(st.integers(1, 3)), *(len(SETTINGS[path]) for path in of_zip))
        sweep["zip"] = {path: SETTINGS[path][:rows] for path in of_zip}
    if of_list:
        sweep["list"] = [{path: SETTINGS[path][row] for path in of_list} for row in range(draw(st.integers(1, 2)))]
    return sweep or {"grid": {"run.seed": [1]}}


@settings(max_examples=40)
@given(sweeps())
def test_points_are_as_many_as_the_axes_allow_all_different_and_in_order(
    sweep: dict[str, dict[str, list[object]]],
) -> None:
    found = points(sweep)
    sizes = [len(values) for values in sweep.get("grid", {}).values()]
    sizes += [len(next(iter(sweep["zip"].values())))] if "zip" in sweep else []
    sizes += [len(sweep["list"])] if "list" in sweep else []
    assert len(found) == prod(sizes)
    for point, places in zip(found, product(*map(range, sizes)), strict=True):
        rest = list(places)
        for path, values in sweep.get("grid", {}).items():
            assert point.values[path] == values[rest[0]]
            rest.pop(0)
        for path, values in sweep.get("zip", {}).items():
            assert point.values[path] == values[rest[0]]
        rest = rest[1:] if "zip" in sweep else rest
        if "list" in sweep:
            assert sweep["list"][rest[0]].items() <= point.values.items()
        assert point.scenario == load_scenario(DATA, point.values), "a point is what --set of its values would be"
    assert len({dump(point.scenario) for point in found}) == len(found)


def test_a_sweep_is_dumped_and_loaded(tmp_path) -> None:
    (tmp_path / "s.yaml").write_text(
        SMALL + "sweep:\n"
        "  grid: {data.presence: {from: 1 %, to: 9 %, steps: 3}, workload.reply_to: [{a: ~}, null, no, 010, 'yes']}\n"
        "  list: [{label: own}, {label: '1', topology.links.wan.trace: {file: lte.csv, cyclic: true}}]\n"
        "run: {precision: {of: latency.mean_s, within: 5 %}}\n"
    )
    scenario = load_scenario(tmp_path / "s.yaml")
    assert scenario.sweep.list[1]["topology.links.wan.trace"]["file"] == str(tmp_path / "lte.csv"), "beside the file"
    assert scenario.sweep.grid["workload.reply_to"] == ({"a": None}, None, "no", 10, "yes")
    (tmp_path / "dumped.yaml").write_text(dump(scenario))
    assert load_scenario(tmp_path / "dumped.yaml") == scenario == load_scenario(scenario)


def refused(tmp_path, text: str, **given: object) -> list[str]:
    """Return the lines that the small scenario with *text* after it is refused with, counted from there."""
    path = tmp_path / "s.yaml"
    path.write_text(SMALL + text)
    with pytest.raises(ScenarioError) as error:
        load_points(path, **given)
    lines = str(error.value).replace(f"{path}:", "").splitlines()
    return [f"{int(head) - LINE + 1}:{rest}" if head.isdigit() else line
            for line in lines for head, _, rest in [line.partition(":")]]  # fmt: skip


REFUSED = [
    ("sweep: {}", ["1:8: nothing is swept; write e.g. 'grid: {run.seed: [1, 2, 3]}', or leave it out"]),
    ("sweep: 5", ["1:8: 5 is not a mapping; write 'key: value' lines"]),
    ("sweep: {gird: {run.seed: [1]}}", ["1:9: unknown key 'gird'; did you mean 'grid'?"]),
    ("sweep: {grid: {run.seed: []}}", ["1:26: an empty list; write at least one, e.g. [4]"]),
    ("sweep: {grid: {run.seed: 5}}", ["1:26: 5 is not a list; write e.g. [4, 8]"]),
    ("sweep: {grid: {name: [a, b]}}", ["1:16: a point cannot set 'name'; all points have one name"]),
    ("sweep: {grid: {run.replications: [1, 2]}}",
     ["1:16: a point cannot set 'run.replications'; all points have as many"]),
    ("sweep: {grid: {run: [{seed: 1}, {seed: 2}]}}",
     ["1:16: a point cannot set 'run'; of 'run' name one key, e.g. 'run.seed'"]),
    ("sweep: {list: [{sweep.grid: 1}]}", ["1:17: a point cannot set 'sweep.grid'; a sweep has no sweeps in it"]),
    ("sweep: {grid: {a..b: [1]}}", ["1:16: a point cannot set 'a..b'; write e.g. 'exits.local.threshold'"]),
    ("sweep: {grid: {topology.links.van.rate: [1 Mbit/s]}}", ["1:16: unknown link 'van'; did you mean 'wan'?"]),
    ("sweep: {grid: {exits.local.treshold: [0.1, 0.2]}}",
     ["1:16: unknown key 'treshold' (in point 0); did you mean 'threshold'?"]),
    ("sweep: {grid: {run.seed: [1, 2]}, list: [{run.seed: 3}]}",
     ["1:43: 'run.seed' is swept already; a value has one path: keep one of them"]),
    ("sweep: {grid: {exits.local: [{at: gate, threshold: 0.1}], exits.local.threshold: [0.2]}}",
     ["1:59: 'exits.local' is swept, too; a value has one path: keep one of them"]),
    ("sweep: {zip: {run.seed: [1, 2], workload.requests: [1, 2, 3]}}",
     ["1:52: 3 values, and 'run.seed' has 2; the i-th values go together: write as many"]),
    ("sweep: {grid: {topology.links.wan.rate: [1 Mbit/s, 2 Mbit/s, 1000 kbit/s]}}",
     ["1:62: '1000 kbit/s' comes to the same as '1 Mbit/s' before; keep one"]),
    ("sweep: {grid: {topology.links.wan.delay: {from: 1 ns, to: 2 ns, steps: 3}}}",
     ["1:42: two values come to '2 ns'; write fewer steps, or a wider range"]),
    ("sweep: {list: [{run.seed: 1}, {run.seed: 1, label: b}]}",
     ["1:31: it comes to the same as an item before; keep one"]),
    ("sweep: {list: [{label: a}, {label: a, run.seed: 1}]}",
     ["1:36: 'a' is the label of another item; write another one"]),
    ("sweep: {list: [{label: 5, run.seed: 2}]}", ["1:24: 5 is not text; write a word, or put it in quotes"]),
    ("sweep: {list: [5]}", ["1:16: 5 is not a mapping; write 'key: value' lines"]),
    ("sweep: {grid: {run.seed: {from: 1, to: 2, steps: 1}}}", ["1:50: 1 is less than 2; write at least 2"]),
    ("sweep: {grid: {run.seed: {from: 1, to: x, step: 2}}}",
     ["1:16: 'steps' is missing", "1:40: 'x' is no end of a range; write a number or a quantity, e.g. '1 Mbit/s'",
      "1:43: unknown key 'step'; did you mean 'steps'?"]),
    ("sweep: {grid: {run.seed: {from: 1, to: 10, steps: 5}}}",
     ["1:26: 5 steps from 1 to 10 are not all whole numbers; write other steps, or 'from: 1.0' for fractions"]),
    ("sweep: {grid: {run.seed: {from: 1, to: 1000, steps: 1000}, workload.requests: {from: 1, to: 11, steps: 11}}}",
     ["1:1: 11,000 points; write at most 10,000"]),
    ("run: {replications: 0}", ["1:21: 0 is less than 1; write at least 1"]),
    ("run: {replications: 2, precision: {of: latency.mean_s, within: 5 %}}",
     ["1:24: 'precision' and 'replications' both say how often a point is run; keep one"]),
    ("run: {precision: {of: latency.mean_s, within: 5 %, least: 2}}", ["1:59: 2 is less than 3; write at least 3"]),
    ("run: {precision: {of: latency.mean_s, within: 0 %, least: 9, most: 8}}",
     ["1:47: '0 %' of the mean is never reached; write e.g. '5 %'",
      "1:59: at least 9 and at most 8; write no more for 'least'"]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "lines"), REFUSED, ids=[text for text, _ in REFUSED])
def test_what_is_no_sweep_is_refused_with_its_place(tmp_path, text: str, lines: list[str]) -> None:
    assert refused(tmp_path, text) == lines


def test_all_faults_of_all_points_are_told_at_once_each_once(tmp_path) -> None:
    text = (
        "sweep:\n"
        "  grid:\n"
        "    exits.local.threshold: [0.5, 2, 0.7]\n"
        "    workload.rate: [5 /s, 0 /s]\n"
        "  list: [{label: two}, {label: three, data.cameras: [1, 3]}]\n"
        "recovery: {fallback: best_efort}\n"
    )
    assert refused(tmp_path, text) == [
        "3:34: 2 lies outside 0 to 1 (in point 4); write e.g. 0.8 or '80 %'",
        "4:27: '0 /s' is not above zero (in point 2); write e.g. '5 /s'",
        "5:53: no camera 3: data.views is 2 (in point 1); write numbers from 1 to 2",
        "6:22: 'best_efort' is not known here; did you mean 'best_effort'?",
    ]


def test_a_fault_of_the_base_is_told_beside_those_of_points(tmp_path) -> None:
    told = refused(tmp_path, "sweep: {grid: {exits.local.threshold: [0.5, 2]}}", overrides={"data.views": 0})
    assert told == [
        "1:45: 2 lies outside 0 to 1 (in point 1); write e.g. 0.8 or '80 %'",
        "data.views: 0 is less than 1; write at least 1",
    ]


def test_a_sweep_is_changed_by_set() -> None:
    data = DATA | {"sweep": {"grid": {"run.seed": [1, 2]}}}
    _, more, _ = load_points(
        data, settings=["sweep.grid.exits.local.threshold=[0.1, 0.2, 0.3]", "sweep.grid.run.seed=[7]"]
    )
    assert [tuple(point.values.items()) for point in more] == [
        (("run.seed", 7), ("exits.local.threshold", threshold)) for threshold in (0.1, 0.2, 0.3)
    ]
    _, (alone,), _ = load_points(data, settings=["sweep=null"])
    assert alone.values == {}
    words = ["sweep.grid=null", "sweep.list=[{label: a}, {label: b, run.seed: 9}]", "sweep.list.1.run.seed=8"]
    _, listed, _ = load_points(data, settings=words)
    assert [(point.label, point.scenario.run.seed) for point in listed] == [("a", 0), ("b", 8)]
    _, (one, _), _ = load_points(DATA | {"run": {"replications": 3}}, {"sweep.grid.run.seed": [1, 2]})
    assert one.scenario.run.replications is None


def test_a_setting_that_every_point_undoes_is_refused() -> None:
    data = DATA | {"sweep": {"grid": {"run.seed": [1, 2]}}}
    with pytest.raises(ScenarioError) as error:
        load_points(data, settings=["run.seed=5"])
    assert str(error.value) == (
        "--set run.seed=5: the sweep sets 'run.seed' of every point; write e.g. 'sweep.grid.run.seed=[...]', "
        "or 'sweep=null' for no sweep"
    )
    _, around, _ = load_points(data, settings=["run={seed: 5, record: messages}"])
    assert [(point.scenario.run.seed, point.scenario.run.record) for point in around] == [
        (1, "messages"),
        (2, "messages"),
    ]
    some = DATA | {"sweep": {"list": [{"label": "a"}, {"run.seed": 3}]}}
    assert [point.scenario.run.seed for point in load_points(some, settings=["run.seed=5"])[1]] == [5, 3]
