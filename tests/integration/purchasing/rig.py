"""What the tests of purchasing hold in their hands."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID

import httpx
import msgspec
from sqlalchemy import text

from contracts.planning import PurchaseRequest
from contracts.purchasing import PurchaseOrder, RequestOutcome
from contracts.sales import PostingRequest, PostingRequestLine, SalesOrder
from contracts.topics import KINDS
from contracts.values import Snapshot
from eventkit.envelope import Record
from eventkit.ids import new_id
from eventkit.processing import Outcome, Processor
from eventkit.transaction import Database
from purchasing.messages.subscriptions import SUBSCRIPTIONS
from tests.support import events
from tests.unit.purchasing import examples as x

Event = tuple[str, str, Snapshot]


class Purchasing:
    """The service: `client` speaks HTTP to it, `deliver` is what its consumer does with a polled batch."""

    def __init__(self, database: Database, client: httpx.AsyncClient) -> None:
        self.database = database
        self.client = client
        self.processor = Processor(SUBSCRIPTIONS, "test-cluster")

    async def set_up(self) -> None:
        known = x.known()
        assert known.company is not None
        await self.deliver(
            ("company", "COMPANY", known.company),
            *(("item", no, item) for no, item in known.items.items()),
            *(("customer", no, customer) for no, customer in known.customers.items()),
            *(("location", code, location) for code, location in known.locations.items()),
        )
        for no in ("V10", "V20"):
            await self.ok(
                "PUT", f"/v1/vendors/{no}", {"name": f"Vendor {no}", "lead_time_days": 5}, status=201
            )

    async def deliver(self, *snapshots: Event) -> Outcome:
        """Apply snapshots (kind, number, snapshot) as one polled batch."""
        return await self.apply(record(*each) for each in snapshots)

    async def apply(self, records: Iterable[Record]) -> Outcome:
        return await self.processor.process(self.database, list(records), ())

    async def request(self, *requests: PurchaseRequest) -> Outcome:
        return await self.deliver(*(("purchase-request", str(r.id), r) for r in requests))

    async def sold(self, *orders: SalesOrder) -> Outcome:
        return await self.deliver(*(("sales-order", o.no, o) for o in orders))

    async def call(
        self, method: str, path: str, body: Any = None, *, headers: Mapping[str, str] | None = None
    ) -> httpx.Response:
        keyed = {"Idempotency-Key": str(new_id())} if method == "POST" else {}
        return await self.client.request(method, path, json=body, headers={**keyed, **(headers or {})})

    async def ok(self, method: str, path: str, body: Any = None, *, status: int = 200, **more: Any) -> Any:
        answer = await self.call(method, path, body, **more)
        assert answer.status_code == status, answer.text
        return answer.json() if answer.content else None

    async def refused(
        self, method: str, path: str, body: Any = None, *, status: int = 409, **more: Any
    ) -> Any:
        answer = await self.call(method, path, body, **more)
        assert answer.status_code == status, answer.text
        return answer.json()

    async def rows(self, statement: str, **params: Any) -> list[Any]:
        async with self.database.read() as conn:
            return list((await conn.execute(text(statement), params)).all())

    async def published(self, kind: str) -> list[Any]:
        """Snapshots of a kind in the outbox, in the order of their publication."""
        rows = await self.rows(
            "SELECT body FROM outbox_event WHERE type = :type", type=KINDS[kind].event_type
        )
        return [msgspec.json.decode(body, type=KINDS[kind].model) for (body,) in rows]

    async def outcome(self, id_: UUID) -> RequestOutcome:
        (found,) = [o for o in await self.published("request-outcome") if o.request_id == id_]
        return found  # type: ignore[no-any-return]

    async def last_order(self, no: str) -> PurchaseOrder:
        return [o for o in await self.published("purchase-order") if o.no == no][-1]  # type: ignore[no-any-return]

    async def get(self, no: str) -> Any:
        return await self.ok("GET", f"/v1/purchase-orders/{no}")

    async def the_order_of(self, sales_order_no: str) -> Any:
        found = await self.ok("GET", f"/v1/purchase-orders?sales_order_no={sales_order_no}")
        (order,) = found["items"]
        return order


def record(kind: str, no: str, snapshot: Snapshot) -> Record:
    """A snapshot as the broker would give it."""
    return events.record(KINDS[kind], no, snapshot)


def asking(order: SalesOrder, *lines: tuple[UUID, int, int], id_: UUID | None = None) -> SalesOrder:
    """The sales order's next version, in which it asks for receipts: (sales line, base, quantity)."""
    request = PostingRequest(
        id=id_ or new_id(),
        posting_date=x.TODAY,
        lines=tuple(
            PostingRequestLine(sales_line_id=i, base=Decimal(b), quantity=Decimal(q)) for i, b, q in lines
        ),
    )
    return msgspec.structs.replace(
        order, version=order.version + 1, posting_requests=(*order.posting_requests, request)
    )
