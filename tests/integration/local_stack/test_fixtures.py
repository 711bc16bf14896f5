from __future__ import annotations

import asyncpg
import pytest

from deploy.local import LocalStack
from tests.support.databases import Databases


async def test_a_role_gets_into_its_own_database_only(infrastructure: LocalStack) -> None:
    own = await asyncpg.connect(infrastructure.database_url("sales"), timeout=10)
    assert await own.fetchval("SELECT current_user::text") == "sales"
    await own.close()
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await asyncpg.connect(infrastructure.database_url("sales", "planning"), timeout=10)


async def test_a_fresh_database_belongs_to_the_service_and_can_be_dropped_while_in_use(
    databases: Databases,
) -> None:
    url = await databases.fresh("planning", migrated=False)
    connection = await asyncpg.connect(url, timeout=10)
    await connection.execute("CREATE TABLE t (x int)")
    await databases.drop(url)
    with pytest.raises(asyncpg.InvalidCatalogNameError):
        await asyncpg.connect(url, timeout=10)
    await connection.close()
