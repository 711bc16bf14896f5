"""`Koppel-Config-Version` on every answer: a till sees at once that its settings are old (POS-19; contract point 7)."""

from __future__ import annotations

from sqlalchemy.exc import SQLAlchemyError
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from eventkit.transaction import Database
from pos_gateway.store.configuration import Configurations

HEADER = b"koppel-config-version"
_PREFIX = "/v1/"


class ConfigVersion:
    """Plain ASGI around the application: refusals carry the version too."""

    def __init__(self, app: ASGIApp, *, configurations: Configurations, database: Database) -> None:
        self.app = app
        self._configurations = configurations
        self._database = database

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on and put the version into its answer."""
        if scope["type"] != "http" or not scope["path"].startswith(_PREFIX):
            await self.app(scope, receive, send)
            return

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                version = await self._version()
                if version:
                    message["headers"] = [*message["headers"], (HEADER, str(version).encode())]
            await send(message)

        await self.app(scope, receive, sending)

    async def _version(self) -> int:
        """Without a database the version seen last; what is missing is not worth an error."""
        try:
            return (await self._configurations.recent(self._database)).version
        except (SQLAlchemyError, OSError, TimeoutError):
            return self._configurations.version
