"""The memory of a node: room for its sections, and for features that wait."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ddnnsim.deployment import Memory as MemoryPlan
    from ddnnsim.sim.request import Request


class Memory:
    """Features are kept from the completion of their section's job until they go, or nobody can want them."""

    def __init__(self, plan: MemoryPlan) -> None:
        self.plan = plan
        self.size_bytes = plan.size_bytes
        self.used_bytes = plan.sections_bytes
        self.max_bytes = plan.sections_bytes
        self._features: dict[int, dict[int, int]] = {}  # bytes, by request and section

    def keep(self, request: Request, section: int, size_bytes: int) -> None:
        """Keep *size_bytes* of features that *section* has made of *request*, if there is room and it is not over."""
        used_bytes = self.used_bytes + size_bytes
        if request.over or used_bytes > self.size_bytes:
            return
        self.used_bytes = used_bytes
        self.max_bytes = max(self.max_bytes, used_bytes)
        self._features.setdefault(request.id, {})[section] = size_bytes

    def holds(self, request: Request, section: int) -> bool:
        """Tell whether it has the features that *section* has made of *request*."""
        return section in self._features.get(request.id, ())

    def hand_over(self, request: Request, section: int) -> None:
        """Let go of the features that *section* has made of *request*; they are here."""
        of_request = self._features[request.id]
        self.used_bytes -= of_request.pop(section)
        if not of_request:
            del self._features[request.id]

    def clear(self) -> None:
        """Let go of all that is kept."""
        self.used_bytes = self.plan.sections_bytes
        self._features.clear()

    def release(self, request: Request) -> None:
        """Let go of all that is kept of *request*: it is over."""
        self.used_bytes -= sum(self._features.pop(request.id, {}).values())
