"""Sales under test, and the commands that its tests share."""

from __future__ import annotations

from typing import Any, ClassVar

from contracts.planning.masters import Location
from tests.integration.sales.samples import ITEMS, STORE
from tests.support.service import ServiceUnderTest


class Sales(ServiceUnderTest):
    """Sales with a company, a customer, codes, and copies of items, locations and a store."""

    SCOPES: ClassVar[str] = (
        "sales:read sales:write sales:post sales:reallocate sales:manage channel:submit ops:manage"
    )

    async def set_up(self) -> None:
        await self.put("/company", {"name": "Nordsee", "currency_code": "EUR", "time_zone": "Europe/Berlin"})
        await self.deliver(
            ("location", "NORTH", Location(version=1, code="NORTH", outbound_handling_days=2)),
            ("location", "SHOP", Location(version=1, code="SHOP")),
            *(("item", item.no, item) for item in ITEMS),
            ("store", "ST1", STORE),
        )
        await self.put("/purchasing-codes/SPEC", {"special_order": True})
        await self.put("/purchasing-codes/DROP", {"drop_shipment": True})
        await self.put("/charge-codes/SHIPPING", {"description": "Shipping", "tax_pct": "19"})
        address = {"address": "Seeweg 4", "city": "Konstanz", "post_code": "78462", "country_code": "DE"}
        await self.put("/customers/C1", {"name": "Anna Berg", "location_code": "NORTH", **address})
        await self.forget_published()

    async def order(self, *lines: dict[str, Any], **header: Any) -> Any:
        """An open order of customer C1."""
        return await self.post("/sales-orders", {"customer_no": "C1", "lines": list(lines), **header})

    async def released(self, *lines: dict[str, Any], **header: Any) -> Any:
        """A released order of customer C1."""
        made = await self.order(*lines, **header)
        return await self.post(f"/sales-orders/{made['no']}/release")
