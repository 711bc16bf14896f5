"""The commands on copies of others' aggregates: `python -m planning copies forget KIND NO...`."""

from __future__ import annotations

from typing import Annotated

import typer

from eventkit import copying
from servicekit.invocation import Build, database_of, run
from servicekit.service import Service

KindName = Annotated[str, typer.Argument(metavar="KIND")]
Nos = Annotated[list[str], typer.Argument(metavar="NO...")]


def copy_commands(build: Build) -> typer.Typer:
    """The commands that look at and repair copies of other services' records."""
    app = typer.Typer(no_args_is_help=True)

    @app.callback()
    def group() -> None:
        """Keeps `forget` a command of its own while it is the only one."""

    @app.command("forget", help="Forget copies that a false version froze; their owner publishes them again.")
    def forget_(kind: KindName, nos: Nos) -> None:
        run(build, "copies", lambda service: _forget(service, kind, nos))

    return app


async def _forget(service: Service, kind: str, nos: list[str]) -> int:
    async with database_of(service) as db, db.begin() as tx:
        forgotten = {no: await copying.forget(tx, kind, no) for no in nos}
    for no, version in forgotten.items():
        typer.echo(f"{kind}/{no}  {'no copy here' if version is None else f'version {version} forgotten'}")
    typer.echo(f"now let the owner publish again: republish {kind} {' '.join(f'--key {no}' for no in nos)}")
    return 0 if all(version is not None for version in forgotten.values()) else 1
