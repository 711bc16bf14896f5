"""What the kit needs to know of aggregates and topics, as protocols that the registry of the contracts fulfils."""

from __future__ import annotations

from typing import Any, Protocol


class Snapshot(Protocol):
    """A whole aggregate after a change; a frozen msgspec struct."""

    @property
    def version(self) -> int:
        """Counts the owner's acts, from 1."""
        ...

    @property
    def happened(self) -> tuple[str, ...]:
        """Event names of what was done, for people."""
        ...

    @property
    def deleted(self) -> bool:
        """True in the last version of a deleted record: master data is never removed physically."""
        ...


class Kind(Protocol):
    """A kind of aggregate: where its snapshots travel and what they are."""

    @property
    def name(self) -> str:
        """The kind's name, such as `sales-order`."""
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
        """The CloudEvents `type` of the kind's events."""
        ...

    @property
    def owner(self) -> str:
        """The service that alone publishes the kind."""
        ...

    def message_key(self, no: str) -> str:
        """The Kafka key of the aggregate with this number."""
        ...

    def number_of(self, snapshot: Any) -> str | None:
        """The number that a snapshot of this kind itself names; None if its contract names none."""
        ...


class Topic(Protocol):
    """A topic that a service owns."""

    @property
    def name(self) -> str:
        """The name without the installation's prefix."""
        ...

    @property
    def compacted(self) -> bool:
        """True: the last state of each key is kept without a time limit."""
        ...

    @property
    def partitions(self) -> int | None:
        """Its own number of partitions; None: the setting's."""
        ...
