"""What a service hands to the kit: one value that wires everything, made by its `app.build`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from eventkit.consumer import Subscription
from eventkit.kinds import Kind, Topic
from eventkit.republish import SnapshotReader
from eventkit.transaction import Database
from servicekit.jobs import Job
from servicekit.settings import ServiceSettings


@dataclass(frozen=True)
class Service:
    """A service, ready to be served, worked, migrated and operated by `servicekit.cli`."""

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
    current: Mapping[str, SnapshotReader] = field(default_factory=dict)
    """Kind → how to read its snapshots."""
