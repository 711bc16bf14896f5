"""What the kit needs to know of a service's aggregates and topics; the contracts' registry fits these shapes."""

from __future__ import annotations

from typing import Any, Protocol


class Snapshot(Protocol):
    """A whole aggregate after a change (a frozen msgspec struct)."""

    @property
    def version(self) -> int:
        """Counts the owner's acts, from 1."""
        ...

    @property
    def happened(self) -> tuple[str, ...]:
        """What happened, in words for people."""
        ...

    @property
    def deleted(self) -> bool:
        """Master data has no physical deletes: the last version says so."""
        ...


class Kind(Protocol):
    """A kind of aggregate: where its snapshots travel and what they are."""

    @property
    def name(self) -> str:
        """As in `Koppel-Seen`: `sales-order`."""
        ...

    @property
    def topic(self) -> str:
        """The topic's name without the installation's prefix."""
        ...

    @property
    def model(self) -> type[Any]:
        """The snapshot's msgspec struct."""
        ...

    @property
    def event_type(self) -> str:
        """CloudEvents `type`."""
        ...

    def message_key(self, no: str) -> str:
        """Kafka's key of the aggregate with this number."""
        ...


class Topic(Protocol):
    """A topic that a service owns."""

    @property
    def name(self) -> str:
        """The name without the installation's prefix."""
        ...

    @property
    def compacted(self) -> bool:
        """True: the last state per key is kept for ever."""
        ...

    @property
    def partitions(self) -> int | None:
        """Its own number of partitions; None: as many as the setting says."""
        ...
