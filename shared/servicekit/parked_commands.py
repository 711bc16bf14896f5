"""The commands on parked events: `python -m sales parked list | show | redrive | discard`."""

from __future__ import annotations

import getpass
import json
from collections import Counter
from collections.abc import Sequence
from typing import Annotated, Final
from uuid import UUID

import msgspec
import typer

from eventkit import parking
from eventkit.errors import ConfigurationError
from eventkit.parking import Parked
from eventkit.redrive import redrive
from eventkit.transaction import Database
from servicekit.columns import table
from servicekit.invocation import Build, database_of, run
from servicekit.service import Service

Ids = Annotated[list[UUID] | None, typer.Argument(metavar="ID...")]
All = Annotated[bool, typer.Option("--all", help="all that are parked, or those of --kind and --reason")]
OfKind = Annotated[str, typer.Option(help="of this kind, such as sales-order")]
ForReason = Annotated[str, typer.Option(help="undecodable, foreign, implausible, error, killed or skipped")]
_HEADS: Final = ("id", "status", "reason", "kind", "no", "version", "record", "parked at", "error")


class Selection(msgspec.Struct, frozen=True):
    """Which parked events a command is about."""

    ids: Sequence[UUID]
    every: bool
    kind: str
    reason: str

    async def found(self, db: Database) -> Sequence[UUID]:
        """Their ids. Raises ConfigurationError unless either ids or `--all` are given."""
        if self.every == bool(self.ids) or (self.ids and (self.kind or self.reason)):
            raise ConfigurationError("name ids, or --all (with --kind or --reason for fewer)")
        if self.ids:
            return self.ids
        async with db.read() as conn:
            return await parking.ids(conn, kind=self.kind, reason=self.reason)


def parked_commands(build: Build) -> typer.Typer:
    """The group of commands. Outcomes go to standard output, a line each; what sums them up to standard error."""
    app = typer.Typer(no_args_is_help=True)

    @app.command("list", help="Parked events, the oldest first.")
    def list_(status: str = "parked", limit: int = 100) -> None:
        run(build, "parked", lambda service: _list(service, status, limit))

    @app.command("show", help="One event with headers and value, as JSON.")
    def show(id_: Annotated[UUID, typer.Argument(metavar="ID")]) -> None:
        run(build, "parked", lambda service: _show(service, id_))

    @app.command("redrive", help="Try events again.")
    def redrive_(ids: Ids = None, *, every: All = False, kind: OfKind = "", reason: ForReason = "") -> None:
        selection = Selection(ids or (), every, kind, reason)
        run(build, "parked", lambda service: _redrive(service, selection))

    @app.command("discard", help="Give events up; who and why stays on record.")
    def discard(
        note: Annotated[str, typer.Option(help="why")],
        ids: Ids = None,
        *,
        by: Annotated[str, typer.Option(help="who")] = "",
        every: All = False,
        kind: OfKind = "",
        reason: ForReason = "",
    ) -> None:
        selection = Selection(ids or (), every, kind, reason)
        run(build, "parked", lambda service: _discard(service, selection, by or getpass.getuser(), note))

    return app


async def _list(service: Service, status: str, limit: int) -> None:
    async with database_of(service) as db, db.read() as conn:
        found = await parking.list_parked(conn, status="" if status == "all" else status, limit=limit)
    if not found:
        typer.echo(f"nothing is {status}" if status != "all" else "nothing was ever parked", err=True)
        return
    for line in table(_HEADS, [_row(parked) for parked in found]):
        typer.echo(line)


def _row(parked: Parked) -> tuple[object, ...]:
    where = f"{parked.topic}/{parked.partition}@{parked.offset}"
    at = f"{parked.parked_at:%Y-%m-%dT%H:%M:%SZ}"
    what = (parked.kind or "-", parked.no or "-", parked.version)
    return parked.id, parked.status, parked.reason, *what, where, at, parked.error


async def _show(service: Service, id_: UUID) -> int:
    async with database_of(service) as db, db.read() as conn:
        found = await parking.show(conn, id_)
    typer.echo(json.dumps(msgspec.to_builtins(found), indent=2) if found else f"no parked event {id_}")
    return 0 if found else 1


async def _redrive(service: Service, selection: Selection) -> int:
    """Each on its own; the status is 1 if one of them stays parked or was not parked."""
    outcomes: Counter[str] = Counter()
    async with database_of(service) as db:
        for id_ in await selection.found(db):
            redriven = await redrive(db, service.subscriptions, id_)
            outcomes[redriven.outcome] += 1
            typer.echo("  ".join(filter(None, (str(id_), redriven.outcome, redriven.error))))
    _sum_up(outcomes)
    return 1 if outcomes["parked"] or outcomes["gone"] else 0


async def _discard(service: Service, selection: Selection, by: str, note: str) -> int:
    async with database_of(service) as db:
        ids = await selection.found(db)
        async with db.begin() as tx:
            discarded = await parking.discard(tx, ids, by=by, note=note)
    for id_ in ids:
        typer.echo(f"{id_}  {'discarded' if id_ in discarded else 'gone'}")
    outcomes = Counter({"discarded": len(discarded), "gone": len(ids) - len(discarded)})
    _sum_up(outcomes)
    return 1 if outcomes["gone"] else 0


def _sum_up(outcomes: Counter[str]) -> None:
    counts = ", ".join(f"{n} {outcome}" for outcome, n in sorted(outcomes.items()) if n)
    typer.echo(counts or "nothing is parked", err=True)
