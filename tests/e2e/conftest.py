"""The running stack with the sample company, and two shops: one asynchronous, one that waits for the answer."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from deploy.local import SERVICES, LocalStack
from deploy.local.client import Koppel
from deploy.local.demo.sample import Till, load_company, open_shop


@pytest.fixture(scope="session")
async def koppel(stack: LocalStack) -> AsyncIterator[Koppel]:
    urls = {service: stack.url(service) for service in SERVICES}
    async with Koppel(urls, stack.token()) as client:
        await load_company(client)
        yield client


@pytest.fixture(scope="session")
async def till(koppel: Koppel) -> Till:
    """A till of a store that creates orders asynchronously."""
    return await open_shop(koppel, store_no="HH1", asynchronous=True)


@pytest.fixture(scope="session")
async def waiting_till(koppel: Koppel) -> Till:
    """A till of a store that creates orders synchronously."""
    return await open_shop(koppel, store_no="HH2", asynchronous=False)
