"""The SimPy engine: living processes for the nodes, arithmetic for the links."""

from ddnnsim.sim.engine import simulate

__all__ = ["simulate"]
