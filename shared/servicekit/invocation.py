"""How a command runs: the service is built, logs are set up, errors that people can act on end it with a line."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import typer
import uvloop

from eventkit.errors import ConfigurationError, PartitionLostError, RebuildNeededError
from eventkit.transaction import Database
from servicekit import logs
from servicekit.service import Service

Act = Callable[[Service], Awaitable[int | None]]
Build = Callable[[], Service]


def run(build: Build, role: str, act: Act) -> None:
    """Build the service and act; ends the process with the status that the act returns."""
    service = build()
    logs.configure(service.name, role, service.settings.log_level)

    async def acting() -> Any:
        return await act(service)

    try:
        status = uvloop.run(acting())
    except (ConfigurationError, PartitionLostError, RebuildNeededError, OSError) as e:
        typer.echo(f"{service.name} {role}: {str(e) or type(e).__name__}", err=True)
        raise typer.Exit(1) from None
    raise typer.Exit(status or 0)


@asynccontextmanager
async def database_of(service: Service) -> AsyncIterator[Database]:
    """The service's database, for one command."""
    db = Database(
        service.settings.database_url,
        pool_size=2,
        application=f"{service.name} cli",
        timelines=service.timelines,
    )
    try:
        yield db
    finally:
        await db.close()
