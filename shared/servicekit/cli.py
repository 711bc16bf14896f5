"""The commands of a service: `python -m sales serve | work | migrate | republish | parked`."""

from __future__ import annotations

import getpass
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
import typer
import uvloop

from eventkit import parking
from eventkit.errors import ConfigurationError
from eventkit.redrive import redrive
from eventkit.republish import republish
from eventkit.transaction import Database
from servicekit import logs
from servicekit.service import Service
from servicekit.work import serve, work

Act = Callable[[Service], Awaitable[int | None]]
Since = Annotated[
    datetime | None, typer.Option(help="changed at or after this time (UTC unless it says otherwise)")
]
Keys = Annotated[list[str] | None, typer.Option("--key", help="this number; may be repeated")]
Open = Annotated[bool, typer.Option("--open", help="only documents that are not finished")]
Ids = Annotated[list[UUID], typer.Argument(metavar="ID...")]


async def _migrate(service: Service) -> None:
    from servicekit.migrate import migrate  # noqa: PLC0415 - alembic takes a while to load, and no other command needs it

    await migrate(service)


def main(service: Service | Callable[[], Service]) -> None:
    """Run the command line of a service; given a function, the service is built when a command needs it."""
    application(service if callable(service) else lambda: service)()


def application(build: Callable[[], Service]) -> typer.Typer:
    """The service's command line."""
    app = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False, add_completion=False)

    def command(name: str, act: Act, help_: str) -> None:
        app.command(name, help=help_)(lambda: _run(build, name, act))

    command("serve", serve, "Answer HTTP.")
    command("work", work, "Relay and read events, run jobs.")
    command("migrate", _migrate, "Bring database and topics to what this version needs.")

    @app.command("republish", help="Publish current snapshots of a kind again.")
    def republish_(kind: str, *, open_: Open = False, since: Since = None, key: Keys = None) -> None:
        at = since.replace(tzinfo=since.tzinfo or UTC) if since is not None else None
        _run(build, "republish", lambda service: _republish(service, kind, key or None, at, open_only=open_))

    app.add_typer(_parked(build), name="parked", help="Events that could not be applied.")
    return app


def _parked(build: Callable[[], Service]) -> typer.Typer:
    app = typer.Typer(no_args_is_help=True)

    @app.command("list", help="Parked events, the oldest first.")
    def list_(status: str = "parked", limit: int = 100) -> None:
        _run(build, "parked", lambda service: _list(service, status, limit))

    @app.command("show", help="One event with headers and value, as JSON.")
    def show(id_: Annotated[UUID, typer.Argument(metavar="ID")]) -> None:
        _run(build, "parked", lambda service: _show(service, id_))

    @app.command("redrive", help="Try events again.")
    def redrive_(ids: Ids) -> None:
        _run(build, "parked", lambda service: _redrive(service, ids))

    @app.command("discard", help="Give events up; who and why stays on record.")
    def discard(
        ids: Ids,
        note: Annotated[str, typer.Option(help="why")],
        by: Annotated[str, typer.Option(help="who")] = "",
    ) -> None:
        _run(build, "parked", lambda service: _discard(service, ids, by or getpass.getuser(), note))

    return app


async def _republish(
    service: Service, kind: str, nos: list[str] | None, since: datetime | None, *, open_only: bool
) -> None:
    if kind not in service.current:
        raise ConfigurationError(f"it owns no kind {kind}; it owns {', '.join(sorted(service.current))}")
    done = 0
    async with _database(service) as db:
        async for done in republish(
            db, service.kinds[kind], service.current[kind], nos=nos, since=since, open_only=open_only
        ):
            typer.echo(f"\r{done} published", nl=False)
    typer.echo(f"\r{done} published")


async def _list(service: Service, status: str, limit: int) -> None:
    async with _database(service) as db, db.read() as conn:
        found = await parking.list_parked(conn, status="" if status == "all" else status, limit=limit)
    for p in found:
        where = f"{p.topic}/{p.partition}@{p.offset}"
        typer.echo(f"{p.id}  {p.status:10}  {p.reason:11}  {where}  {p.kind}/{p.no}@{p.version}  {p.error}")


async def _show(service: Service, id_: UUID) -> int:
    async with _database(service) as db, db.read() as conn:
        found = await parking.show(conn, id_)
    typer.echo(json.dumps(msgspec.to_builtins(found), indent=2) if found else f"no parked event {id_}")
    return 0 if found else 1


async def _redrive(service: Service, ids: list[UUID]) -> None:
    async with _database(service) as db:
        for id_ in ids:
            typer.echo(f"{id_}  {await redrive(db, service.subscriptions, id_)}")


async def _discard(service: Service, ids: list[UUID], by: str, note: str) -> None:
    async with _database(service) as db, db.begin() as tx:
        for id_ in ids:
            done = await parking.discard(tx, id_, by=by, note=note)
            typer.echo(f"{id_}  {'discarded' if done else 'not parked'}")


@asynccontextmanager
async def _database(service: Service) -> AsyncIterator[Database]:
    db = Database(service.settings.database_url, pool_size=2, application=f"{service.name} cli")
    try:
        yield db
    finally:
        await db.close()


def _run(build: Callable[[], Service], role: str, act: Act) -> None:
    service = build()
    logs.configure(service.name, role, service.settings.log_level)

    async def run() -> Any:
        return await act(service)

    try:
        status = uvloop.run(run())
    except (ConfigurationError, OSError) as e:
        typer.echo(f"{service.name} {role}: {str(e) or type(e).__name__}", err=True)
        raise typer.Exit(1) from None
    raise typer.Exit(status or 0)
