from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from deploy import schema
from deploy.local.settings import SERVICES


@pytest.mark.parametrize("service", SERVICES)
async def test_the_published_picture_shows_the_tables_that_migrations_leave(
    service: str, fresh_database: Callable[..., Awaitable[str]]
) -> None:
    picture = await schema.picture(service, await fresh_database(service))
    assert schema.path(service).read_text() == picture, "run `make schema` and look at the difference"
