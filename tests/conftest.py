"""Fixtures for every kind of test; the servers start when the first test that needs them runs."""

from __future__ import annotations

import gc
import itertools
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Final

import pytest
import structlog
from hypothesis import settings as property_settings

from deploy.local import SERVICES, LocalStack
from servicekit.runner import GC_THRESHOLD
from tests.contract.not_yet import STATUSES_ARE_MET
from tests.support.databases import Databases
from tests.support.documented_statuses import DocumentedStatuses
from tests.support.met_codes import CataloguedCodes
from tests.support.open_resources import OpenResources
from tests.support.servers import Choice, choose, servers

SERVERS: Final = pytest.StashKey[Choice]()
_prefixes = itertools.count(1)


def pytest_configure(config: pytest.Config) -> None:
    # A loaded machine takes long for an example; that is no fault of what is tested.
    property_settings.register_profile("koppel", deadline=None)
    property_settings.load_profile("koppel")
    config.pluginmanager.register(DocumentedStatuses(fails=STATUSES_ARE_MET))
    config.pluginmanager.register(OpenResources())
    # structlog's own default renders the locals of every frame: seconds in which the event loop does nothing else.
    plain = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    structlog.configure(processors=[*structlog.get_config()["processors"][:-1], plain])
    config.pluginmanager.register(CataloguedCodes())


def pytest_collection_finish(session: pytest.Session) -> None:
    """Choose the servers once it is known that a collected test needs them, and say which."""
    # What was imported and collected stays until the end; looking through it again costs a seventh of a run.
    gc.collect()
    gc.freeze()
    gc.set_threshold(GC_THRESHOLD, *gc.get_threshold()[1:])
    needed = any("infrastructure" in getattr(item, "fixturenames", ()) for item in session.items)
    if not needed or session.config.option.collectonly:
        return
    choice = session.config.stash[SERVERS] = choose()
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter:
        reporter.write_line(str(choice))


@pytest.fixture(scope="session")
async def infrastructure(request: pytest.FixtureRequest) -> AsyncIterator[LocalStack]:
    """A running PostgreSQL and Kafka, without services."""
    async with servers(request.config.stash[SERVERS]) as stack:
        yield stack


@pytest.fixture(scope="session")
async def stack(infrastructure: LocalStack) -> LocalStack:
    """The whole stack: the four services, migrated and ready, as their own processes."""
    await infrastructure.start_services(SERVICES)
    return infrastructure


@pytest.fixture(scope="session")
async def databases(infrastructure: LocalStack) -> AsyncIterator[Databases]:
    made = Databases(infrastructure)
    yield made
    await made.close()


@pytest.fixture
async def fresh_database(databases: Databases) -> AsyncIterator[Callable[..., Awaitable[str]]]:
    """`await fresh_database("sales")`: the URL of a migrated database that this test has to itself.

    `migrated=False` gives an empty one.
    """
    urls: list[str] = []

    async def make(service: str, *, migrated: bool = True) -> str:
        urls.append(await databases.fresh(service, migrated=migrated))
        return urls[-1]

    yield make
    for url in urls:
        await databases.drop(url)


@pytest.fixture
def topic_prefix() -> str:
    """A prefix that gives this test topics, and by them a history, of its own."""
    return f"t{os.getpid()}-{next(_prefixes)}."
