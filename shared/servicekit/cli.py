"""The commands of a service: `python -m sales serve | work | workers | migrate | republish | parked | …`."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Annotated

import typer

from eventkit.errors import ConfigurationError
from eventkit.republish import republish
from servicekit.copy_commands import copy_commands
from servicekit.invocation import Act, Build, database_of, run
from servicekit.offset_commands import offset_commands
from servicekit.parked_commands import parked_commands
from servicekit.service import Service
from servicekit.work import serve, work
from servicekit.worker_commands import list_workers

Since = Annotated[
    datetime | None, typer.Option(help="changed at or after this time (UTC unless it says otherwise)")
]
Keys = Annotated[list[str] | None, typer.Option("--key", help="this number; may be repeated")]
Open = Annotated[bool, typer.Option("--open", help="only documents that are not finished")]


async def _migrate(service: Service) -> None:
    from servicekit.migrate import migrate  # noqa: PLC0415 - alembic takes a while to load, and no other command needs it

    await migrate(service)


def main(
    service: Service | Callable[[], Service], own: Mapping[str, tuple[Act, str]] = MappingProxyType({})
) -> None:
    """Run the command line of a service; given a function, the service is built when a command needs it.

    `own`: commands that only this service has, by name, each with its help.
    """
    application(service if callable(service) else lambda: service, own)()


def application(build: Build, own: Mapping[str, tuple[Act, str]] = MappingProxyType({})) -> typer.Typer:
    """The service's command line."""
    app = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False, add_completion=False)

    def command(name: str, act: Act, help_: str) -> None:
        app.command(name, help=help_)(lambda: run(build, name, act))

    command("serve", serve, "Answer HTTP.")
    command("work", work, "Relay and read events, run jobs.")
    command("workers", list_workers, "The workers of the service: who lives, who relays, who lags.")
    for name, (act, help_) in own.items():
        command(name, act, help_)
    command("migrate", _migrate, "Bring database and topics to what this version needs.")

    @app.command("republish", help="Publish current snapshots of a kind again.")
    def republish_(kind: str, *, open_: Open = False, since: Since = None, key: Keys = None) -> None:
        at = since.replace(tzinfo=since.tzinfo or UTC) if since is not None else None
        run(build, "republish", lambda service: _republish(service, kind, key or None, at, open_only=open_))

    app.add_typer(parked_commands(build), name="parked", help="Events that could not be applied.")
    app.add_typer(
        offset_commands(build),
        name="offsets",
        help="Where the service reads on, and how often it died there.",
    )
    app.add_typer(copy_commands(build), name="copies", help="What the service knows of others' aggregates.")
    return app


async def _republish(
    service: Service, kind: str, nos: list[str] | None, since: datetime | None, *, open_only: bool
) -> None:
    if kind not in service.current:
        raise ConfigurationError(f"it owns no kind {kind}; it owns {', '.join(sorted(service.current))}")
    done = 0
    watched = sys.stdout.isatty()
    async with database_of(service) as db:
        async for done in republish(
            db, service.kinds[kind], service.current[kind], nos=nos, since=since, open_only=open_only
        ):
            if watched:
                typer.echo(f"\r{done} published", nl=False)
    typer.echo(f"\r{done} published" if watched else f"{done} published")
