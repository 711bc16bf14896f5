"""The four services one after the other, each on a database of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Final

import pytest

from deploy.local import SERVICES
from tests.integration.api.resources import make_resources
from tests.integration.api.served import AnyService, built, write_signing_key
from tests.support.baseline import Baseline
from tests.support.databases import Databases
from tests.support.service import serving
from tests.support.tokens import Issuer

WAITS: Final = {"KOPPEL_EDGE_COPIES_WAIT_S": "0.05", "KOPPEL_EDGE_PREFER_WAIT_MAX_S": "0.05"}
"""Generated requests ask to wait for what never comes; hundreds of them would wait for minutes."""


@pytest.fixture(scope="session")
def gateway_key(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_signing_key(tmp_path_factory.mktemp("signing") / "gateway.pem")


@pytest.fixture(scope="session", params=SERVICES)
async def running_service(
    request: pytest.FixtureRequest, databases: Databases, issuer: Issuer, gateway_key: Path
) -> AsyncIterator[AnyService]:
    url = await databases.fresh(request.param)
    async with AsyncExitStack() as stack:
        with pytest.MonkeyPatch.context() as environment:
            for name, seconds in WAITS.items():
                environment.setenv(name, seconds)
            service = built(request.param, url, issuer, gateway_key)
            made = await stack.enter_async_context(serving(AnyService, service, issuer))
        made.resources.update(await make_resources(made))
        yield made
    await databases.drop(url)


@pytest.fixture(scope="session")
async def baseline(running_service: AnyService) -> AsyncIterator[Baseline]:
    async with Baseline.of(running_service.service.settings.database_url) as made:
        yield made


@pytest.fixture
async def served(running_service: AnyService, baseline: Baseline) -> AsyncIterator[AnyService]:
    """A service with one resource of each kind."""
    await running_service.look_again()
    yield running_service
    await baseline.restore()
