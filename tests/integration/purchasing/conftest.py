"""Purchasing in this process, on one database for all its tests."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from mailkit.settings import MailingSettings
from purchasing.app import build
from tests.integration.purchasing.rig import Purchasing
from tests.support.baseline import Baseline
from tests.support.databases import Databases
from tests.support.mail import MailServer
from tests.support.service import serving, settings_on
from tests.support.tokens import Issuer

REFERENCE_GRACE_MS = 300


@pytest.fixture(scope="session")
async def running_purchasing(
    databases: Databases, issuer: Issuer, running_mail_server: MailServer
) -> AsyncIterator[Purchasing]:
    url = await databases.fresh("purchasing")
    settings = settings_on(
        MailingSettings,
        url,
        issuer,
        reference_grace_ms=REFERENCE_GRACE_MS,
        smtp_host=running_mail_server.host,
        smtp_port=running_mail_server.port,
    )
    async with serving(Purchasing, build(settings), issuer) as made:
        await made.set_up()
        yield made
    await databases.drop(url)


@pytest.fixture(scope="session")
async def baseline(running_purchasing: Purchasing) -> AsyncIterator[Baseline]:
    async with Baseline.of(running_purchasing.service.settings.database_url) as made:
        yield made


@pytest.fixture
async def purchasing(running_purchasing: Purchasing, baseline: Baseline) -> AsyncIterator[Purchasing]:
    """Purchasing after `Purchasing.set_up`, without documents."""
    yield running_purchasing
    await baseline.restore()
