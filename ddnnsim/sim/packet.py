"""Packets: what messages are cut into where each packet is stored and forwarded by itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ddnnsim.sim.message import Flow, Message

if TYPE_CHECKING:
    from ddnnsim.sim.clock import Clock
    from ddnnsim.sim.happening import Inbox
    from ddnnsim.sim.message import Carrier


class Packet(Message):
    """A part of a message; to links, and to nodes on the way, it is a message."""

    def __init__(self, assembly: Assembly, flow: Flow, number: int, size_bytes: int) -> None:
        whole = assembly.message
        super().__init__(whole.request, flow, whole.views, size_bytes)
        self.assembly = assembly
        self.number = number
        self.idle = whole.idle

    @property
    def whole(self) -> Message:
        """Return the message of which it is a part."""
        return self.assembly.message


class Assembly:
    """A message of which packets are under way."""

    def __init__(self, message: Message, packets: int) -> None:
        self.message = message
        self.left = packets
        self.complete = True


class Packets(Flow):
    """The flow of the packets of a flow's messages: it takes these messages as if it were a link."""

    def __init__(
        self, clock: Clock, kind: int, entity: int, mtu_bytes: int | None, links: Sequence[Carrier], inbox: Inbox
    ) -> None:
        super().__init__(clock, kind, entity, 0, links, inbox, self._arrive)
        self.mtu_bytes = mtu_bytes
        """The most payload in a packet; None: any."""
        self.miss = self._miss

    def carry(self, message: Message) -> None:
        """Cut *message*, and hand its packets over one after another."""
        message.hop += 1
        whole, rest = divmod(message.size_bytes, self.mtu_bytes or message.size_bytes or 1)
        sizes = [self.mtu_bytes or message.size_bytes] * whole + [rest] * (rest > 0) or [0]
        assembly = Assembly(message, len(sizes))
        for number, size_bytes in enumerate(sizes):
            self.put(Packet(assembly, self, number, size_bytes))

    def _arrive(self, packet: Message) -> None:
        assert isinstance(packet, Packet)
        self._settle(packet.assembly)

    def _miss(self, packet: Message) -> None:
        assert isinstance(packet, Packet)
        packet.assembly.complete = False
        self._settle(packet.assembly)

    def _settle(self, assembly: Assembly) -> None:
        """Note that one more packet has arrived or never will; with the last of them the message has, or will not."""
        assembly.left -= 1
        if assembly.left:
            return
        message = assembly.message
        if assembly.complete:
            message.move_on()
        else:
            message.flow.miss(message)
