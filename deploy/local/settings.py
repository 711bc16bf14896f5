"""Where the local stack keeps its data and which ports it takes: everything has a setting."""

from __future__ import annotations

import random
import socket
from pathlib import Path
from typing import Final

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from eventkit.settings import BrokerSettings

ROOT: Final = Path(__file__).resolve().parents[2]
SERVICES: Final = ("sales", "purchasing", "planning", "pos_gateway")
_PORTS_OF_SERVERS: Final = range(20_000, 32_000)
"""Below those that Linux (32768) and macOS (49152) give to outgoing connections."""


class StackSettings(BrokerSettings):
    """Settings of one local stack, read from `KOPPEL_…` variables; those of the broker are for an external one.

    Two stacks run beside each other when their data directory and their ports differ.
    """

    model_config = SettingsConfigDict(env_prefix="KOPPEL_", extra="ignore", frozen=True)

    data_dir: Path = ROOT / ".koppel"
    """Data of Kafka and PostgreSQL, keys, passwords and logs."""
    host: str = "127.0.0.1"
    """Address that everything listens on."""

    kafka_port: int = 9092
    """Port of the broker."""
    kafka_controller_port: int = 9093
    """Port of the broker's controller."""
    kafka_heap_mb: int = 512
    """Heap of the broker."""
    postgres_port: int = 5433
    """Port of PostgreSQL."""
    postgres_durable: bool = True
    """False: a crash of the machine loses the data. Only for a server that is thrown away after its tests."""

    smtp_port: int = 2525
    """Port of the mail server, which keeps what it gets as files."""

    sales_port: int = 8001
    """Port of sales."""
    purchasing_port: int = 8002
    """Port of purchasing."""
    planning_port: int = 8003
    """Port of planning."""
    pos_gateway_port: int = 8004
    """Port of the gateway."""
    sales_work_port: int = 8101
    """Health and metrics of sales' worker."""
    purchasing_work_port: int = 8102
    """Health and metrics of purchasing's worker."""
    planning_work_port: int = 8103
    """Health and metrics of planning's worker."""
    pos_gateway_work_port: int = 8104
    """Health and metrics of the gateway's worker."""

    kafka_bootstrap_external: str = ""
    """A broker that already runs; the stack then starts none."""
    postgres_url_external: str = ""
    """Administrator's URL of a PostgreSQL that already runs; the stack then starts none."""

    partitions: int = 6
    """Of every topic of documents; cannot be changed once there is data."""
    topic_prefix: str = ""
    """Before the names of all topics, for several stacks on one broker."""

    ready_timeout_s: float = 90.0
    """How long one child may take from its start to its first ready answer."""
    probe_interval_s: float = 2.0
    """How often a service's process is asked whether it lives."""
    probe_timeout_s: float = 30.0
    """A service's process that answers no probe for so long is ended and started again. It ends itself before, if it
    can: `KOPPEL_HANG_TIMEOUT_S`."""
    restart_backoff_s: float = 0.5
    """Pause before a died child is started again; doubles up to `restart_backoff_max_s`."""
    restart_backoff_max_s: float = 15.0
    """The longest pause before a restart."""

    service_environment: dict[str, str] = Field(default_factory=dict)
    """Variables that every service process gets besides its own (tests, benchmarks)."""

    @property
    def kafka_bootstrap(self) -> str:
        return self.kafka_bootstrap_external or f"{self.host}:{self.kafka_port}"

    @property
    def logs(self) -> Path:
        return self.data_dir / "logs"

    def serve_port(self, service: str) -> int:
        return int(getattr(self, f"{service}_port"))

    def work_port(self, service: str) -> int:
        return int(getattr(self, f"{service}_work_port"))

    def url(self, service: str) -> str:
        return f"http://{self.host}:{self.serve_port(service)}"


def settings_on_free_ports(data_dir: Path, **overrides: object) -> StackSettings:
    """Settings for a stack that collides with no other: free ports, a directory of its own."""
    names = [name for name in StackSettings.model_fields if name.endswith("_port")]
    values = dict(zip(names, free_ports(len(names)), strict=True))
    return StackSettings.model_validate({"data_dir": data_dir, **values, **overrides})


def free_ports(count: int, host: str = "127.0.0.1") -> list[int]:
    """Unused ports; all are bound at the same time, so that none comes twice.

    None is of those that the kernel gives to outgoing connections: one of these could take the port before its server
    does, or while its server is down.
    """
    candidates = random.SystemRandom().sample(_PORTS_OF_SERVERS, len(_PORTS_OF_SERVERS))
    sockets: list[socket.socket] = []
    try:
        while len(sockets) < count:
            each = socket.socket()
            sockets.append(each)
            try:
                each.bind((host, candidates.pop()))
            except OSError:
                sockets.pop().close()
        return [int(each.getsockname()[1]) for each in sockets]
    finally:
        for each in sockets:
            each.close()
