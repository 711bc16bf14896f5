"""The four services one after the other, each on a database of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from deploy.local import SERVICES
from tests.integration.api.resources import make_resources
from tests.integration.api.served import AnyService, built, write_signing_key
from tests.support.baseline import Baseline
from tests.support.databases import Databases
from tests.support.service import serving
from tests.support.tokens import Issuer


@pytest.fixture(scope="session")
def gateway_key(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_signing_key(tmp_path_factory.mktemp("signing") / "gateway.pem")


@pytest.fixture(scope="session", params=SERVICES)
async def running_service(
    request: pytest.FixtureRequest, databases: Databases, issuer: Issuer, gateway_key: Path
) -> AsyncIterator[AnyService]:
    url = await databases.fresh(request.param)
    async with serving(AnyService, built(request.param, url, issuer, gateway_key), issuer) as made:
        made.resources.update(await make_resources(made))
        yield made
    await databases.drop(url)


@pytest.fixture(scope="session")
async def baseline(running_service: AnyService) -> Baseline:
    return await Baseline.of(running_service.service.settings.database_url)


@pytest.fixture
async def served(running_service: AnyService, baseline: Baseline) -> AsyncIterator[AnyService]:
    """A service with one resource of each kind."""
    await running_service.look_again()
    yield running_service
    await baseline.restore()
