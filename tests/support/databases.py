"""A fresh, migrated database for each test, in milliseconds: cloned from a template made once per session."""

from __future__ import annotations

import asyncio
import itertools
import os
from typing import Final

import asyncpg

from deploy.local import LocalStack
from deploy.local.processes import run_once

TEMPLATE_PREFIX: Final = "template."
"""Prefix of the topics that a template's migration makes; tests take prefixes of their own."""


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

    async def close(self) -> None:
        for name in self._templates.values():
            await self._run(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    async def _template(self, service: str) -> str:
        async with self._lock:
            if service not in self._templates:
                self._templates[service] = await self._make_template(service)
            return self._templates[service]

    async def _make_template(self, service: str) -> str:
        """Run the service's own migration against an empty database."""
        name = self._name(service)
        await self._run(f'CREATE DATABASE "{name}" OWNER "{service}"')
        own = {
            "KOPPEL_DATABASE_URL": self._stack.database_url(service, name),
            "KOPPEL_TOPIC_PREFIX": TEMPLATE_PREFIX,
        }
        settings = self._stack.settings.model_copy(update={"service_environment": own})
        await run_once(settings, service, "migrate")
        return name

    def _name(self, service: str) -> str:
        return f"{service}_{os.getpid()}_{next(self._numbers)}"

    async def _run(self, statement: str) -> None:
        connection = await asyncpg.connect(self._stack.admin_url(), timeout=10)
        try:
            await connection.execute(statement, timeout=30)
        finally:
            await connection.close()
