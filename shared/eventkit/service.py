"""What a service hands to the kit: one value that wires everything, made by its `app.build`."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from sqlalchemy.ext.asyncio import AsyncConnection

from eventkit.consumer import Subscription
from eventkit.jobs import Job
from eventkit.kinds import Kind, Snapshot, Topic
from eventkit.settings import ServiceSettings
from eventkit.transaction import Database


class Current(Protocol):
    """Reads the current snapshots of a kind that the service owns, for `republish`.

    `nos` None: all; `since`: changed at or after; `open_only`: documents that are not finished. With `nos` the rows
    must be read `FOR SHARE` (or stronger), so that no newer version overtakes the one that is published again.
    """

    def __call__(
        self,
        conn: AsyncConnection,
        nos: Sequence[str] | None,
        since: datetime | None,
        open_only: bool,  # noqa: FBT001 - the last of four, as repositories have it
        /,
    ) -> AsyncIterator[tuple[str, Snapshot]]:
        """(number, snapshot) of each."""
        ...


@dataclass(frozen=True)
class Service:
    """A service, ready to be served, worked, migrated and operated by `eventkit.cli`."""

    name: str
    settings: ServiceSettings
    migrations: Path
    """The alembic directory: env.py and versions/."""
    http: Callable[[Database], Any]
    """Builds the ASGI application."""
    kinds: Mapping[str, Kind] = field(default_factory=dict)
    """The kinds this service publishes, by name."""
    owned_topics: Sequence[Topic] = ()
    subscriptions: Sequence[Subscription[Any]] = ()
    """In the order in which a batch is handled: kinds that others need first."""
    jobs: Sequence[Job] = ()
    current: Mapping[str, Current] = field(default_factory=dict)
    """Kind → how to read its snapshots."""
