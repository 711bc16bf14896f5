"""Settings of the reader, the relay and the Kafka clients, from the environment (prefix KOPPEL_)."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Final, Literal, Self

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from contracts.topics import MAX_MESSAGE_BYTES

VERSIONS_PER_DAY_MAX: Final = 1_000_000
"""Eleven changes a second of one aggregate, day and night: more than the lock on its row has ever let through here."""


class BrokerSettings(BaseSettings):
    """How every Kafka client proves who it is and checks that the broker is the right one.

    Files are read when a process starts. Credentials without a protocol that uses them are refused: they would look
    like protection and be none.
    """

    model_config = SettingsConfigDict(env_prefix="KOPPEL_", extra="ignore", env_ignore_empty=True)

    kafka_security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = "PLAINTEXT"
    """Kafka's `security.protocol`: SSL encrypts and checks the broker, SASL signs on by name and password."""
    kafka_sasl_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] = "SCRAM-SHA-512"
    """PLAIN sends the password itself: only with SASL_SSL."""
    kafka_username: str = ""
    kafka_password: SecretStr = SecretStr("")
    kafka_ca_file: Path | None = None
    """Certificates (PEM) of the authorities that the broker's is checked against; none: those of the system."""
    kafka_certificate_file: Path | None = None
    """Certificate (PEM) of this client, where the broker asks for one."""
    kafka_key_file: Path | None = None
    """Its private key (PEM); none: it stands in the certificate's file."""

    @property
    def kafka_uses_tls(self) -> bool:
        """Whether connections to the broker are encrypted."""
        return self.kafka_security_protocol.endswith("SSL")

    @property
    def kafka_uses_sasl(self) -> bool:
        """Whether clients sign on by name and password."""
        return self.kafka_security_protocol.startswith("SASL")

    @model_validator(mode="after")
    def _protect_what_is_given(self) -> Self:
        credentials = (self.kafka_username, self.kafka_password.get_secret_value())
        if self.kafka_uses_sasl and not all(credentials):
            raise ValueError(f"{self.kafka_security_protocol} needs kafka_username and kafka_password")
        if any(credentials) and not self.kafka_uses_sasl:
            raise ValueError(
                f"kafka_username and kafka_password have no use with {self.kafka_security_protocol}"
            )
        files = (self.kafka_ca_file, self.kafka_certificate_file, self.kafka_key_file)
        if any(files) and not self.kafka_uses_tls:
            raise ValueError(f"files of certificates have no use with {self.kafka_security_protocol}")
        if self.kafka_security_protocol == "SASL_PLAINTEXT" and self.kafka_sasl_mechanism == "PLAIN":
            raise ValueError("PLAIN would send the password unencrypted: use SASL_SSL, or SCRAM-SHA-512")
        return self


class EventSettings(BrokerSettings):
    """Where events are stored and sent, and how they are batched. Units are the last word of a name."""

    database_url: str
    """The service's own database: `postgresql://user:password@host:port/name`."""
    connect_timeout_s: float = 5.0
    """How long a connection to the database, or a free one of the pool, is waited for."""
    kafka_bootstrap: str
    """Brokers to begin with, `host:port`, separated by commas."""
    kafka_deadline_s: float = 10.0
    """A request to the broker fails after this time."""
    instance: str = Field(default_factory=socket.gethostname)
    """Name of a `work` process, different for each of a service; the host's name unless given. A process that is
    started again under its name takes its partitions back at once."""

    topic_prefix: str = ""
    """Before the names of all topics and groups, so that two installations can share a cluster."""
    partitions: int = 6
    """Of the topics of documents; never changed once there is data."""
    replication_factor: int = 1
    """Copies of each topic that `migrate` makes."""
    document_retention_days: int = 14
    """How long the topics of documents keep events; those of master data keep the last of each key."""
    max_message_bytes: int = MAX_MESSAGE_BYTES
    """The largest event."""

    batch_max_events: int = 500
    """Events that one transaction applies."""
    attempts_noted_s: float = 10.0
    """How long attempts are noted after a start or a rebalance: see decision 7."""
    versions_per_day_max: int = VERSIONS_PER_DAY_MAX
    """How far a version may be ahead of the copy, for each day since the copy came; beyond it is parked as
    `implausible`: see decision 20."""
    poll_timeout_s: float = 1.0
    """How long a worker waits for events at a time."""
    session_timeout_ms: int = 10_000
    """A worker that was killed and is not started again keeps its partitions for so long."""
    heartbeat_interval_ms: int = 500
    """How often a worker asks the group whether partitions move: the most that a hand-over waits for it."""
    max_poll_interval_ms: int = 120_000
    """A worker that applies a batch for so long loses its partitions, and ends itself if it hangs."""
    fetch_max_wait_ms: int = 500
    """How long the broker may wait for more events before it answers."""
    retry_backoff_max_s: float = 5.0
    """The longest pause between two tries after a transient error."""
    relay_batch_events: int = 1000
    """Events that the relay sends and deletes together."""
    relay_poll_interval_s: float = 0.5
    """How often the relay reads the outbox, beside what it is notified of."""
