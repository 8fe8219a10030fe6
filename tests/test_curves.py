"""Curves, heat maps and fronts through the runs of a sweep, or through single runs."""

from __future__ import annotations

from math import isnan, sqrt
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib import rc_context
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

import ddnnsim as package
from ddnnsim.curves import Runs, curve, front, open_runs
from ddnnsim.curves.front import unbeaten
from ddnnsim.errors import ResultError, UserError
from ddnnsim.plot.curves import draw_curve, save_curve
from ddnnsim.plot.fronts import draw_front
from ddnnsim.plot.heat import draw_heat_map
from ddnnsim.plot.scales import in_equal_ratios
from ddnnsim.plot.style import paper_style
from ddnnsim.report.manuscript import as_markdown, manuscript
from tests.known_runs import known_runs

ROOT = Path(__file__).parents[1]
RATE, DELAY = "topology.links.wan.rate", "topology.links.wan.delay"
THRESHOLD, MEDIUM = "exits.local.threshold", "topology.links.radio.medium"
T_OF_2 = 4.302652729911275
"""What Student's t with 2 degrees stays within with 95 %."""


def known(values: dict[str, Any], replication: int) -> dict[str, float | None]:
    """Return a latency of 1 Mbit over the rate and a tenth of it to and fro, and what a threshold costs."""
    wobble = 1 + 0.1 * (replication - 1)
    latency = wobble * 1e6 / values.get(RATE, 1e6)
    threshold = values.get(THRESHOLD, 0.5)
    return {
        "latency.p95_s": None if threshold == 0.9 and replication == 2 else latency,
        "accuracy": 1 - threshold / 10,
        "bytes.per_sample_per_device": 100 * (1 - threshold),
        "created": 200,
        "exits.local.answers": 200,
    }


GRID = {THRESHOLD: [0.9, 0.5], RATE: ["10 Mbit/s", "1 Mbit/s", "100 kbit/s"]}


@pytest.fixture
def runs() -> Runs:
    return known_runs(GRID, 3, known)


@pytest.fixture(scope="module")
def sweep(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a sweep that is run: two replications of four points."""
    grid = {RATE: ["1 Mbit/s", "500 kbit/s"], DELAY: ["10 ms", "20 ms"]}
    out = tmp_path_factory.mktemp("sweep")
    numbers = ROOT / "scenarios" / "numbers.yaml"
    return package.sweep(numbers, grid, replications=2, out=out, workers=1, **{"workload.requests": 20}).path


# -- the table of a curve ----------------------------------------------------------------------


def test_a_curve_has_means_and_intervals_of_replications_line_by_line(runs: Runs) -> None:
    table = curve(runs, RATE, [THRESHOLD], ["latency.p95_s"]).table
    assert table["line"].tolist() == ["0.5"] * 3 + ["0.9"] * 3
    assert table[RATE].tolist() == [1e5, 1e6, 1e7] * 2
    assert table["n"].tolist() == [3] * 3 + [2] * 3  # of the others one has no answers
    assert table["mean"].tolist() == pytest.approx([10, 1, 0.1, 9.5, 0.95, 0.095])
    half = T_OF_2 * 0.1 / sqrt(3)  # of 0.9, 1 and 1.1, whose variance is 0.01
    assert table["high"].tolist()[:3] == pytest.approx([10 + 10 * half, 1 + half, 0.1 + 0.1 * half])
    assert table["low"].tolist()[:3] == pytest.approx([10 - 10 * half, 1 - half, 0.1 - 0.1 * half])


def test_one_replication_has_no_interval_and_no_answer_no_mean(tmp_path: Path) -> None:
    of_runs = known_runs(
        {RATE: ["1 Mbit/s", "2 Mbit/s"]}, 1,
        lambda values, _: {"accuracy": None if values[RATE] == 1e6 else 0.5},
    )  # fmt: skip
    table = curve(of_runs, RATE, [], ["accuracy"]).table
    assert table["n"].tolist() == [0, 1]
    assert isnan(table["mean"][0])
    assert table["mean"][1] == 0.5
    assert table[["low", "high"]].isna().all(axis=None)


def test_where_leaves_points_out_however_the_value_is_written(runs: Runs) -> None:
    for text in ("1 Mbit/s", "1000 kbit/s", "1e6 bit/s"):
        chosen = runs.among({RATE: text})
        assert curve(chosen, THRESHOLD, [], ["accuracy"]).table["mean"].tolist() == pytest.approx([0.95, 0.91])


def test_two_points_in_one_place_are_refused_with_what_tells_them_apart(runs: Runs) -> None:
    with pytest.raises(
        UserError, match=f"points 0 and 1 .* differ in {RATE}: name it with --by or --over, or .*--where {RATE}="
    ):
        curve(runs, THRESHOLD, [], ["accuracy"])


@pytest.mark.parametrize(
    ("words", "fault"),
    [
        (["--x", "topology.links.wan.delai", "--y", "accuracy"], f"did you mean '{DELAY}'?"),
        (["--x", RATE, "--by", DELAY, "--y", "latency.p955_s"], "did you mean 'latency.p95_s'?"),
        (["--x", RATE, "--by", "rate", "--y", "accuracy"], "runs do not differ in 'rate'"),
        (["--x", RATE, "--y", "accuracy", "--where", f"{DELAY}=15 ms"], "delay=15 ms; there are 10 ms, 20 ms"),
        (["--x", RATE, "--y", "accuracy", "--where", "0.7"], "not of the form a.b=value"),
        (["--x", RATE, "--y", "accuracy"], f"they differ in {DELAY}: name it with --by or --over"),
        (["--x", RATE], "name what to draw"),
        (["--y", "accuracy"], "name what to draw"),
        (["--x", RATE, "--y", "accuracy", "--pareto", "accuracy"], "name what to draw"),
        (["--x", RATE, "--y", "accuracy,created", "--z", "accuracy"], "a heat map is of one number"),
        (["--pareto", "accuracy"], "two or three numbers"),
        (["--pareto", "accuracy,created"], "created: neither more nor less of it is better"),
        ([], "a sweep; name what to draw of it"),
    ],
)
def test_what_cannot_be_drawn_is_refused_and_nothing_written(
    ddnnsim, sweep: Path, words: list[str], fault: str
) -> None:
    before = sorted(file.name for file in sweep.iterdir())
    done = ddnnsim("plot", sweep, *words)
    assert done.returncode == 1
    assert fault in done.stderr
    assert sorted(file.name for file in sweep.iterdir()) == before


def test_more_lines_than_can_be_told_apart_are_refused(tmp_path: Path) -> None:
    of_runs = known_runs({RATE: ["1 Mbit/s"], THRESHOLD: [n / 10 for n in range(9)]}, 1, known)
    with pytest.raises(UserError, match="9 lines cannot be told apart"):
        save_curve(curve(of_runs, RATE, [THRESHOLD], ["accuracy"]), tmp_path / "figure")


def test_two_sweeps_and_no_result_are_refused(sweep: Path, tmp_path: Path) -> None:
    with pytest.raises(ResultError, match="name it alone"):
        open_runs([sweep, sweep])
    with pytest.raises(ResultError, match="not the folder of a whole result"):
        open_runs([tmp_path])


# -- over a setting ----------------------------------------------------------------------------

TRAINING = "model.training.seed"
ADDED = {1: 0.0, 2: 0.1, 3: 0.5}
"""By the seed of the training, what it adds to an accuracy."""


def trained(values: dict[str, Any], replication: int) -> dict[str, float | None]:
    """Return an accuracy of a training, that 0.02 is added to in the second run and that the last at 0.9 has not."""
    told = 0.3 + ADDED[values[TRAINING]] + 0.02 * replication
    absent = values[TRAINING] == 3 and values[THRESHOLD] == 0.9 and replication == 1
    return {"accuracy": None if absent else told, "created": 20}


def test_points_are_taken_together_over_trainings_as_means_of_means() -> None:
    runs = known_runs({TRAINING: [1, 2, 3], THRESHOLD: [0.5, 0.9]}, 2, trained)
    table = curve(runs.over([TRAINING]), THRESHOLD, [], ["accuracy"]).table
    assert table[THRESHOLD].tolist() == [0.5, 0.9]
    assert table["n"].tolist() == [3, 3], "trainings, and not the six runs"
    at = [0.31, 0.41, 0.81], [0.31, 0.41, 0.80]  # of the last training at 0.9 one run alone
    halves = [T_OF_2 * np.std(means, ddof=1) / sqrt(3) for means in at]
    assert table["mean"].tolist() == pytest.approx([1.53 / 3, 1.52 / 3])
    assert (table["high"] - table["mean"]).tolist() == pytest.approx(halves)


def test_of_several_settings_the_first_is_what_is_drawn() -> None:
    grid = {THRESHOLD: [0.5], TRAINING: [1, 2, 3], "data.seed": [1, 2]}
    runs = known_runs(grid, 1, lambda values, _: {"accuracy": ADDED[values[TRAINING]] + 0.01 * values["data.seed"]})
    by_training, by_data = (
        curve(runs.over(paths), THRESHOLD, [], ["accuracy"]).table
        for paths in ([TRAINING, "data.seed"], ["data.seed", TRAINING])
    )
    assert (by_training["n"].item(), by_data["n"].item()) == (3, 2)
    assert by_training["mean"].item() == by_data["mean"].item() == pytest.approx(0.215)
    twelve = 12.706204736174694 * 0.005  # t of one degree, of 0.21 and 0.22, whose mean errs by 0.005
    assert by_data["high"].item() == pytest.approx(0.215 + twelve)


def test_a_quantile_over_trainings_has_no_interval_where_a_run_is_too_short_for_it() -> None:
    def numbers(values: dict[str, Any], replication: int) -> dict[str, float | None]:
        return {"latency.p95_s": values[TRAINING], "exits.cloud.answers": 199 if values[THRESHOLD] == 0.5 else 200}

    runs = known_runs({TRAINING: [1, 2, 3], THRESHOLD: [0.5, 0.9]}, 2, numbers)
    table = curve(runs.over([TRAINING]), THRESHOLD, [], ["latency.p95_s"]).table
    assert (table["mean"].tolist(), table["n"].tolist()) == ([2, 2], [3, 3])
    assert table["low"].isna().tolist() == [True, False]


def test_what_is_taken_together_is_told_and_is_no_axis(ddnnsim, sweep: Path) -> None:
    runs = known_runs({TRAINING: [1, 2, 3], THRESHOLD: [0.5, 0.9]}, 2, trained)
    note = "over n = 3 values of model.training.seed, of each the mean of its runs"
    assert note in as_markdown(manuscript(runs.over([TRAINING]), ["accuracy"]))
    with pytest.raises(UserError, match=r"all runs have the same model\.training\.seed"):
        runs.among({TRAINING: "1"}).over([TRAINING])
    labelled = known_runs({"label": ["a", "b"]}, 1, known)
    twofold = Runs("twofold", labelled.jobs, {**labelled.texts, TRAINING: {0: "1", 1: "2"}})
    with pytest.raises(UserError, match="alone, but in label, too: name it with --over, too"):
        twofold.over([TRAINING])
    assert twofold.over([TRAINING, "label"]).draws("accuracy") == {0: [0.95, 0.95]}
    for words in (("--x", RATE, "--y", "accuracy"), ("--x", DELAY, "--y", "accuracy", "--by", RATE),
                  ("--x", DELAY, "--y", RATE, "--z", "accuracy")):  # fmt: skip
        done = ddnnsim("plot", sweep, "--over", RATE, *words)
        assert (done.returncode, f"{RATE}: its values are taken together" in done.stderr) == (1, True)
    assert "did you mean" in ddnnsim("table", sweep, "--over", "topology.links.wan.rat").stderr
    drawn = ddnnsim("plot", sweep, "--over", RATE, "--x", DELAY, "--y", "accuracy", "--out", "over")
    assert drawn.returncode == 0, drawn.stderr
    (file,) = Path("over").glob("*.csv")
    assert file.stem.endswith(f"-mean-of-{RATE.replace('.', '_')}")
    assert pd.read_csv(file)["n"].tolist() == [2, 2]
    told = ddnnsim("table", sweep, "--over", RATE, "--of", "latency.p95_s")
    assert f"over n = 2 values of {RATE}, of each the mean of its runs" in told.stdout


# -- single runs -------------------------------------------------------------------------------


def test_single_runs_are_points_by_what_their_scenarios_differ_in(tmp_path: Path) -> None:
    scenario = ROOT / "scenarios" / "numbers.yaml"
    paths = [
        package.run(scenario, out=tmp_path, **{"workload.requests": 30, RATE: rate, "run.seed": seed}).path
        for rate in ("1 Mbit/s", "500 kbit/s")
        for seed in (1, 2)
    ]
    runs = open_runs(paths)
    assert list(runs.parameters) == [RATE]
    assert runs.jobs["seed"].tolist() == [1, 2, 1, 2]
    table = curve(runs, RATE, [], ["links.gateway>cloud.utilisation"]).table
    assert table[RATE].tolist() == [5e5, 1e6]
    told = [package.load_result(path).summary.links["gateway>cloud"].utilisation for path in paths]
    assert table["mean"].tolist() == pytest.approx([(told[2] + told[3]) / 2, (told[0] + told[1]) / 2])
    with pytest.raises(UserError, match=r"did you mean 'links\.gateway>cloud\.messages'"):
        runs.number("links.gateway>cloud.mesages")


def test_a_run_that_is_there_twice_is_no_second_replication(ddnnsim, tmp_path: Path) -> None:
    scenario = ROOT / "scenarios" / "numbers.yaml"
    one, again = (package.run(scenario, out=tmp_path / out, **{"workload.requests": 20}).path for out in "ab")
    done = ddnnsim("table", one, again)
    assert done.returncode == 1
    assert f"{one} and {again}: one run twice, of the same settings and the same seed" in done.stderr
    other = package.run(scenario, out=tmp_path / "a", **{"workload.requests": 20, "run.seed": 5}).path
    assert len(open_runs([one, other]).jobs) == 2


# -- fronts ------------------------------------------------------------------------------------


def test_the_front_is_of_the_points_that_no_other_beats() -> None:
    values = np.array([[3, 1], [2, 2], [1, 3], [1, 1], [2, 1], [2, 2]], dtype=float)
    assert unbeaten(values).tolist() == [True, True, True, False, False, True]


@given(st.lists(st.tuples(*[st.integers(0, 4)] * 3), min_size=1, max_size=12))
def test_each_point_is_on_the_front_or_beaten_by_one_that_is(points: list[tuple[int, ...]]) -> None:
    def beats(one: tuple[int, ...], other: tuple[int, ...]) -> bool:
        return one != other and all(a >= b for a, b in zip(one, other, strict=True))

    on_front = unbeaten(np.array(points, dtype=float)).tolist()
    for point, is_on in zip(points, on_front, strict=True):
        beaten_by = [other for other, on in zip(points, on_front, strict=True) if on and beats(other, point)]
        assert bool(beaten_by) != is_on


def test_of_accuracy_more_is_better_and_of_latency_less(runs: Runs) -> None:
    table = front(runs, ["accuracy", "latency.p95_s"]).table
    chosen = table[table["front"]]
    assert list(zip(chosen[THRESHOLD], chosen[RATE], strict=True)) == [("0.9", "10 Mbit/s"), ("0.5", "10 Mbit/s")]


# -- what is drawn -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "log"),
    [
        ([1, 10, 100], True), ([1, 2, 5, 10, 20], True), ([0.1, 0.316228, 1], True), ([1, 2, 4], True),
        ([10, 20, 50, 200], True), ([1, 10, 1000], True), ([8, 64, 128, 512], True), ([10, 20, 30, 50, 100], True),
        ([1, 25, 50, 75, 100], False), ([20, 40, 60, 80, 90], False), ([0.5, 0.7, 0.9, 0.95], False),
        ([1, 2, 3], False), ([0.5, 0.7, 0.9], False), ([1, 10], False), ([0, 1, 10, 100], False), ([8, 9, 10], False),
    ],
)  # fmt: skip
def test_values_in_equal_ratios_are_drawn_so(values: list[float], log: bool) -> None:
    assert in_equal_ratios(values) == log


def drawn(draw: Any, table: pd.DataFrame, **of: Any) -> Figure:
    with rc_context(paper_style()):
        figure = Figure()
        FigureCanvasAgg(figure)
        draw(figure, table, **of)
        figure.canvas.draw()
    return figure


def test_a_curve_is_drawn_with_its_band_in_units_that_are_read(runs: Runs) -> None:
    of = curve(runs, RATE, [THRESHOLD], ["latency.p95_s", "accuracy"])
    figure = drawn(draw_curve, of.table, curve=of)
    latency, accuracy = figure.axes
    assert latency.get_xlabel() == "Rate of wan (Mbit/s)"
    assert latency.get_xscale() == latency.get_yscale() == "log"
    assert latency.get_ylabel().replace("\n", " ") == "Latency, 95th percentile (s)"
    assert latency.lines[0].get_xdata().tolist() == pytest.approx([0.1, 1, 10])
    assert latency.lines[0].get_ydata().tolist() == pytest.approx([10, 1, 0.1])
    assert len(latency.collections) == 2  # bands
    assert accuracy.lines[1].get_ydata().tolist() == pytest.approx([91, 91, 91])
    assert accuracy.get_ylabel() == "Accuracy of answers (%)"
    assert max(accuracy.get_yticks()) <= 100
    (legend,) = figure.legends
    assert [text.get_text() for text in legend.get_texts()] == ["0.5", "0.9"]
    assert legend.get_title().get_text() == "Threshold, local exit"


def test_what_is_no_number_has_its_places_in_the_order_of_the_file(tmp_path: Path) -> None:
    of_runs = known_runs({MEDIUM: ["shared", "dedicated"], THRESHOLD: [0.5, 0.9]}, 3, known)
    of = curve(of_runs, MEDIUM, [THRESHOLD], ["accuracy"])
    assert of.table[MEDIUM].tolist() == ["shared", "dedicated"] * 2
    (ax,) = drawn(draw_curve, of.table, curve=of).axes
    assert [label.get_text() for label in ax.get_xticklabels()] == ["shared", "dedicated"]
    assert ax.get_xlabel() == "Medium of radio"


def test_a_heat_map_has_a_cell_for_each_pair(runs: Runs) -> None:
    of = curve(runs, RATE, [THRESHOLD], ["latency.p95_s"])
    figure = drawn(draw_heat_map, of.table, curve=of)
    cells = figure.axes[0].images[0].get_array()
    assert cells.tolist() == [pytest.approx([10, 1, 0.1]), pytest.approx([9.5, 0.95, 0.095])]
    assert [text.get_text() for text in figure.axes[0].texts] == ["10", "1", "0.1", "9.5", "0.95", "0.095"]
    assert figure.axes[1].get_ylabel() == "Latency, 95th percentile (s)"


def test_a_front_of_three_numbers_has_a_panel_for_each_of_the_last_two(runs: Runs) -> None:
    of = front(runs, ["accuracy", "bytes.per_sample_per_device", "latency.p95_s"])
    sent, late = drawn(draw_front, of.table, front=of).axes
    assert sent.get_xlabel() == "Bytes per sample and device (B)"
    assert late.get_xlabel() == "Latency, 95th percentile (s)"
    steps = sent.lines[0]
    assert steps.get_xdata().tolist() == pytest.approx([10, 50, 50])
    assert steps.get_ydata().tolist() == pytest.approx([91, 91, 95])


def test_the_command_draws_into_the_folder_of_the_sweep(ddnnsim, sweep: Path) -> None:
    done = ddnnsim("plot", sweep, "--x", RATE, "--y", "latency.p95_s", "--by", DELAY)
    assert done.returncode == 0, done.stderr
    name = "latency_p95_s-over-topology_links_wan_rate-by-topology_links_wan_delay"
    files = [sweep / "figures" / f"{name}.{end}" for end in ("csv", "pdf", "png")]
    assert done.stdout.split() == [str(file) for file in files]
    drawn, told = pd.read_csv(files[0]), package.ResultSet.load(sweep).summary
    order = [2, 0, 3, 1]  # points: rate descending, delay ascending, the last fastest
    means = told[told["number"] == "latency.p95_s"].set_index("point")["mean"]
    assert drawn["mean"].tolist() == pytest.approx(means[order].tolist(), rel=1e-8)
    assert drawn[RATE].tolist() == [5e5, 1e6] * 2
    assert drawn[DELAY].tolist() == [0.01, 0.01, 0.02, 0.02]
    assert ddnnsim("plot", sweep, "--x", RATE, "--y", DELAY, "--z", "accuracy", "--out", "map").returncode == 0
    assert Path("map", "accuracy-over-topology_links_wan_rate-and-topology_links_wan_delay.pdf").is_file()


def test_labels_and_words_of_a_sweep_are_parameters_too(tmp_path: Path) -> None:
    items = [{"label": "near", DELAY: "1 ms"}, {"label": "far", DELAY: "1 s"}]
    path = package.sweep(
        ROOT / "scenarios" / "numbers.yaml", list=items, out=tmp_path, workers=1, **{"workload.requests": 20}
    ).path
    table = curve(open_runs([path]), "label", [], ["latency.p95_s", "links.gateway>cloud.messages"]).table
    assert table["label"].tolist() == ["near", "near", "far", "far"]
    near, far = (package.ResultSet.load(path).result(point).summary for point in (0, 1))
    assert table["mean"].tolist()[::2] == [near.latency.p95_s, far.latency.p95_s]
    assert table["mean"].tolist()[1] == near.links["gateway>cloud"].messages


def test_a_study_of_failures_is_drawn_again(ddnnsim, tmp_path: Path) -> None:
    words = ("--against", "loss", "--values", "0 %,10 %", "--set", "workload.requests=20", "--out", "studies")
    assert ddnnsim("failures", ROOT / "scenarios" / "numbers.yaml", *words).returncode == 0
    (study,) = Path("studies").glob("numbers-loss-*")
    before = (study / "figures" / "failures.csv").read_bytes()
    done = ddnnsim("plot", study, "--out", "drawn")
    assert done.returncode == 0, done.stderr
    assert (Path("drawn") / study.name / "failures.csv").read_bytes() == before


def test_settings_are_called_as_one_likes_and_a_value_that_no_file_says_is_the_default() -> None:
    runs = known_runs({MEDIUM: [None, "shared"]}, 1, known).called({MEDIUM: "Radio"})
    parameter = runs.parameter(MEDIUM)
    assert parameter.label == "Radio"
    assert list(parameter.names.values()) == ["default", "shared"]
    assert runs.among({MEDIUM: "default"}).jobs["point"].tolist() == [0]
    with pytest.raises(UserError, match="runs do not differ in 'medium'"):
        runs.called({"medium": "Radio"})


def test_an_interval_of_shares_is_drawn_no_further_than_all() -> None:
    runs = known_runs({RATE: ["1 Mbit/s", "2 Mbit/s"]}, 3, lambda _, replication: {"availability": 1 - replication / 9})
    of = curve(runs, RATE, [], ["availability"])
    assert of.table["high"].min() > 1
    (ax,) = drawn(draw_curve, of.table, curve=of).axes
    assert ax.collections[0].get_paths()[0].vertices[:, 1].max() == 100


def test_a_sweep_of_which_parts_are_missing_is_called_so(tmp_path: Path) -> None:
    (tmp_path / "sweep" / "runs").mkdir(parents=True)
    with pytest.raises(ResultError, match="a sweep that is not finished; run its scenario again, without --shard"):
        open_runs([tmp_path / "sweep"])


@pytest.mark.parametrize("order", [["accuracy", "latency.p95_s"], ["latency.p95_s", "accuracy"]])
def test_the_axes_of_a_front_are_logarithmic_where_those_of_a_curve_are_and_shares_end_at_100(
    runs: Runs, order: list[str]
) -> None:
    of = front(runs, order)
    wide = of.table.assign(**{"accuracy.low": 0.2, "accuracy.high": 1.3})
    (ax,) = drawn(draw_front, wide, front=of).axes
    late, right = (ax.xaxis, ax.yaxis) if order[0] == "accuracy" else (ax.yaxis, ax.xaxis)
    assert (late.get_scale(), right.get_scale()) == ("log", "linear")
    assert right.get_view_interval()[1] == 100
    ends = [end for bars in ax.collections for path in bars.get_paths() for end in path.vertices.ravel()]
    assert max(ends) == pytest.approx(100)


def test_the_axis_of_shares_ends_at_100_in_curves(runs: Runs) -> None:
    of = curve(runs, RATE, [THRESHOLD], ["accuracy"])
    (ax,) = drawn(draw_curve, of.table, curve=of).axes
    assert ax.get_ylim()[1] == 100
