"""A stack of its own for the tests that kill its servers, and the sample company in it."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from deploy.local import SERVICES, LocalStack, settings_on_free_ports
from deploy.local.client import Koppel, Refused, until
from deploy.local.demo.sample import Till, load_company, open_shop


@pytest.fixture(scope="session")
async def own_stack() -> AsyncIterator[LocalStack]:
    directory = Path(tempfile.mkdtemp(prefix="koppel-reliability-"))
    try:
        async with LocalStack(settings_on_free_ports(directory), supervised=True) as running:
            yield running
    finally:
        shutil.rmtree(directory, ignore_errors=True)


@pytest.fixture(scope="session")
async def own_koppel(own_stack: LocalStack) -> AsyncIterator[Koppel]:
    urls = {service: own_stack.url(service) for service in SERVICES}
    async with Koppel(urls, own_stack.token()) as client:
        await load_company(client)
        yield client


@pytest.fixture(scope="session")
async def own_till(own_koppel: Koppel) -> Till:
    return await open_shop(own_koppel, store_no="HH1", asynchronous=True)


@pytest.fixture
async def stack(own_stack: LocalStack) -> AsyncIterator[LocalStack]:
    """The stack, healed after the test whatever it did."""
    yield own_stack
    for name in ("postgres", "kafka", *(f"{s}-{role}" for s in SERVICES for role in ("serve", "work"))):
        if not own_stack.children[name].running:
            await own_stack.start(name)
    await until(lambda: _all_answer(own_stack), bool, deadline_s=30, every_s=0.2)


async def _all_answer(running: LocalStack) -> bool:
    """A connection that died in a pool costs one 503; after this no pool holds one."""
    async with Koppel({service: running.url(service) for service in SERVICES}, running.token()) as client:
        for api in (client.sales, client.purchasing, client.planning, client.pos):
            try:
                await api.get("/parked")
            except Refused:
                return False
    return True


@pytest.fixture
def koppel(own_koppel: Koppel) -> Koppel:
    return own_koppel


@pytest.fixture
def till(own_till: Till) -> Till:
    return own_till
