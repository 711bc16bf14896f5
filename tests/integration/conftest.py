"""What the services' integration tests share."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.support.mail import MailServer, mail_server
from tests.support.tokens import Issuer, make_issuer


@pytest.fixture(scope="session")
def issuer(tmp_path_factory: pytest.TempPathFactory) -> Issuer:
    """Whose tokens the services in this process accept."""
    return make_issuer(tmp_path_factory.mktemp("issuer"))


@pytest.fixture(scope="session")
async def running_mail_server() -> AsyncIterator[MailServer]:
    async with mail_server() as server:
        yield server


@pytest.fixture
def mailing(running_mail_server: MailServer) -> MailServer:
    """The mail server of the tests, empty and taking everything."""
    running_mail_server.mails.clear()
    running_mail_server.refusing = ""
    return running_mail_server
