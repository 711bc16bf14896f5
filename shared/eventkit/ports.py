"""What the kit needs of a broker: a sink and a source, so that only one module knows the client library."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple, Protocol

from eventkit.envelope import Message, Record


class Partition(NamedTuple):
    """A topic's partition; the topic without the installation's prefix."""

    topic: str
    partition: int


class Sink(Protocol):
    """Sends events to the broker."""

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
    """One member of the service's consumer group. Offsets are the caller's: it reads where `seek` says."""

    async def start(self) -> None:
        """Join the group; raises OSError or TimeoutError if the broker does not answer."""
        ...

    def reassigned(self) -> frozenset[Partition] | None:
        """The current partitions if `seek` is due, since they changed or fetched records were lost; else None."""
        ...

    async def seek(self, offsets: Mapping[Partition, int]) -> None:
        """Read on at these offsets; nothing is delivered of an assigned partition before."""
        ...

    async def beginning_offsets(self, partitions: Iterable[Partition]) -> dict[Partition, int]:
        """The first offset that the broker still has."""
        ...

    async def poll(self, max_records: int, timeout_s: float) -> list[Record]:
        """Fetched records, grouped by partition in offset order; empty after the time-out.

        Raises RebuildNeededError if the broker no longer has an offset, BrokerError if the client gave up. If it only
        cannot read a record, what it fetched is lost, and `seek` is due as after a new assignment.
        """
        ...

    async def keep_alive(self) -> None:
        """Poll without taking records, so that the group keeps a member that is busy with a batch."""
        ...

    async def commit(self, offsets: Mapping[Partition, int]) -> None:
        """Publish offsets for tools that show the lag; no consumer starts from them."""
        ...

    def end_offsets(self) -> dict[Partition, int]:
        """The ends of the assigned partitions, as far as known."""
        ...

    async def cluster_id(self) -> str:
        """Which broker cluster this is."""
        ...

    async def stop(self) -> None:
        """Leave the consumer group, within a deadline."""
        ...
