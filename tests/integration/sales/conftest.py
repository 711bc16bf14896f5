"""Sales in this process, on one database for all its tests."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from sales.app import build
from sales.settings import SalesSettings
from tests.integration.sales.rig import Sales
from tests.support.baseline import Baseline
from tests.support.databases import Databases
from tests.support.mail import MailServer
from tests.support.service import serving, settings_on
from tests.support.tokens import Issuer


@pytest.fixture(scope="session")
async def running_sales(
    databases: Databases, issuer: Issuer, running_mail_server: MailServer
) -> AsyncIterator[Sales]:
    url = await databases.fresh("sales")
    settings = settings_on(
        SalesSettings,
        url,
        issuer,
        smtp_host=running_mail_server.host,
        smtp_port=running_mail_server.port,
    )
    async with serving(Sales, build(settings), issuer) as made:
        await made.set_up()
        yield made
    await databases.drop(url)


@pytest.fixture(scope="session")
async def baseline(running_sales: Sales) -> AsyncIterator[Baseline]:
    async with Baseline.of(running_sales.service.settings.database_url) as made:
        yield made


@pytest.fixture
async def sales(running_sales: Sales, baseline: Baseline) -> AsyncIterator[Sales]:
    """Sales after `Sales.set_up`, without documents."""
    yield running_sales
    await baseline.restore()
