"""The commands of the local stack: `run`, `infrastructure`, `demo`, `till`, `token`, Kafka's tools and psql."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Final

import typer

from deploy.errors import StackError
from deploy.local import kafka_tools, ports, postgres, processes, screen, tokens
from deploy.local.client import Koppel
from deploy.local.data_directory import claim, settings_of_running_stack
from deploy.local.settings import SERVICES, StackSettings
from deploy.local.stack import LocalStack

app = typer.Typer(
    help="Koppel without Docker: Kafka, PostgreSQL and the services as child processes.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
PASS_THROUGH: Final = {"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []}


@app.command()
def run() -> None:
    """Start everything and keep it until Ctrl-C; the data stays for the next start."""
    asyncio.run(keep(SERVICES))


@app.command()
def infrastructure() -> None:
    """Start PostgreSQL and Kafka only and keep them until Ctrl-C."""
    asyncio.run(keep(()))


@app.command()
def demo() -> None:
    """Play the main flows on sample data through the HTTP APIs, then stop."""
    from deploy.local.demo import play  # noqa: PLC0415  the flows need the HTTP client, the other commands do not

    asyncio.run(play())


@app.command()
def till() -> None:
    """Open a till in this terminal, on the running stack."""
    from deploy.local.till import open_till  # noqa: PLC0415  its screens need textual, the other commands do not

    asyncio.run(open_till(settings_of_running_stack(StackSettings())))


@app.command()
def token(
    scopes: Annotated[
        str | None, typer.Option(help="Separated by spaces; every scope when left out.")
    ] = None,
    subject: Annotated[str, typer.Option(help="Whom the token speaks for.")] = "developer",
    hours: Annotated[float, typer.Option(help="How long it is good for.", min=0.01)] = 12.0,
) -> None:
    """Print a bearer token of the development issuer, and nothing else."""
    lifetime_s = int(hours * 3600)
    sys.stdout.write(tokens.issue(StackSettings(), scopes, subject=subject, lifetime_s=lifetime_s) + "\n")


@app.command("load-northwind")
def load_northwind(
    directory: Annotated[str, typer.Argument(help="The CSV files are in here.")],
    mapping: Annotated[
        Path | None, typer.Option(help="TOML file that says what the columns are called.")
    ] = None,
    *,
    company: Annotated[bool, typer.Option("--company", help="Make the company that of the sample.")] = False,
) -> None:
    """Import a company from CSV into the running stack and procure its orders; fails if a row is refused."""
    if not asyncio.run(import_company(directory, mapping, company=company)):
        sys.exit(1)


@app.command("remove-data")
def remove_data() -> None:
    """Delete the data directory of a stack that does not run."""
    settings = StackSettings()
    if not settings.data_dir.exists():
        return
    asyncio.run(claim(settings.data_dir / "lock", screen.say)).close()
    for directory in (settings.data_dir, postgres.cluster_outside(settings)):
        shutil.rmtree(directory, ignore_errors=True)
    screen.say(f"Removed {settings.data_dir}")


@app.command()
def urls() -> None:
    """Show the table of URLs, databases and topics of the running stack."""
    screen.show_table(settings_of_running_stack(StackSettings()), SERVICES)


@app.command("kafka-tool", context_settings=PASS_THROUGH)
def kafka_tool(context: typer.Context, tool: str) -> None:
    """Run one of Kafka's command-line tools at the local broker (see `deploy/local/bin`)."""
    if tool not in kafka_tools.TOOLS:
        raise StackError(f"unknown tool {tool}", f"known are: {', '.join(kafka_tools.TOOLS)}")
    become(kafka_tools.tool_command(settings_of_running_stack(StackSettings()), tool, context.args))


@app.command(context_settings=PASS_THROUGH)
def service(context: typer.Context, name: str) -> None:
    """Run a command of a service (`parked list`, `republish sales-order`) in the environment of this stack.

    A second worker is `KOPPEL_INSTANCE=2 KOPPEL_WORK_HTTP_PORT=0 … work`: what the caller sets of these holds.
    """
    if name not in SERVICES:
        raise StackError(f"unknown service {name}", f"known are: {', '.join(SERVICES)}")
    settings = settings_of_running_stack(StackSettings())
    theirs = {name: value for name, value in os.environ.items() if name in processes.OF_ONE_PROCESS}
    os.environ.update(processes.environment(settings, name) | theirs)
    become([sys.executable, "-m", name, *context.args])


@app.command(context_settings=PASS_THROUGH)
def psql(context: typer.Context, service: str) -> None:
    """Open a service's database with psql, as the service's own role."""
    if service not in SERVICES:
        raise StackError(f"unknown service {service}", f"known are: {', '.join(SERVICES)}")
    settings = settings_of_running_stack(StackSettings())
    found = shutil.which("psql") or str(postgres.find_binaries() / "psql")
    become([found, postgres.database_url(settings, service), *context.args])


async def import_company(directory: str, mapping: Path | None, *, company: bool) -> bool:
    """Whether every row was taken. The report goes to stdout, progress to stderr."""
    from deploy.local.company_import import loading, report  # noqa: PLC0415  its country tables take a moment
    from deploy.local.company_import.mapping import default_mapping, read_mapping  # noqa: PLC0415

    if not directory or not Path(directory).is_dir():
        raise StackError(
            f"{directory or 'DIR'} is not a directory",
            "make load-northwind DIR=<directory with the CSV files>",
        )
    tables = read_mapping(mapping) if mapping else default_mapping()
    settings = settings_of_running_stack(StackSettings())
    for service in SERVICES:
        if not await ports.answers(settings.host, settings.serve_port(service)):
            raise StackError(
                f"{service} does not answer at {settings.url(service)}", "start the stack: make run"
            )
    urls = {service: settings.url(service) for service in SERVICES}
    async with Koppel(urls, tokens.issue(settings, subject="import")) as koppel:
        found = await loading.load(koppel, Path(directory), tables, screen.say, company=company)
    sys.stdout.write("".join(f"{line}\n" for line in report.summary(found)))
    return not found.problems


async def keep(services: Sequence[str]) -> None:
    """Run a stack until SIGINT, SIGTERM or SIGHUP, which end it in order at any moment."""
    keeping = asyncio.create_task(show_and_wait(StackSettings(), services))
    for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(each, cancel_once, keeping)
    with suppress(asyncio.CancelledError):
        await keeping
    screen.say("Stopped; the data stays")


def cancel_once(task: asyncio.Task[None]) -> None:
    """A second Ctrl-C must not interrupt the orderly end that the first one began."""
    if not task.cancelling():
        screen.say("Stopping")
        task.cancel()


async def show_and_wait(settings: StackSettings, services: Sequence[str]) -> None:
    async with LocalStack(settings, services=services, supervised=True, report=screen.say):
        screen.show_table(settings, services)
        await asyncio.Event().wait()


def become(command: list[str]) -> None:
    """Replace this process, so that the tool has the terminal and its signals to itself."""
    os.execvp(command[0], command)  # noqa: S606  a fixed program with the caller's own arguments


def main() -> None:
    """Run a command; what the reader can remedy is one message, not a traceback."""
    try:
        app()
    except* StackError as errors:
        for error in leaves(errors):
            screen.complain(str(error))
        sys.exit(1)


def leaves(group: BaseExceptionGroup[StackError]) -> Iterator[StackError]:
    for error in group.exceptions:
        if isinstance(error, BaseExceptionGroup):
            yield from leaves(error)
        else:
            yield error
