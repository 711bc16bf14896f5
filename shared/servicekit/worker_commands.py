"""The command on workers: `python -m sales workers`."""

from __future__ import annotations

from typing import Final

import typer

from servicekit.columns import table
from servicekit.invocation import database_of
from servicekit.service import Service
from servicekit.workers import Worker, workers_of

_HEADS: Final = (
    "worker",
    "status",
    "heartbeat s ago",
    "relay",
    "jobs",
    "partitions",
    "lag",
    "version",
    "host",
    "process",
)


async def list_workers(service: Service) -> int:
    """One line for each; the status is 1 unless all live and there is one."""
    async with database_of(service) as db, db.read() as conn:
        found = await workers_of(conn)
    if not found:
        typer.echo("no worker runs", err=True)
    for line in table(_HEADS, [_row(worker) for worker in found]) if found else ():
        typer.echo(line)
    return 0 if found and all(worker.alive for worker in found) else 1


def _row(worker: Worker) -> tuple[object, ...]:
    return (
        worker.instance,
        "alive" if worker.alive else "silent",
        f"{worker.silent_s:.1f}",
        "yes" if worker.relay_active and worker.alive else "-",
        "yes" if worker.jobs_active and worker.alive else "-",
        worker.partitions,
        sum(worker.lag.values()),
        worker.version,
        worker.host,
        worker.pid,
    )
