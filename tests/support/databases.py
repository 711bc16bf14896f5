"""A fresh, migrated database for each test, in milliseconds: cloned from a template made once per session."""

from __future__ import annotations

import asyncio
import itertools
import os
from typing import Final

import asyncpg

import planning.app
import pos_gateway.app
import purchasing.app
import sales.app
from deploy.local import LocalStack
from mailkit.settings import MailingSettings
from pos_gateway.settings import GatewaySettings
from sales.settings import SalesSettings
from servicekit.migrate import upgrade_database
from servicekit.service import Service
from servicekit.settings import ServiceSettings

NO_BROKER: Final = "127.0.0.1:1"
"""For services that are only asked for what needs no broker."""


class Databases:
    """Makes databases of the services' roles and drops them again."""

    def __init__(self, stack: LocalStack) -> None:
        self._stack = stack
        self._templates: dict[str, str] = {}
        self._lock = asyncio.Lock()
        self._numbers = itertools.count(1)

    async def fresh(self, service: str, *, migrated: bool = True) -> str:
        """The URL of a new database of the service, with its tables unless told otherwise."""
        template = await self._template(service) if migrated else "template0"
        name = self._name(service)
        await self._run(f'CREATE DATABASE "{name}" OWNER "{service}" TEMPLATE "{template}"')
        return self._stack.database_url(service, name)

    async def drop(self, url: str) -> None:
        """Remove a database made by `fresh`, also when somebody is still connected."""
        name = url.rpartition("/")[2]
        await self._run(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    async def take_connections(self, url: str, *, allowed: bool) -> None:
        """Let a database made by `fresh` take connections again, or none (SQLSTATE 55000) and end those it has."""
        name = url.rpartition("/")[2]
        await self._run(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS {allowed}')
        if not allowed:
            await self._run(
                f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
            )

    async def close(self) -> None:
        for name in self._templates.values():
            await self._run(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    async def _template(self, service: str) -> str:
        async with self._lock:
            if service not in self._templates:
                self._templates[service] = await self._make_template(service)
            return self._templates[service]

    async def _make_template(self, service: str) -> str:
        """Run the service's own migration of an empty database."""
        name = self._name(service)
        await self._run(f'CREATE DATABASE "{name}" OWNER "{service}"')
        await upgrade_database(_on(service, self._stack.database_url(service, name)))
        return name

    def _name(self, service: str) -> str:
        return f"{service}_{os.getpid()}_{next(self._numbers)}"

    async def _run(self, statement: str) -> None:
        connection = await asyncpg.connect(self._stack.admin_url(), timeout=10)
        try:
            await connection.execute(statement, timeout=30)
        finally:
            await connection.close()


def _on(service: str, url: str) -> Service:
    """The service on this database."""
    match service:
        case "sales":
            return sales.app.build(SalesSettings(database_url=url, kafka_bootstrap=NO_BROKER))
        case "purchasing":
            return purchasing.app.build(MailingSettings(database_url=url, kafka_bootstrap=NO_BROKER))
        case "planning":
            return planning.app.build(ServiceSettings(database_url=url, kafka_bootstrap=NO_BROKER))
        case "pos_gateway":
            return pos_gateway.app.build(GatewaySettings(database_url=url, kafka_bootstrap=NO_BROKER))
    raise ValueError(service)
