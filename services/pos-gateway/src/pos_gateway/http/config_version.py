"""`Koppel-Config-Version` on every answer: a till sees at once that its settings are old (POS-19)."""

from __future__ import annotations

from sqlalchemy.exc import SQLAlchemyError
from starlette.types import Scope

from eventkit.transaction import Database
from httpkit.responses import Headers
from pos_gateway.store.configuration import Configurations

HEADER = b"koppel-config-version"
_PREFIX = "/v1/"


class ConfigVersion:
    """The header for an answer; refusals carry it too."""

    def __init__(self, configurations: Configurations, database: Database) -> None:
        self._configurations = configurations
        self._database = database

    async def headers(self, scope: Scope) -> Headers:
        """The present version, on every path of the API."""
        if not scope["path"].startswith(_PREFIX):
            return []
        version = await self._version()
        return [(HEADER, str(version).encode())] if version else []

    async def _version(self) -> int:
        """Without a database the version seen last; what is missing is not worth an error."""
        try:
            return (await self._configurations.recent(self._database)).version
        except (SQLAlchemyError, OSError, TimeoutError):
            return self._configurations.version
