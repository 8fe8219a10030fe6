"""What `ddnnsim show` tells: a request alone against an independent recursion and by hand, and drawings that fit."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterable
from importlib.util import find_spec
from io import StringIO
from itertools import combinations
from pathlib import Path

import matplotlib as mpl
import pytest
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from rich.console import Console, RenderableType

import ddnnsim as package
from ddnnsim.overview import overview
from ddnnsim.plot.folding import MOST, bundles, folded
from ddnnsim.plot.map import Map
from ddnnsim.plot.network import drawing_of
from ddnnsim.plot.rows import BOX_IN, Rows
from ddnnsim.plot.sites import sites_of
from ddnnsim.plot.style import PAGE_IN, paper_style
from ddnnsim.probe import leaving, lone_request, probes, undecided
from ddnnsim.report import report
from ddnnsim.report.network import network_report
from ddnnsim.sim.rules import KINDS

sys.path.insert(0, str(Path(__file__).parent / "sim"))
from lone import of_one
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

    def kept(deployment, *how):
        deployments.append(lone_request(deployment))
        return probes(deployment, *how)

    monkeypatch.setattr("ddnnsim.overview.probes", kept)
    scenario = package.load(path)
    rows = dict(enumerate(overview(scenario).exits))
    (alone,) = deployments
    devices = {section.name: number for number, section in enumerate(alone.sections) if section.view is not None}
    for number in [*rows][:3] + [*rows][3:][-3:]:
        row = rows[number]
        assert (row.device is None) == (scenario.workload.capture != "each")
        forced = leaving(alone if row.device is None else of_one(alone, devices[row.device]), number)
        told = expected(forced, undecided(forced))
        (request,) = told["requests"]
        end = request["answered_ns"] if alone.reply_to is None else request["replied_ns"]
        assert request["exit"] == number
        assert round(row.latency_ms * 1e6) == end - request["captured_ns"]
        assert sum(row.parts_ms.values()) == pytest.approx(row.latency_ms, abs=1e-6)
        views = len(devices) if row.device is None else 1
        assert row.bytes_per_device == sum(node["origin_bytes"] for node in told["nodes"]) / views
        assert row.carried_bytes == sum(link[f"{kind}_bytes"] for link in told["links"] for kind in KINDS)


def test_a_capture_alone_waits_for_no_other_camera():
    """1.2 MFLOP at 40 MFLOP/s and 3 MOP at 400 MOP/s, and the decision, which is nothing; nobody else on the channel.

    Scores have 40 B, features 140.
    """
    *local, cloud = overview(package.load(SCENARIOS / "city.yaml")).exits
    assert {row.device for row in local} == {f"{row.node}-device1" for row in local}, "of equals the first"
    for row in local:
        assert (row.parts_ms["waiting"], row.parts_ms["queueing"]) == (0, 0)
        assert row.parts_ms["service"] == pytest.approx(37.5, abs=1e-3)
        assert (row.bytes_per_device, row.carried_bytes) == (40, 40)
    assert (cloud.bytes_per_device, cloud.carried_bytes) == (180, 40 + 2 * 140)


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


def drawn(drawing: Rows | Map) -> Axes:
    """Return *drawing* as it is printed."""
    with mpl.rc_context(paper_style(PAGE_IN, drawing.height_in) | {"figure.constrained_layout.use": False}):
        figure = Figure()
        FigureCanvasAgg(figure)
        ax = figure.add_axes((0, 0, 1, 1))
        drawing.on(ax)
        figure.canvas.draw()
    return ax


@pytest.mark.parametrize("path", slow_but_some(SHIPPED))
def test_nothing_overlaps_in_the_drawing(path: Path):
    drawing = drawing_of(overview(package.load(path)))
    ax = drawn(drawing)
    extents = [text.get_window_extent() for text in ax.texts]
    frame = ax.figure.bbox
    for extent in extents:
        assert frame.x0 <= extent.x0 < extent.x1 <= frame.x1
        assert frame.y0 <= extent.y0 < extent.y1 <= frame.y1
    if isinstance(drawing, Rows):
        assert sum(len(row) for row in drawing.rows) <= len(extents)
        assert max(extent.width for extent in extents) / ax.figure.dpi <= max(BOX_IN, 1.18)
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


def ring(edges: int) -> dict:
    """Return a scenario of a ring of so many edges with two devices each, and a cloud at the first."""
    data = mesh(1)
    sections, exits = data["model"]["sections"], data["model"]["exits"]
    model = {"sections": {**sections, "edge": {"service": "2 ms", "features": "50 B"}}, "exits": exits}
    defaults = {"link": {"rate": "1 Gbit/s", "delay": "5 ms"}, "link_from": {"device": {"preset": "lte"}}}
    topology = {"graph": {"kind": "ring", "edges": edges, "devices": 2}, "defaults": defaults}
    return {**data, "configuration": "f", "model": model, "topology": topology, "exits": {"local": {}, "cloud": {}}}


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (mesh(8), Rows),  # a row has place for each, and each is joined with the next
        (mesh(9), Map),  # g0 has an exit, the others are one box
        (mesh(60), Rows),  # with the cloud 61 nodes
        (ring(3), Map),  # the third is joined with the first, past the second
    ],
)
def test_a_map_is_drawn_where_rows_would_not_tell_all_links_and_it_has_place(data: dict, kind: type):
    assert type(drawing_of(overview(package.load(data)))) is kind


def test_a_map_has_place_for_sixty_nodes_beside_what_hangs_on_them():
    sites = sites_of(overview(package.load(mesh(59))))
    assert [len(site.hung) for site in sites.sites] == [1] * 59 + [0]
    assert (len(sites.links), len(sites.hanging)) == (59, 59)
    data = mesh(60)
    assert sites_of(overview(package.load(data))) is None
    data["topology"]["links"]["m58"]["to"] = "core"  # g59 is a leaf of the cloud alone when its camera goes elsewhere
    data["topology"]["links"]["c59"]["to"] = "g0"
    sites = sites_of(overview(package.load(data)))
    assert [node.name for node in sites.sites[-1].hung] == ["g59"]
    assert len(sites.sites) == 60


def test_rows_say_how_many_links_they_do_not_draw():
    rows = drawing_of(overview(package.load(mesh(60))))
    texts = [text.get_text() for text in drawn(rows).texts]
    assert [text for text in texts if "within" in text] == ["58 links within"]  # 59 gateways but g0, in a chain


def test_every_node_and_every_link_is_on_a_map_once():
    shown = overview(package.load(ring(12)))
    ax = drawn(drawing_of(shown))
    names = {node.name for node in shown.nodes if node.tier != "device"}
    pairs = {f"{link.source} - {link.target}" for link in shown.links if {link.source, link.target} <= names}
    told = [line.get_label() for line in ax.lines if not line.get_label().startswith("_")]
    assert len(told) == len(set(told)) == 13 + 13
    assert set(told) == names | pairs
    places = {line.get_label(): line.get_xydata().tolist() for line in ax.lines}
    assert all(places[pair] == [places[end][0] for end in pair.split(" - ")] for pair in pairs)
    texts = Counter(text.get_text() for text in ax.texts)
    assert texts["2 × device"] == 12
    assert all(texts[name] == 1 for name in names)
    assert {
        "device (24): device section",
        "edge (12): edge section, local exit",
        "links (13): 1 Gbit/s, 5 ms",
        "to devices: 6 Mbit/s / 13 Mbit/s, 35 ms (up / down)",
    } <= set(texts)


def test_devices_that_are_joined_with_devices_are_on_a_map_by_themselves():
    data = mesh(9)
    data["topology"]["links"]["d"] = {"from": "cam1", "to": "cam2", "rate": "1 Mbit/s"}
    sites = drawing_of(overview(package.load(data))).sites
    assert len(sites.sites) == 19
    assert len(sites.links) == 19
    assert sites.hanging == ()


def test_a_link_has_a_label_of_what_differs():
    data = mesh(9)
    links = data["topology"]["links"]
    links["m3"]["delay"] = "1234567 ns"
    links["m4"]["delay"] = {"up": "1 ms", "down": "0.5 ms"}
    shown = drawing_of(overview(package.load(data)))
    told = dict(zip((link.link for link in shown.sites.links), shown.labels, strict=True))
    assert (told["m1"], told["m3"], told["m4"]) == ("0 ms", "1.23 ms", "1 ms / 500 µs")
    assert "links (9): 1 Gbit/s (up / down)" in [entry.text for line in shown.legend for entry in line]
    links["m1"]["rate"] = "2 Gbit/s"
    shown = drawing_of(overview(package.load(data)))
    assert {"2 Gbit/s\n0 ms", "1 Gbit/s\n0 ms"} < set(shown.labels)


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


def test_the_resolved_scenario_is_shown(ddnnsim, tmp_path: Path):
    done = ddnnsim("show", SCENARIOS / "city.yaml", "--set", "topology.graph.fan_out=[3, 2]", "--yaml")
    assert done.returncode == 0, done.stderr
    (tmp_path / "resolved.yaml").write_text(done.stdout)
    scenario = package.load(SCENARIOS / "city.yaml", {"topology.graph.fan_out": [3, 2]})
    assert package.load(tmp_path / "resolved.yaml") == scenario
    assert not Path("networks").exists()
    (tmp_path / "as.json").write_text(ddnnsim("show", tmp_path / "resolved.yaml", "--json").stdout)
    assert package.load(json.loads((tmp_path / "as.json").read_text())["scenario"]) == scenario
    refused = ddnnsim("show", SCENARIOS / "city.yaml", "--yaml", "--json")
    assert (refused.returncode, "leave out --json" in refused.stderr) == (1, True)


def test_a_narrow_terminal_breaks_names_and_no_numbers() -> None:
    few = package.load(SCENARIOS / "city.yaml", {"topology.graph.fan_out": [3, 2]})
    text = told_in_80_columns(network_report(overview(few)))
    assert "…" not in text
    assert all(told in text for told in ("40 MFLOP/s", "1 Gbit/s", "65 Mbit/s", "49.72"))


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
