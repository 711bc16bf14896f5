"""What the reader, the relay and the Kafka clients of a process are told by its environment (prefix KOPPEL_)."""

from __future__ import annotations

from pydantic_settings import BaseSettings, SettingsConfigDict


class EventSettings(BaseSettings):
    """Where events are stored and sent, and how they are batched. Units are the last word of a name."""

    model_config = SettingsConfigDict(env_prefix="KOPPEL_", extra="ignore")

    database_url: str
    connect_timeout_s: float = 5.0
    kafka_bootstrap: str
    kafka_deadline_s: float = 10.0
    """A request that the broker has not answered by then has failed."""
    instance: str = "1"
    """Distinguishes the `work` processes of a service; static group membership is by it."""

    topic_prefix: str = ""
    partitions: int = 6
    """Of the topics of documents; never changed once there is data."""
    replication_factor: int = 1
    document_retention_days: int = 14
    max_message_bytes: int = 2 * 1024 * 1024

    batch_max_events: int = 500
    batch_spacing_ms: int = 25
    """Batches of events, read or sent, begin at least so far apart, but only above `…from_events_per_s`."""
    batch_spacing_max_ms: int = 60
    """On a busy machine, where a batch takes long, they begin up to so far apart."""
    batch_spacing_from_events_per_s: float = 200.0
    attempts_noted_s: float = 10.0
    """After a start (or when partitions move) what is begun is noted first for so long: see decision 7."""
    poll_timeout_s: float = 1.0
    session_timeout_ms: int = 10_000
    max_poll_interval_ms: int = 120_000
    fetch_max_wait_ms: int = 500
    retry_backoff_max_s: float = 5.0
    relay_batch_events: int = 1000
    relay_poll_interval_s: float = 0.5
