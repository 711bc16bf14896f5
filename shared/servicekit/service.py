"""The definition of a service, made by its `app.build`: the one value that wires its parts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from eventkit.consumer import Subscription
from eventkit.kinds import Kind, Topic
from eventkit.republish import SnapshotReader
from eventkit.timeline import Rules
from eventkit.transaction import Database
from servicekit.gauges import GaugeReader, no_gauges
from servicekit.jobs import Job
from servicekit.settings import ServiceSettings


@dataclass(frozen=True)
class Service:
    """Everything that `servicekit.cli` needs to run, migrate and operate a service."""

    name: str
    settings: ServiceSettings
    migrations: Path
    """The alembic directory: env.py and versions/."""
    http: Callable[[Database], Any]
    """Builds the ASGI application."""
    kinds: Mapping[str, Kind] = field(default_factory=dict)
    """The kinds that the service publishes, by name."""
    owned_topics: Sequence[Topic] = ()
    subscriptions: Sequence[Subscription[Any]] = ()
    """In the order in which the kinds of a batch are handled: first those that others refer to."""
    jobs: Sequence[Job] = ()
    current: Mapping[str, SnapshotReader] = field(default_factory=dict)
    """Readers of the current snapshots, by kind."""
    timelines: Rules = field(default_factory=dict)
    """What the events that it publishes or reads tell of documents, by kind."""
    gauges: GaugeReader = no_gauges
    """Reads the service's own metrics from its database."""
