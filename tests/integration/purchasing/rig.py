"""Purchasing under test, and the commands that its tests share."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, ClassVar, Unpack
from uuid import UUID

import msgspec

from contracts.planning.requests import PurchaseRequest
from contracts.purchasing.orders import PurchaseOrder
from contracts.purchasing.outcomes import RequestOutcome
from contracts.sales.orders import SalesOrder
from contracts.sales.requests import PostingRequest, PostingRequestLine
from domainkit.references import COMPANY_NO
from eventkit.batch_run import Outcome
from eventkit.ids import new_id
from tests.support.service import Options, ServiceUnderTest, decoded
from tests.unit.purchasing import examples as x


class Purchasing(ServiceUnderTest):
    """Purchasing of a company in EUR, with vendors V10 and V20 and the masters of the examples."""

    SCOPES: ClassVar[str] = "purchasing:read purchasing:write purchasing:post purchasing:manage"

    async def set_up(self) -> None:
        await self.deliver(
            ("company", COMPANY_NO, x.COMPANY),
            *(("item", item.no, item) for item in x.ITEMS),
            ("customer", x.CUSTOMER.no, x.CUSTOMER),
            ("location", x.LOCATION.code, x.LOCATION),
        )
        for no in ("V10", "V20"):
            await self.put(f"/vendors/{no}", {"name": f"Vendor {no}", "lead_time_days": 5}, expect=201)

    async def deliver_requests(self, *requests: PurchaseRequest) -> Outcome:
        return await self.deliver(*(("purchase-request", str(r.id), r) for r in requests))

    async def deliver_sales_orders(self, *orders: SalesOrder) -> Outcome:
        return await self.deliver(*(("sales-order", o.no, o) for o in orders))

    async def problem(
        self, method: str, path: str, body: Any = None, *, expect: int = 409, **options: Unpack[Options]
    ) -> Any:
        """The problem document of a refusal."""
        return decoded(await self.send(method, path, body, **options), (expect,))

    async def outcome(self, id_: UUID) -> RequestOutcome:
        """What was decided of a request."""
        (found,) = await self.published(RequestOutcome, str(id_))
        return found

    async def last_order(self, no: str) -> PurchaseOrder:
        """The purchase order as published last."""
        return (await self.published(PurchaseOrder, no))[-1]

    async def purchase_order(self, no: str) -> Any:
        return await self.get(f"/purchase-orders/{no}")

    async def order_of(self, sales_order_no: str) -> Any:
        """The one purchase order that buys for the sales order."""
        (order,) = (await self.get("/purchase-orders", sales_order_no=sales_order_no))["items"]
        return order


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
