"""What the settings take off a port that strangers reach."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from eventkit.transaction import Database
from httpkit.app import create_app
from httpkit.auth import Tokens
from httpkit.commands import CommandRunner
from servicekit.settings import ServiceSettings
from tests.support.databases import NO_BROKER
from tests.support.tokens import Issuer


@pytest.fixture
async def closed(url: str, issuer: Issuer) -> AsyncIterator[httpx.AsyncClient]:
    """A service whose documents and metrics are not open."""
    database = Database(url)
    settings = ServiceSettings(
        database_url=url, kafka_bootstrap=NO_BROKER, docs_open=False, metrics_open=False
    )
    app = create_app("notes", CommandRunner(database), Tokens([issuer.trusted()]), [], settings=settings)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://notes") as client:
        yield client
    await database.close()


@pytest.mark.parametrize("path", ["/docs", "/redoc", "/openapi.json", "/api-docs-assets/fastapi/favicon.png"])
async def test_documents_can_be_switched_off(closed: httpx.AsyncClient, path: str) -> None:
    assert (await closed.get(path)).status_code == 404


async def test_metrics_can_need_an_operators_token(closed: httpx.AsyncClient, issuer: Issuer) -> None:
    def token(scope: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {issuer.token(scope)}"}

    answers = [await closed.get("/metrics", headers=h) for h in ({}, token("ops:read"), token("ops:manage"))]
    assert [answer.status_code for answer in answers] == [401, 403, 200]
