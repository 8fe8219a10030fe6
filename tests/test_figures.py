"""Figures: whole or not there, and legible however many exits there are."""

from __future__ import annotations

import errno
import resource
import runpy
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import combinations, pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from matplotlib import rc_context
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

import ddnnsim
from ddnnsim.plot import draw, save
from ddnnsim.plot.calibration import draw_reliability, reliability_size_in
from ddnnsim.plot.contact_sheet import draw_contact_sheet
from ddnnsim.plot.figures import draw_exits, draw_latency
from ddnnsim.plot.parts import HATCHES, draw_parts, parts_height_in
from ddnnsim.plot.series import draw_series, series_height_in
from ddnnsim.plot.style import IEEE_COLUMN_IN, paper_style

ROOT = Path(__file__).parents[1]


@contextmanager
def files_up_to(size_bytes: int) -> Iterator[None]:
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size_bytes, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)


def with_words(figure: Figure, data: pd.DataFrame) -> None:
    """Draw enough words to fill the buffers of a file."""
    ax = figure.subplots()
    ax.plot(data["x"])
    ax.set_xlabel("Latency (ms)")
    ax.set_ylabel("Share of answers, overall")


def test_a_full_disk_is_an_error_of_the_system(tmp_path: Path) -> None:
    with files_up_to(1000), pytest.raises(OSError) as full:  # noqa: PT011
        save(tmp_path / "line", pd.DataFrame({"x": [0, 1]}), with_words)
    assert full.value.errno == errno.EFBIG
    images = np.random.default_rng(0).integers(0, 255, (2, 1, 3, 16, 16), dtype=np.uint8)
    with files_up_to(1000), pytest.raises(OSError) as full:  # noqa: PT011
        draw_contact_sheet(images, np.array([0, 1]), ("a", "b"), tmp_path / "sheet.png")
    assert full.value.errno == errno.EFBIG


@pytest.mark.parametrize(
    ("given", "name"), [("fig.v2.pdf", "fig.v2"), ("fig.v2", "fig.v2"), ("fig", "fig"), ("fig.png", "fig")]
)
def test_figures_keep_their_names_with_all_dots_but_that_of_the_ending(tmp_path: Path, given: str, name: str) -> None:
    save(tmp_path / given, pd.DataFrame({"x": [0, 1]}), with_words)
    assert {file.name for file in tmp_path.iterdir()} == {f"{name}.pdf", f"{name}.png", f"{name}.csv"}


# -- the scripts in plots/ ---------------------------------------------------------------------


def of_script(monkeypatch: pytest.MonkeyPatch, name: str, *words: str | Path) -> None:
    monkeypatch.setattr(sys, "argv", [name, *map(str, words)])
    runpy.run_path(str(ROOT / "plots" / f"{name}.py"), run_name="__main__")


@pytest.mark.parametrize("name", sorted(path.stem for path in (ROOT / "plots").glob("*.py")))
def test_a_script_tells_in_a_line_what_is_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    tables = [] if name == "threshold" else ["", "no,table", "study,variant,x,quantity,mean,sd,paper\na,b,c,d,e,,"]
    (tmp_path / "tables").mkdir()
    for table in [None, *tables]:
        if table is not None:
            (tmp_path / "tables" / f"{name}.csv").write_text(table)
        with pytest.raises(SystemExit) as end:
            of_script(monkeypatch, name, tmp_path, "--out", tmp_path / "f.pdf")
        assert str(end.value.code).startswith(f"{tmp_path}")
        assert "\n" not in str(end.value.code)


def test_the_local_exits_of_groups_are_drawn_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    few = {"model.training.epochs": 1, "workload.requests": 100, "data.source": "digits"}
    forest = ddnnsim.run(ROOT / "scenarios" / "configurations" / "f.yaml", out=tmp_path, **few)
    of_script(monkeypatch, "threshold", forest.path, "--out", tmp_path / "f.pdf")
    (row,) = pd.read_csv(tmp_path / "f.csv").to_dict("records")
    shares = forest.requests["exit"].astype(str).str.startswith("local.")
    assert row["local_share"] == pytest.approx(shares.mean())
    raw = ddnnsim.run(ROOT / "scenarios" / "configurations" / "a.yaml", out=tmp_path, **few)
    with pytest.raises(SystemExit, match="has no local exit"):
        of_script(monkeypatch, "threshold", raw.path, "--out", tmp_path / "f.pdf")


def test_parts_of_latency_and_the_deadline_are_drawn(tmp_path: Path) -> None:
    few = {"model.training.epochs": 1, "workload.requests": 50, "workload.deadline": "30 ms"}
    figures = {
        record: draw(ddnnsim.run(ROOT / "scenarios" / "quickstart.yaml", out=tmp_path, **few, **{"run.record": record}))
        for record in ("requests", "messages")
    }
    assert "latency_parts.pdf" not in {file.name for file in figures["requests"]}
    files = {file.name: file for file in figures["messages"]}
    assert {"latency_parts.pdf", "latency_parts.png"} < set(files)
    parts, curves = (pd.read_csv(files[name]).set_index("exit") for name in ("latency_parts.csv", "latency_cdf.csv"))
    assert set(curves["deadline_ms"]) == {30}
    assert list(parts.index) == ["local", "cloud", "overall"]
    means_ms = curves.groupby("exit")["latency_ms"].mean()
    answered = parts.dropna().sum(axis=1)
    assert answered[means_ms.index].tolist() == pytest.approx(means_ms.tolist())


def test_a_run_with_windows_is_drawn_over_time(tmp_path: Path) -> None:
    blackout = {"name": "blackout", "crash": ["cloud"], "from": "2 s", "until": "4 s"}
    told = {
        "faults": [blackout, {"name": "cut", "outage": "wan", "from": "6 s"}],
        "recovery.fallback": "best_effort",
        "workload.requests": 150,
        "run.window": "1 s",
    }
    result = ddnnsim.run(ROOT / "scenarios" / "numbers.yaml", out=tmp_path, **told)
    files = {file.name: file for file in draw(result)}
    data = pd.read_csv(files["over_time.csv"]).set_index(["panel", "name"])
    windows = result.series
    answered = data.loc[("accuracy", "answered")]
    assert answered["from_s"].tolist() == [float(k) for k in range(len(windows))]
    done, captured = (windows["answered"] + windows["degraded"]).to_numpy(), windows["captured"].to_numpy()
    assert (windows["degraded"] > 0).any()
    for value, part, of in zip(answered["value"], done, captured, strict=True):
        assert np.isnan(value) if not of else value == pytest.approx(part / of)
    stack = sum(data.loc[("exits", name)]["value"].to_numpy() for name in ("local", "cloud", "no answer"))
    assert stack[captured > 0] == pytest.approx(1)
    spells = data.loc["spells"]
    assert spells["from_s"].tolist() == [2, 6, 6]
    assert spells["until_s"].tolist() == pytest.approx([4, *[result.summary.simulated_s] * 2])
    assert "over_time.pdf" in files


@pytest.mark.parametrize("name", ["n", "northwest-camera17>gateway-northwest"])
def test_the_legends_over_time_are_within_the_figure(name: str) -> None:
    rows = [
        *(("accuracy", f"right {i}", float(k), k + 1.0, 0.5) for i in range(3) for k in range(3)),
        *(
            ("exits", exit_, float(k), k + 1.0, 0.25)
            for exit_ in ("local", "edge", "cloud", "degraded")
            for k in range(3)
        ),
        *(("queues", f"{name}{i}", k + 1.0, k + 1.0, float(k)) for i in range(4) for k in range(3)),
        ("spells", "a", 1.0, 2.0, np.nan),
    ]
    data = pd.DataFrame(rows, columns=["panel", "name", "from_s", "until_s", "value"])
    figure = drawn(lambda figure: draw_series(figure, data), IEEE_COLUMN_IN, series_height_in(data))
    assert [ax.get_ylabel() for ax in figure.axes] == ["Requests (%)", "Requests (%)", "Queue length"]
    for ax in figure.axes:
        extent = ax.get_legend().get_window_extent()
        assert extent.x0 >= 0
        assert extent.x1 <= figure.bbox.width
        assert extent.y1 <= figure.bbox.height
        assert ax.get_position().height > 0.1


# -- many exits, with long names ---------------------------------------------------------------

GROUPS = [f"local.{name}" for name in ("northwest", "southeast", "riverside", "eastbound", "westbound", "boulevard")]


def exits_with(groups: int) -> list[str]:
    """Return exits of so many groups, those above, and what they come to together."""
    return [*(GROUPS[:groups] or ["local"]), *(f"local.group{n}" for n in range(groups - len(GROUPS))), "edge", "cloud"]


def drawn(draw: Callable[[Figure], None], width_in: float = IEEE_COLUMN_IN, height_in: float | None = None) -> Figure:
    """Return a figure after *draw*, laid out."""
    with rc_context(paper_style(width_in, height_in)):
        figure = Figure()
        FigureCanvasAgg(figure)
        draw(figure)
        figure.canvas.draw()
    return figure


@pytest.mark.parametrize(("groups", "words"), [(0, 4), (2, 5), (4, 7), (5, 4), (12, 4)])
def test_the_legend_of_latencies_is_within_the_figure(groups: int, words: int) -> None:
    names = [*exits_with(groups), "overall"]
    curves = [pd.DataFrame({"exit": name, "latency_ms": [1.0, 2.0], "share": [0.5, 1.0]}) for name in names]
    figure = drawn(lambda figure: draw_latency(figure.subplots(), pd.concat(curves)))
    (legend,) = figure.legends
    extent, told = legend.get_window_extent(), [text.get_text() for text in legend.get_texts()]
    assert extent.x0 >= 0
    assert extent.x1 <= figure.bbox.width
    assert extent.y1 <= figure.bbox.height
    assert figure.axes[0].get_position().height > 0.4
    assert len(told) == words
    assert told[0] == (f"local ({groups} groups)" if groups > 4 else names[0])


@pytest.mark.parametrize("exits", [1, 2, 3, 4, 5, 6, 8, 14])
def test_reliability_diagrams_do_not_overlap(exits: int) -> None:
    names = exits_with(exits - 2)[-exits:]
    bins = {"low": 0.4, "high": 0.5, "samples": 9, "confidence": 0.45, "accuracy": 0.4, "temperature": 1.234}
    rows = [{"exit": name, "state": state, **bins} for name in names for state in ("before", "after")]
    figure = drawn(lambda figure: draw_reliability(figure, pd.DataFrame(rows)), *reliability_size_in(exits))
    panels = [ax for ax in figure.axes if ax.get_visible()]
    legends = [ax.get_legend().get_window_extent() for ax in panels]
    assert [ax.get_legend().get_title().get_text() for ax in panels] == names
    assert all(ax.get_position().width * figure.bbox.width > 150 for ax in panels), "pixels, 200 an inch"
    for one, other in combinations([*legends, *(ax.bbox for ax in panels)], 2):
        assert not one.overlaps(other)
    assert min(legend.x0 for legend in legends) >= 0
    assert max(legend.x1 for legend in legends) <= figure.bbox.width
    assert max(legend.y1 for legend in legends) <= figure.bbox.height


@pytest.mark.parametrize("groups", [0, 2, 4, 12])
def test_the_names_of_exits_below_bars_do_not_overlap(groups: int) -> None:
    data = pd.DataFrame({"exit": exits_with(groups), "share": 0.2, "accuracy": 0.9, "accuracy_all": 0.8})
    figure = drawn(lambda figure: draw_exits(figure.subplots(), data))
    labels = figure.axes[0].get_xticklabels()
    extents = [label.get_window_extent() for label in labels]
    side_by_side = all(a.x1 < b.x0 for a, b in pairwise(extents))
    assert side_by_side or all(label.get_rotation() == 60 for label in labels)


@pytest.mark.parametrize("groups", [0, 2, 4, 12])
def test_parts_of_latency_are_within_the_figure(groups: int) -> None:
    data = pd.DataFrame({"exit": exits_with(groups), **{f"{part}_ms": 2000.0 for part in HATCHES}})
    data.loc[0, data.columns[1:]] = np.nan
    figure = drawn(lambda figure: draw_parts(figure.subplots(), data), height_in=parts_height_in(data))
    (ax,), (legend,) = figure.axes, figure.legends
    assert [text.get_text() for text in ax.texts] == ["no answers", *["10,000.0"] * (len(data) - 1)]
    assert all(text.get_window_extent().x1 <= figure.bbox.width for text in ax.texts)
    names = [label.get_window_extent() for label in ax.get_yticklabels()]
    assert min(extent.x0 for extent in names) >= 0
    assert all(above.y0 >= below.y1 for above, below in pairwise(names))
    assert legend.get_window_extent().x1 <= figure.bbox.width
    assert ax.get_position().height > 0.4
