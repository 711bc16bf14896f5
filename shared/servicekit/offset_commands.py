"""The commands on offsets: `python -m sales offsets`, `offsets skip TOPIC PARTITION`."""

from __future__ import annotations

from typing import Annotated

import typer

from eventkit.kafka import cluster_id
from eventkit.ports import Partition
from eventkit.processing import Processor
from eventkit.stepping import positions, skip
from servicekit.columns import table
from servicekit.invocation import Build, database_of, run
from servicekit.service import Service

TopicName = Annotated[str, typer.Argument(metavar="TOPIC")]
PartitionNo = Annotated[int, typer.Argument(metavar="PARTITION")]


def offset_commands(build: Build) -> typer.Typer:
    """The group of commands; without a command it lists."""
    app = typer.Typer()

    @app.callback(invoke_without_command=True)
    def list_(context: typer.Context) -> None:
        if context.invoked_subcommand is None:
            run(build, "offsets", _list)

    @app.command(
        "skip", help="Step over the next event of a partition: it is parked as skipped, not applied."
    )
    def skip_(topic: TopicName, partition: PartitionNo) -> None:
        run(build, "offsets", lambda service: _skip(service, Partition(topic, partition)))

    return app


async def _list(service: Service) -> None:
    async with database_of(service) as db:
        found = await positions(db)
    rows = [(p.topic, p.partition, p.next, p.attempts) for p in found]
    for line in table(("topic", "partition", "next", "attempts"), rows):
        typer.echo(line)


async def _skip(service: Service, where: Partition) -> int:
    cluster = await cluster_id(service.settings)
    processor = Processor(service.subscriptions, cluster)
    async with database_of(service) as db:
        skipped = await skip(db, service.settings, processor, where, cluster)
    if skipped is None:
        typer.echo(f"{where.topic}/{where.partition}: everything is read, nothing to skip")
        return 1
    typer.echo(f"{where.topic}/{where.partition}@{skipped.offset}  skipped, see parked list")
    return 0
