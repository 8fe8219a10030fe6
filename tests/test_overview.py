"""What `ddnnsim show` tells: a request alone against an independent recursion and by hand, and drawings that fit."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from importlib.util import find_spec
from io import StringIO
from itertools import combinations
from pathlib import Path

import pytest
from rich.console import Console, RenderableType

import ddnnsim as package
from ddnnsim.overview import overview
from ddnnsim.plot.folding import MOST, bundles, folded
from ddnnsim.plot.network import _Drawing
from ddnnsim.probe import exit_traces, leaving, lone_request, undecided
from ddnnsim.report import report
from ddnnsim.report.network import network_report

sys.path.insert(0, str(Path(__file__).parent / "sim"))
from recursion import expected

SCENARIOS = Path(__file__).parents[1] / "scenarios"
LEFT_OUT = {"residual"} if find_spec("topohub") else {"residual", "zoo"}
"""Weights come first; topohub is not there."""
SHIPPED = sorted(path for path in SCENARIOS.rglob("*.yaml") if path.stem not in LEFT_OUT)
SOME = ("quickstart", "shared_cell", "lte_trace", "failover", "hundred", "zoo")


def slow_but_some(paths: list[Path]):
    """Return parameters: some scenarios, and in the slow suite all."""
    return [
        pytest.param(path, id=str(path.relative_to(SCENARIOS)), marks=[] if path.stem in SOME else pytest.mark.slow)
        for path in paths
    ]


@pytest.mark.parametrize("path", slow_but_some(SHIPPED))
def test_a_request_alone_takes_what_an_independent_recursion_says(path: Path, monkeypatch: pytest.MonkeyPatch):
    deployments = []

    def kept(deployment, record):
        deployments.append(lone_request(deployment))
        return exit_traces(deployment, record)

    monkeypatch.setattr("ddnnsim.overview.exit_traces", kept)
    shown = overview(package.load(path))
    (alone,) = deployments
    for number, row in enumerate(shown.exits):
        forced = leaving(alone, number)
        (request,) = expected(forced, undecided(forced))["requests"]
        end = request["answered_ns"] if alone.reply_to is None else request["replied_ns"]
        assert request["exit"] == number
        assert round(row.latency_ms * 1e6) == end - request["captured_ns"]
        assert sum(row.parts_ms.values()) == pytest.approx(row.latency_ms, abs=1e-6)


def test_the_quickstart_by_hand():
    local, cloud = overview(package.load(SCENARIOS / "quickstart.yaml")).exits
    # A camera's section: 3x3x1x4 weights at 24x24 pixels and 576x10 of the classifier, two operations each, at
    # 40 MFLOP/s: (41,472 + 11,520) / 40e6 s; 40 B at 250 kbit/s, and 5 ms. All six at once; the decision takes no time.
    camera, scores = (2 * 36 * 576 + 2 * 576 * 10) / 40e6 * 1e3, 40 * 8 / 250
    assert local.latency_ms == pytest.approx(camera + scores + 5, abs=1e-6)
    assert (local.bytes_per_device, local.carried_bytes) == (40, 6 * 40)
    # Then the order of 0 B down, 5 ms; 72 B of features up, 72 * 8 / 250 ms and 5 ms; on the wan six of them one after
    # another, and 20 ms; the section of the cloud.
    features = 5 + 72 * 8 / 250 + 5 + 6 * 72 * 8 / 10_000 + 20
    assert cloud.parts_ms["service"] - local.parts_ms["service"] == pytest.approx(
        cloud.latency_ms - local.latency_ms - features, abs=1e-6
    )
    assert (cloud.bytes_per_device, cloud.carried_bytes) == (112, 6 * 40 + 2 * 6 * 72)


@pytest.mark.parametrize("path", slow_but_some(SHIPPED))
def test_nothing_overlaps_in_the_drawing(path: Path):
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    from ddnnsim.plot.network import BOX_IN, WIDTH_IN
    from ddnnsim.plot.style import paper_style

    drawing = _Drawing(overview(package.load(path)))
    import matplotlib as mpl

    with mpl.rc_context(paper_style(WIDTH_IN, drawing.height_in) | {"figure.constrained_layout.use": False}):
        figure = Figure()
        FigureCanvasAgg(figure)
        ax = figure.add_axes((0, 0, 1, 1))
        drawing.on(ax)
        figure.canvas.draw()
        extents = [text.get_window_extent() for text in ax.texts]
        frame = figure.bbox
    in_boxes = sum(len(set_of_lines) for set_of_lines in (row for row in drawing.rows))
    assert in_boxes <= len(extents)
    for extent in extents:
        assert frame.x0 <= extent.x0 < extent.x1 <= frame.x1
        assert frame.y0 <= extent.y0 < extent.y1 <= frame.y1
        assert extent.width / figure.dpi <= max(BOX_IN, 1.18)
    for a, b in combinations(extents, 2):
        width = min(a.x1, b.x1) - max(a.x0, b.x0)
        height = min(a.y1, b.y1) - max(a.y0, b.y0)
        assert width <= 0 or height <= 2, "lines of one box may touch by their leading"


def mesh(nodes: int) -> dict:
    """Return a scenario of a chain of so many gateways with a camera at each, and a cloud at the end."""
    gates = {f"g{number}": {"tier": "gateway"} for number in range(nodes)}
    links = {
        f"c{n}": {"from": f"cam{n + 1}", "to": f"g{n}", "rate": "1 Mbit/s", "delay": f"{n % 3} ms"}
        for n in range(nodes)
    }
    links |= {f"m{n}": {"from": f"g{n}", "to": f"g{n + 1}", "rate": "1 Gbit/s"} for n in range(nodes - 1)}
    return {
        "name": "mesh",
        "configuration": "c",
        "data": {"source": "numbers", "classes": 4},
        "model": {
            "sections": {"device": {"service": "1 ms", "features": "100 B"}, "cloud": {"service": "3 ms"}},
            "exits": {"local": {"leave": 0.5, "accuracy": 1}, "cloud": {"accuracy": 1}},
        },
        "topology": {
            "nodes": {"cam": {"tier": "device", "count": nodes}, **gates, "core": {"tier": "cloud"}},
            "links": {**links, "wan": {"from": f"g{nodes - 1}", "to": "core", "rate": "1 Gbit/s"}},
        },
        "exits": {"local": {"at": "g0"}, "cloud": {}},
        "workload": {"arrivals": "poisson", "rate": "1 /s", "requests": 10},
    }


def test_few_nodes_are_drawn_one_by_one_and_many_as_one_box():
    few = overview(package.load(mesh(4)))
    assert [len(row) for row in folded(few.nodes, few.links)] == [4, 4, 1]
    many = overview(package.load(mesh(40)))
    rows = folded(many.nodes, many.links)
    assert [[box.name for box in row] for row in rows] == [["40 × cam"], ["g0", "39 × gateway"], ["core"]]
    assert max(map(len, rows)) <= MOST
    drawn = {tuple(box.name for box in bundle.ends): len(bundle.links) for bundle in bundles(rows, many.links)}
    assert drawn == {
        ("40 × cam", "g0"): 1,
        ("40 × cam", "39 × gateway"): 39,
        ("g0", "39 × gateway"): 1,
        ("39 × gateway", "core"): 1,
    }


def test_shows_and_draws(ddnnsim, tmp_path: Path):
    done = ddnnsim("show", SCENARIOS / "failover.yaml", "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert [node["name"] for node in told["nodes"] if "edge exit" in node["runs"]] == ["edge_n"]
    assert {"north1", "edge_s"} <= {node["name"] for node in told["nodes"]}
    assert told["figures"] == [f"networks/failover.{kind}" for kind in ("pdf", "png", "csv")]
    assert all(Path(file).stat().st_size > 100 for file in told["figures"])
    shown = ddnnsim("show", SCENARIOS / "failover.yaml", "--out", "here").stdout
    assert "3 × north" in shown
    assert Path("here/failover.png").is_file()


def test_a_narrow_terminal_breaks_names_and_no_numbers() -> None:
    few = package.load(SCENARIOS / "city.yaml", {"topology.graph.fan_out": [3, 2]})
    text = told_in_80_columns(network_report(overview(few)))
    assert "…" not in text
    assert all(told in text for told in ("40 MFLOP/s", "1 Gbit/s", "65 Mbit/s", "50.11"))


def test_what_is_too_many_for_a_table_is_counted(tmp_path: Path) -> None:
    """A thousand cameras with a memory, of fifty exits: a run is told in as many lines as that of six."""
    result = package.run(SCENARIOS / "city.yaml", out=tmp_path, **{"workload.requests": 200})
    text = told_in_80_columns(report(result))
    assert len(text.splitlines()) < 80
    assert "the 12 of 51 with most answers" in " ".join(text.split())
    assert "the 12 of 1,000 that use most" in " ".join(text.split())


def told_in_80_columns(parts: Iterable[RenderableType]) -> str:
    console = Console(width=80, file=StringIO())
    for part in parts:
        console.print(part)
    return console.file.getvalue()


def test_a_network_whose_places_are_searched_for_is_shown_with_the_first(ddnnsim, tmp_path: Path):
    data = mesh(2)
    del data["exits"]["local"]["at"]
    data["placement"] = {"search": {"minimise": "bytes", "of": {"exits": {"local": "all"}}}}
    shown = overview(package.load(data))
    assert shown.searched == ("exits.local.at",)
    assert shown.exits[0].node == "g0"
    (tmp_path / "s.json.yaml").write_text(json.dumps(data))
    assert "A run searches for exits.local.at" in ddnnsim("show", tmp_path / "s.json.yaml").stdout
