from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.integration.own_broker.broker import Broker, grant_access, running_broker


@pytest.fixture(scope="session")
async def broker() -> AsyncIterator[Broker]:
    """A broker as in compose, which demands that its clients sign on."""
    directory = Path(tempfile.mkdtemp(prefix="koppel-own-broker-"))
    try:
        async with running_broker(directory) as running:
            yield running
    finally:
        shutil.rmtree(directory, ignore_errors=True)


@pytest.fixture(scope="session")
async def guarded(broker: Broker) -> Broker:
    """The same broker with the users and the rights that compose makes."""
    await asyncio.to_thread(grant_access, broker)
    return broker
