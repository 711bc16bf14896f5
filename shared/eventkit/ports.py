"""What the kit needs of a broker. Two small ports, so that everything else is indifferent to the client library."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple, Protocol

from eventkit.envelope import Message, Record


class Partition(NamedTuple):
    """A topic's partition; the topic without the installation's prefix."""

    topic: str
    partition: int


class Sink(Protocol):
    """Where events go."""

    async def start(self) -> None:
        """Connect; raises OSError or TimeoutError if the broker does not answer."""
        ...

    async def send(self, messages: Sequence[Message]) -> None:
        """Send all and return when all replicas in sync have them. After an error it is unknown what arrived."""
        ...

    async def stop(self) -> None:
        """Give everything back, within a deadline."""
        ...


class Source(Protocol):
    """Where events come from: one member of the service's consumer group. It knows no positions of its own."""

    async def start(self) -> None:
        """Join the group; raises OSError or TimeoutError if the broker does not answer."""
        ...

    def reassigned(self) -> frozenset[Partition] | None:
        """The partitions this member has now, if that changed and `position` was not called since; else None."""
        ...

    async def position(self, nexts: Mapping[Partition, int]) -> None:
        """Read on at these offsets; nothing is delivered of an assigned partition before."""
        ...

    async def beginnings(self, partitions: Iterable[Partition]) -> dict[Partition, int]:
        """The first offset that the broker still has."""
        ...

    async def poll(self, max_records: int, timeout_s: float) -> list[Record]:
        """What came, grouped by partition in offset order; empty after the time-out.

        Raises RebuildNeededError if a position is not on the broker, BrokerError if the client gave up.
        """
        ...

    async def hold(self) -> None:
        """Tell the group that this member lives although it does not poll."""
        ...

    async def commit(self, nexts: Mapping[Partition, int]) -> None:
        """Publish positions for lag tools; nobody reads on from them."""
        ...

    def ends(self) -> dict[Partition, int]:
        """The ends of the assigned partitions as far as known."""
        ...

    async def cluster_id(self) -> str:
        """Which broker cluster this is."""
        ...

    async def stop(self) -> None:
        """Leave, within a deadline."""
        ...
