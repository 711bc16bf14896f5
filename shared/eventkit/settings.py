"""Settings of the reader, the relay and the Kafka clients, from the environment (prefix KOPPEL_)."""

from __future__ import annotations

import socket
from typing import Final

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

VERSIONS_PER_DAY_MAX: Final = 1_000_000
"""Eleven changes a second of one aggregate, day and night: more than the lock on its row has ever let through here."""


class EventSettings(BaseSettings):
    """Where events are stored and sent, and how they are batched. Units are the last word of a name."""

    model_config = SettingsConfigDict(env_prefix="KOPPEL_", extra="ignore")

    database_url: str
    connect_timeout_s: float = 5.0
    kafka_bootstrap: str
    kafka_deadline_s: float = 10.0
    """A request to the broker fails after this time."""
    instance: str = Field(default_factory=socket.gethostname)
    """Name of a `work` process, different for each of a service; the host's name unless given. A process that is
    started again under its name takes its partitions back at once."""

    topic_prefix: str = ""
    partitions: int = 6
    """Of the topics of documents; never changed once there is data."""
    replication_factor: int = 1
    document_retention_days: int = 14
    max_message_bytes: int = 2 * 1024 * 1024

    batch_max_events: int = 500
    attempts_noted_s: float = 10.0
    """How long attempts are noted after a start or a rebalance: see decision 7."""
    versions_per_day_max: int = VERSIONS_PER_DAY_MAX
    """How far a version may be ahead of the copy, for each day since the copy came; beyond it is parked as
    `implausible`: see decision 20."""
    poll_timeout_s: float = 1.0
    session_timeout_ms: int = 10_000
    """A worker that was killed and is not started again keeps its partitions for so long."""
    heartbeat_interval_ms: int = 500
    """How often a worker asks the group whether partitions move: the most that a hand-over waits for it."""
    max_poll_interval_ms: int = 120_000
    fetch_max_wait_ms: int = 500
    retry_backoff_max_s: float = 5.0
    relay_batch_events: int = 1000
    relay_poll_interval_s: float = 0.5
