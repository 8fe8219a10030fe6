"""Graphs that others made: in files, and in the collections that topohub holds."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from ddnnsim.scenario.finding import Finding, Unmade
from ddnnsim.scenario.making import GRAPH
from ddnnsim.scenario.recipe import Sndlib, Zoo
from ddnnsim.scenario.wording import did_you_mean, listed

if TYPE_CHECKING:
    import networkx as nx

    Graph: TypeAlias = nx.Graph[Any]

_PATH = (*GRAPH, "path")
_DRAWINGS = frozenset(
    ("atlanta", "di-yuan", "france", "giul39", "india35", "newyork", "norway", "pioro40", "sun", "ta1", "ta2", "zib54")
)
"""Graphs of SNDlib whose coordinates are pixels of a drawing, and lengths those of lines."""
_SHOWN = 3
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
    except Unmade:
        raise
    except Exception as error:
        reason = " ".join(str(error).split())[:100] or type(error).__name__
        raise Unmade(Finding(_PATH, f"{path} is no graph in {path.suffix[1:]}: {reason}")) from None


def _among(graph: Graph, declared: Collection[Any]) -> Graph:
    """Return *graph*, read from a file with the nodes *declared*. Raises Unmade where edges name others."""
    strangers = [node for node in graph if node not in declared]
    if strangers:
        more = len(strangers) - _SHOWN
        shown = [repr(node) for node in strangers[:_SHOWN]] + ([f"{more} more"] if more > 0 else [])
        what = f"edges of this file name {listed(shown)}, which {'are' if shown[1:] else 'is'} none of its nodes"
        twin = next((node for node in declared if str(node) == str(strangers[0])), None)
        instead = did_you_mean(strangers[0], map(str, declared)) if twin is None else f"did you mean {twin!r}?"
        raise Unmade(Finding(_PATH, what, instead))
    return graph


def _graphml(raw: bytes) -> Graph:
    from xml.etree.ElementTree import fromstring

    import networkx as nx

    declared = {element.get("id") for element in fromstring(raw).iter() if element.tag.rpartition("}")[2] == "node"}
    return _among(nx.read_graphml(BytesIO(raw)), declared)


def _gml(raw: bytes) -> Graph:
    import networkx as nx

    return nx.parse_gml(raw.decode("utf-8-sig").splitlines(), label="id")


def _node_link(raw: bytes) -> Graph:
    """Return the graph of *raw*, with all parallel edges, whether or not it says that there are any."""
    import networkx as nx

    data = json.loads(raw)
    if not isinstance(data, dict) or not isinstance(data.get("nodes"), list):
        raise ValueError("it has no list of 'nodes'")
    edges = "edges" if "edges" in data else "links"
    if edges not in data:
        raise ValueError("it has neither 'edges' nor 'links'")
    said = [{key: value for key, value in edge.items() if key != "key"} for edge in data[edges]]
    of_graph = dict(data.get("graph", {}))  # a list of pairs in files of networkx 1
    data = {"directed": False} | data | {"multigraph": True, "graph": of_graph, edges: said}
    declared = set(nx.node_link_graph(data | {edges: []}, edges=edges))
    return _among(nx.node_link_graph(data, edges=edges), declared)
