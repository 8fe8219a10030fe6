"""Messages and the parcels that they are cut into."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .wires import KINDS

Act = Callable[[], None]


@dataclass(eq=False)
class Message:
    row: dict[str, Any]
    place_: tuple[int, int]
    """Request and entity, or what has their place."""
    arrives: Act
    misses: Act
    """What happens where it is known never to come."""
    sending: int
    """The how many-th time that this is sent."""
    parcels: int = 1
    """Of which it is not known what has become of them."""
    failed: str | None = None
    """What has become of those that do not come."""

    @property
    def kind(self) -> str:
        return self.row["kind"]

    @property
    def keeps_going(self) -> bool:
        return self.kind != "heartbeat"

    @property
    def place(self) -> dict[str, int]:
        request, entity = self.place_
        return {"request": request, "entity": entity, "kind": KINDS.index(self.kind)}


@dataclass(eq=False)
class Parcel:
    """What is handed over from link to link: a whole message or a packet of it."""

    message: Message
    packet: int
    size_bytes: int
