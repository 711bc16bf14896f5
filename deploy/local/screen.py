"""What the local stack shows on the terminal; answers go to stdout, everything else to stderr."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from deploy.local.settings import StackSettings

_console = Console(stderr=True, highlight=False, soft_wrap=True)


def say(line: str) -> None:
    _console.print(line, markup=False)


def complain(line: str) -> None:
    _console.print(f"error: {line}", markup=False, style="red")


def show_table(settings: StackSettings, services: Sequence[str]) -> None:
    """Where everything is, and the commands that an operator needs first."""
    table = Table(title="Koppel, local stack", title_justify="left")
    for column in ("what", "where", "look into it with"):
        table.add_column(column, overflow="fold")
    table.add_row("Kafka", settings.kafka_bootstrap, "deploy/local/bin/kafka-topics --list")
    for service in services:
        url = settings.url(service)
        metrics = f"http://{settings.host}:{settings.work_port(service)}/metrics"
        table.add_row(service, url, f"{url}/docs  ·  worker: {metrics}")
    table.add_row(
        "PostgreSQL",
        f"{settings.host}:{settings.postgres_port}",
        "deploy/local/bin/psql-sales, psql-purchasing, …",
    )
    table.add_row("logs", str(settings.logs), "tail -f")
    _console.print(table)
    topics = topic_names() if services else []
    if topics:
        say("Topics: " + "  ".join(settings.topic_prefix + name for name in topics))
    say('Token: make token   or   make token SCOPES="sales:read sales:write"')
    say("Ctrl-C ends everything; the data stays.")


def topic_names() -> list[str]:
    from contracts import topics  # noqa: PLC0415  the infrastructure alone starts without the contracts

    return list(topics.TOPICS)
