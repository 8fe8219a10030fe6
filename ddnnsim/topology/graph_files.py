"""Graphs that others made: in files, and in the collections that topohub holds."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from ddnnsim.scenario.finding import Finding, Unmade
from ddnnsim.scenario.making import GRAPH
from ddnnsim.scenario.recipe import Sndlib, Zoo
from ddnnsim.scenario.wording import did_you_mean

if TYPE_CHECKING:
    import networkx as nx

    Graph: TypeAlias = nx.Graph[Any]

_PATH = (*GRAPH, "path")
_DRAWINGS = frozenset(
    ("atlanta", "di-yuan", "france", "giul39", "india35", "newyork", "norway", "pioro40", "sun", "ta1", "ta2", "zib54")
)
"""Graphs of SNDlib whose coordinates are pixels of a drawing, and lengths those of lines."""
_FOLDERS = {"zoo": "topozoo", "sndlib": "sndlib"}


def read_graph(path: Path) -> Graph:
    """Return the graph in the file at *path*, by its ending. Raises Unmade for what is none."""
    readers = {".graphml": _graphml, ".gml": _gml, ".json": _node_link}
    reader = readers.get(path.suffix.lower())
    if reader is None:
        raise Unmade(Finding(_PATH, f"{path.name!r} is of no format known here", f"known: {', '.join(readers)}"))
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        beside = [one.name for one in path.parent.glob(f"*{path.suffix}")] if path.parent.is_dir() else []
        raise Unmade(Finding(_PATH, f"{path}: no such file", did_you_mean(path.name, beside))) from None
    except OSError as error:
        raise Unmade(Finding(_PATH, f"{path} cannot be read: {error.strerror}")) from None
    graph = _parsed(path, reader, raw)
    if not graph:
        raise Unmade(Finding(_PATH, f"{path} holds a graph without nodes", "name another file"))
    return graph


def collected_graph(spec: Zoo | Sndlib) -> Graph:
    """Return the graph of that name in a collection of topohub. Raises Unmade where there is none, or no topohub."""
    import networkx as nx

    try:
        import topohub
    except ImportError:
        what = "topohub, which holds these graphs, is not installed"
        raise Unmade(Finding((*GRAPH, "kind"), what, "pip install 'ddnnsim[topologies]'")) from None
    folder = Path(topohub.__file__).parent / "data" / _FOLDERS[spec.kind]
    names = sorted(path.stem for path in folder.glob("*.json"))
    if spec.name not in names:
        instead = did_you_mean(spec.name, names) or f"there are {', '.join(names[:3])}, ..., {names[-1]}"
        raise Unmade(Finding((*GRAPH, "name"), f"{spec.name!r} is none of the graphs of {spec.kind}", instead))
    text = (folder / f"{spec.name}.json").read_text(encoding="utf-8")
    graph: Graph = nx.node_link_graph(json.loads(text), edges="edges")
    drawn = isinstance(spec, Sndlib) and spec.name in _DRAWINGS
    for _, node in graph.nodes(data=True):
        longitude, latitude = node.pop("pos")
        if not drawn:
            node |= {"longitude": longitude, "latitude": latitude}
    for _, _, link in graph.edges(data=True):
        if drawn:
            del link["dist"]
    return graph


def _parsed(path: Path, reader: Callable[[bytes], Graph], raw: bytes) -> Graph:
    """Return what *reader* makes of *raw*; networkx and its parsers raise whatever a strange file leads them to."""
    try:
        return reader(raw)
    except Exception as error:
        reason = " ".join(str(error).split())[:100] or type(error).__name__
        raise Unmade(Finding(_PATH, f"{path} is no graph in {path.suffix[1:]}: {reason}")) from None


def _graphml(raw: bytes) -> Graph:
    import networkx as nx

    return nx.parse_graphml(raw.decode())


def _gml(raw: bytes) -> Graph:
    import networkx as nx

    return nx.parse_gml(raw.decode().splitlines(), label="id")


def _node_link(raw: bytes) -> Graph:
    import networkx as nx

    data = json.loads(raw)
    if not isinstance(data, dict) or not isinstance(data.get("nodes"), list):
        raise ValueError("it has no list of 'nodes'")
    edges = "edges" if "edges" in data else "links"
    if edges not in data:
        raise ValueError("it has neither 'edges' nor 'links'")
    return nx.node_link_graph({"directed": False, "multigraph": False} | data, edges=edges)
