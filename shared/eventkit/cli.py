"""The commands of a service: `python -m sales serve | work | migrate | republish | parked`."""

from __future__ import annotations

import asyncio
import getpass
import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
import typer
import uvloop

from eventkit import logs, parking
from eventkit.errors import ConfigurationError
from eventkit.migrate import migrate as run_migrations
from eventkit.redrive import redrive as redrive_parked
from eventkit.republish import republish as republish_kind
from eventkit.service import Service
from eventkit.transaction import Database
from eventkit.work import serve as run_serve
from eventkit.work import work as run_work

Since = Annotated[datetime | None, typer.Option(help="changed at or after this time (UTC)")]
Keys = Annotated[list[str] | None, typer.Option("--key", help="this number; may be repeated")]
Open = Annotated[bool, typer.Option("--open", help="only documents that are not finished")]


def main(service: Service | Callable[[], Service]) -> None:
    """Run the command line of a service; given a function, the service is only built when a command needs it."""
    application(service if callable(service) else lambda: service)()


def application(build: Callable[[], Service]) -> typer.Typer:
    """The service's command line."""
    app = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False, add_completion=False)
    app.command("serve", help="Answer HTTP.")(lambda: _run(build, "serve", run_serve))
    app.command("work", help="Relay and read events, run jobs.")(lambda: _run(build, "work", run_work))

    @app.command("migrate", help="Bring database and topics to what this version needs.")
    def migrate() -> None:
        _run(build, "migrate", run_migrations)

    @app.command("republish", help="Publish current snapshots of a kind again.")
    def republish(kind: str, open_: Open = False, since: Since = None, key: Keys = None) -> None:
        async def act(service: Service) -> None:
            if kind not in service.current:
                raise typer.BadParameter(f"{service.name} owns no kind {kind}; it owns {', '.join(service.current)}")
            async with _database(service) as db:
                done = 0
                at = since.replace(tzinfo=UTC) if since is not None and since.tzinfo is None else since
                async for done in republish_kind(
                    db, service.kinds[kind], service.current[kind], nos=key or None, since=at, open_only=open_
                ):
                    typer.echo(f"\r{done} published", nl=False)
                typer.echo(f"\r{done} published")

        _run(build, "republish", act)

    app.add_typer(_parked(build), name="parked", help="Events that could not be applied.")
    return app


def _parked(build: Callable[[], Service]) -> typer.Typer:
    app = typer.Typer(no_args_is_help=True)

    @app.command("list", help="Parked events, the oldest first.")
    def list_(status: str = "parked", limit: int = 100) -> None:
        async def act(service: Service) -> None:
            async with _database(service) as db, db.read() as conn:
                for p in await parking.list_parked(conn, status="" if status == "all" else status, limit=limit):
                    where = f"{p.topic}/{p.partition}@{p.offset}"
                    typer.echo(f"{p.id}  {p.status:10}  {p.reason:11}  {where}  {p.kind}/{p.no}@{p.version}  {p.error}")

        _run(build, "parked", act)

    @app.command("show", help="One event with headers and value, as JSON.")
    def show(id_: Annotated[UUID, typer.Argument(metavar="ID")]) -> None:
        async def act(service: Service) -> None:
            async with _database(service) as db, db.read() as conn:
                found = await parking.show(conn, id_)
            if found is None:
                raise typer.BadParameter(f"no parked event {id_}")
            typer.echo(json.dumps(msgspec.to_builtins(found), indent=2))

        _run(build, "parked", act)

    @app.command("redrive", help="Try events again.")
    def redrive(ids: Annotated[list[UUID], typer.Argument(metavar="ID...")]) -> None:
        async def act(service: Service) -> None:
            async with _database(service) as db:
                for id_ in ids:
                    typer.echo(f"{id_}  {await redrive_parked(db, service.subscriptions, id_)}")

        _run(build, "parked", act)

    @app.command("discard", help="Give events up; who and why stays on record.")
    def discard(
        ids: Annotated[list[UUID], typer.Argument(metavar="ID...")],
        note: Annotated[str, typer.Option(help="why")],
        by: Annotated[str, typer.Option(help="who")] = "",
    ) -> None:
        async def act(service: Service) -> None:
            async with _database(service) as db, db.begin() as tx:
                for id_ in ids:
                    done = await parking.discard(tx, id_, by=by or getpass.getuser(), note=note)
                    typer.echo(f"{id_}  {'discarded' if done else 'not parked'}")

        _run(build, "parked", act)

    return app


class _database:  # noqa: N801 - used like a function
    def __init__(self, service: Service) -> None:
        self._db = Database(service.settings.database_url, pool_size=2, application=f"{service.name} cli")

    async def __aenter__(self) -> Database:
        return self._db

    async def __aexit__(self, *_: object) -> None:
        await self._db.close()


def _run(build: Callable[[], Service], role: str, act: Callable[[Service], Awaitable[Any]]) -> None:
    service = build()
    logs.configure(service.name, role, service.settings.log_level)

    async def run() -> int:
        return await act(service) or 0

    try:
        status = uvloop.run(run())
    except (ConfigurationError, OSError, asyncio.TimeoutError) as e:
        typer.echo(f"{service.name} {role}: {e or type(e).__name__}", err=True)
        raise typer.Exit(1) from None
    raise typer.Exit(status)
