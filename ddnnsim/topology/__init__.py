"""Networks as graphs: nodes with processors, links with rates and delays, and the ways through them."""

from ddnnsim.topology.graph import build
from ddnnsim.topology.routes import routes_between

__all__ = ["build", "routes_between"]
