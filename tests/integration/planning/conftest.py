"""Planning in this process, on one database for all its tests."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager

import pytest

from planning.app import build
from servicekit.settings import ServiceSettings
from tests.integration.planning.rig import Planning
from tests.support.baseline import Baseline
from tests.support.databases import Databases
from tests.support.service import serving, settings_on
from tests.support.tokens import Issuer

REFERENCE_GRACE_MS = 100


def process(url: str, issuer: Issuer) -> AbstractAsyncContextManager[Planning]:
    """One process of planning on the database."""
    settings = settings_on(ServiceSettings, url, issuer, reference_grace_ms=REFERENCE_GRACE_MS)
    return serving(Planning, build(settings), issuer)


@pytest.fixture(scope="session")
async def running_planning(databases: Databases, issuer: Issuer) -> AsyncIterator[Planning]:
    url = await databases.fresh("planning")
    async with process(url, issuer) as made:
        yield made
    await databases.drop(url)


@pytest.fixture(scope="session")
async def baseline(running_planning: Planning) -> AsyncIterator[Baseline]:
    async with Baseline.of(running_planning.service.settings.database_url) as made:
        yield made


@pytest.fixture
async def planning(running_planning: Planning, baseline: Baseline) -> AsyncIterator[Planning]:
    """Planning as it is migrated."""
    yield running_planning
    await baseline.restore()


@pytest.fixture
async def second(planning: Planning) -> AsyncIterator[Planning]:
    """Another process of planning on the same database: its commands are not stored together with the first one's."""
    async with serving(Planning, planning.service, planning.issuer) as made:
        yield made
