"""Networks as graphs: nodes with processors, links with rates and delays, and the ways through them."""

from ddnnsim.topology.courses import trace_files
from ddnnsim.topology.exchange import graph_of, topology_of
from ddnnsim.topology.graph import build
from ddnnsim.topology.layout import layout
from ddnnsim.topology.making import make
from ddnnsim.topology.routes import Route, Routes, route_columns, route_table, routes_between
from ddnnsim.topology.traces import read_trace

__all__ = [
    "Route",
    "Routes",
    "build",
    "graph_of",
    "layout",
    "make",
    "read_trace",
    "route_columns",
    "route_table",
    "routes_between",
    "topology_of",
    "trace_files",
]
