"""What a test of planning holds in its hands."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import uuid4

import httpx
import msgspec
from sqlalchemy import text

from contracts.topics import KINDS
from contracts.values import Snapshot
from eventkit.envelope import Record
from eventkit.processing import Outcome, Processor
from eventkit.transaction import Database
from planning.messages.subscriptions import SUBSCRIPTIONS
from servicekit.settings import ServiceSettings
from tests.support import events

OUTBOX = text("SELECT type, subject, version, body FROM outbox_event ORDER BY row_id, place")
CLEAR_OUTBOX = text("DELETE FROM outbox")


class Rig:
    """Planning: its database, its HTTP side, and its way of taking events."""

    def __init__(self, database: Database, client: httpx.AsyncClient, settings: ServiceSettings) -> None:
        self.database = database
        self.settings = settings
        self.client = client
        self._processor = Processor(SUBSCRIPTIONS, "test")

    async def deliver(self, *snapshots: tuple[str, str, Snapshot]) -> Outcome:
        """Apply (kind, number, snapshot) as one polled batch."""
        records = [record(*each) for each in snapshots]
        return await self._processor.process(self.database, records, ())

    async def published(self, kind: str) -> list[Any]:
        """Snapshots of a kind that stand in the outbox, in order."""
        async with self.database.read() as conn:
            rows = (await conn.execute(OUTBOX)).all()
        return [
            msgspec.json.decode(row.body, type=KINDS[kind].model)
            for row in rows
            if row.type == KINDS[kind].event_type
        ]

    async def forget_published(self) -> None:
        """Empty the outbox, as the relay does."""
        async with self.database.begin() as tx:
            await tx.run(CLEAR_OUTBOX)

    async def sql(self, statement: str, **params: Any) -> Sequence[Any]:
        async with self.database.begin() as tx:
            return (await tx.conn.execute(text(statement), params)).all()

    async def put(self, path: str, body: dict[str, Any], expect: int | None = None) -> Any:
        return self._checked(
            await self.client.put(f"/v1{path}", json=body), (200, 201) if expect is None else (expect,)
        )

    async def get(self, path: str, expect: int = 200, **params: Any) -> Any:
        return self._checked(await self.client.get(f"/v1{path}", params=params), (expect,))

    async def patch(self, path: str, body: dict[str, Any], expect: int = 200) -> Any:
        return self._checked(await self.client.patch(f"/v1{path}", json=body), (expect,))

    async def delete(self, path: str, expect: int = 204) -> Any:
        return self._checked(await self.client.delete(f"/v1{path}"), (expect,))

    async def post(self, path: str, body: dict[str, Any], expect: int | None = None, **headers: str) -> Any:
        keyed = {"Idempotency-Key": str(uuid4())} | {k.replace("_", "-"): v for k, v in headers.items()}
        answer = await self.client.post(f"/v1{path}", json=body, headers=keyed)
        return self._checked(answer, (200, 201, 202) if expect is None else (expect,))

    @staticmethod
    def _checked(answer: httpx.Response, status: Iterable[int]) -> Any:
        assert answer.status_code in status, f"{answer.request.url}: {answer.status_code} {answer.text}"
        return answer.json() if answer.content else None


def record(kind: str, no: str, snapshot: Snapshot) -> Record:
    """A snapshot as it comes from the broker."""
    return events.record(KINDS[kind], no, snapshot)
