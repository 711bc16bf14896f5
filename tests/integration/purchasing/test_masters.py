"""Vendors, their catalogues, the setup; what is published again; routes need their scopes."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from typing import Any

import pytest
from msgspec.structs import replace

from contracts.purchasing.documents import PostedPurchaseInvoice
from contracts.purchasing.masters import ItemVendor, Vendor
from contracts.purchasing.orders import PurchaseOrder
from contracts.purchasing.outcomes import RequestOutcome
from contracts.topics import KINDS
from eventkit.republish import republish
from purchasing.store.snapshots import SNAPSHOTS
from tests.integration.purchasing.rig import Purchasing
from tests.unit.purchasing import examples as x

ENTRY = "/vendors/V10/items/1100"


async def test_a_vendor_is_written_and_published_only_when_it_changes(purchasing: Purchasing) -> None:
    body = {"name": "Compass Works", "currency_code": "gbp", "over_receipt_pct": "2.5"}
    first = await purchasing.put("/vendors/v30", body, expect=201)
    same = await purchasing.put("/vendors/V30", body, expect=200)
    changed = await purchasing.put("/vendors/V30", body | {"blocked": "payment"}, expect=200)
    assert [v["version"] for v in (first, same, changed)] == [1, 1, 2]
    assert (first["no"], first["currency_code"], first["over_receipt_pct"]) == ("V30", "GBP", "2.5")
    published = [v for v in await purchasing.published(Vendor) if v.no == "V30"]
    assert [(v.version, v.happened) for v in published] == [(1, ("created",)), (2, ("changed",))]


async def test_a_vendor_made_twice_at_the_same_moment_is_made_once(purchasing: Purchasing) -> None:
    answers = await asyncio.gather(
        *(purchasing.send("PUT", "/vendors/V30", {"name": f"N{i}"}) for i in range(4))
    )
    assert sorted(a.status_code for a in answers) == [200, 200, 200, 201]
    assert (await purchasing.get("/vendors/V30"))["version"] == 4


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"blocked": "ship"}, 422, None),
        ({"lead_time_days": -1}, 422, None),
        ({"grouping_policy": "other"}, 422, None),
        ({"over_receipt_pct": "-1"}, 422, None),
        ({"location_code": "MARS"}, 422, "unknown-location"),
        ({"colour": "red"}, 422, None),
    ],
)
async def test_bad_vendors_are_refused(
    purchasing: Purchasing, change: dict[str, Any], status: int, code: str | None
) -> None:
    problem = await purchasing.problem("PUT", "/vendors/V30", {"name": "N", **change}, expect=status)
    assert code is None or problem["code"] == code
    await purchasing.problem("GET", "/vendors/V30", expect=404)


async def test_a_catalogue_entry_lives_changes_and_is_taken_out(purchasing: Purchasing) -> None:
    """BC-MD-14."""
    price = {"minimum_quantity": "10", "direct_unit_cost": "74.50", "from_date": "2026-01-01"}
    body = {"vendor_item_no": "BC-9", "direct_unit_cost": "80", "price_breaks": [price]}
    entry = await purchasing.put(ENTRY, body, expect=201)
    assert entry["price_breaks"] == [price | {"line_discount_pct": "0", "to_date": None}]
    listed = await purchasing.get("/vendors/V10/items")
    assert [e["item_no"] for e in listed["items"]] == ["1100"]
    assert (await purchasing.get("/vendors/V20/items"))["items"] == []
    await purchasing.delete(ENTRY)
    await purchasing.problem("GET", ENTRY, expect=404)
    assert [(e.version, e.deleted) for e in await purchasing.published(ItemVendor)] == [
        (1, False),
        (2, True),
    ]
    again = await purchasing.put(ENTRY, body, expect=201)
    assert again["version"] == 3


async def test_bad_catalogue_entries_are_refused_with_every_reason(purchasing: Purchasing) -> None:
    body = {
        "price_breaks": [
            {"direct_unit_cost": "1", "from_date": "2026-02-01", "to_date": "2026-01-01"},
            {"direct_unit_cost": "2", "from_date": "2026-02-01"},
        ]
    }
    problem = await purchasing.problem("PUT", ENTRY, body, expect=422)
    assert [(e["code"], e["pointer"]) for e in problem["errors"]] == [
        ("invalid-period", "/price_breaks/0/to_date"),
        ("duplicate-price-break", "/price_breaks/1"),
    ]
    assert (await purchasing.problem("PUT", "/vendors/V99/items/1100", {}, expect=404))[
        "code"
    ] == "unknown-vendor"
    assert (await purchasing.problem("PUT", "/vendors/V10/items/9", {}, expect=422))["code"] == "unknown-item"
    unit = {"unit_of_measure_code": "TON"}
    assert (await purchasing.problem("PUT", ENTRY, unit, expect=422))["code"] == "unknown-unit-of-measure"


async def test_the_setup_has_defaults_until_it_is_written(purchasing: Purchasing) -> None:
    assert not (await purchasing.get("/purchasing-setup"))["allow_purchase_invoice_before_sales_invoice"]
    body = {"allow_purchase_invoice_before_sales_invoice": True}
    assert (await purchasing.put("/purchasing-setup", body, expect=201))["version"] == 1


async def test_everything_owned_can_be_published_again_at_its_version(purchasing: Purchasing) -> None:
    await purchasing.put(ENTRY, {"direct_unit_cost": "80"}, expect=201)
    refused, made = x.request(vendor_no="NOBODY"), x.request()
    await purchasing.deliver_requests(refused, made)
    await purchasing.post("/purchase-orders/P-1002/post", {"receive": True, "invoice": True}, expect=200)
    await purchasing.forget_published()
    for kind, read in SNAPSHOTS.items():
        async for _ in republish(purchasing.database, KINDS[kind], read):
            pass
    assert [v.no for v in await purchasing.published(Vendor)] == ["V10", "V20"]
    assert [(e.vendor_no, e.item_no) for e in await purchasing.published(ItemVendor)] == [("V10", "1100")]
    assert [(o.no, o.version) for o in await purchasing.published(PurchaseOrder)] == [("P-1002", 2)]
    assert [i.no for i in await purchasing.published(PostedPurchaseInvoice)] == ["PI-1001"]
    assert [o.request_id for o in await purchasing.published(RequestOutcome)] == [refused.id]


async def test_republish_can_leave_finished_orders_out(purchasing: Purchasing) -> None:
    await purchasing.deliver_requests(x.request(), x.request(x.request_line(sales=x.ref(x.KAYAK))))
    await purchasing.post("/purchase-orders/P-1001/post", {"receive": True, "invoice": True}, expect=200)
    await purchasing.forget_published()
    async for _ in republish(
        purchasing.database, KINDS["purchase-order"], SNAPSHOTS["purchase-order"], open_only=True
    ):
        pass
    assert [o.no for o in await purchasing.published(PurchaseOrder)] == ["P-1002"]


@pytest.mark.parametrize("path", ["/vendors/V10", "/purchase-orders", "/purchase-lines", "/exceptions"])
async def test_no_token_no_answer(purchasing: Purchasing, path: str) -> None:
    await purchasing.problem("GET", path, expect=401, token="")


async def test_the_openapi_document_is_complete(purchasing: Purchasing) -> None:
    document = (await purchasing.client.get("/openapi.json")).json()
    assert "/v1/purchase-orders/{no}/post" in document["paths"]
    assert "PurchaseOrderAnswer" in document["components"]["schemas"]


async def test_a_vendor_without_documents_is_deleted_and_one_with_an_order_stays(
    purchasing: Purchasing,
) -> None:
    """BC-MD-18: a vendor with documents is blocked instead."""
    await purchasing.put("/vendors/V90", {"name": "Never used"})
    await purchasing.delete("/vendors/V90")
    assert await purchasing.refused("DELETE", "/vendors/V90") == (404, ["unknown-vendor"])
    assert (await purchasing.published(Vendor, "V90"))[-1].deleted
    await purchasing.post("/purchase-orders", {"vendor_no": "V10"}, expect=201)
    assert await purchasing.refused("DELETE", "/vendors/V10") == (409, ["vendor-in-use"])


async def test_an_item_of_the_catalog_is_listed_by_its_vendor_once(purchasing: Purchasing) -> None:
    """BC-MD-27: at the negotiated cost; what a person made of it stays, also when the item comes again."""
    made = x.item(
        "TENT",
        vendor_no="V10",
        vendor_item_no="T-3",
        last_direct_cost=Decimal(210),
        created_from_catalog=True,
    )
    await purchasing.deliver(("item", "TENT", made), ("item", "1999", x.item("1999", vendor_no="V10")))
    entry = await purchasing.get("/vendors/V10/items/TENT")
    assert (entry["vendor_item_no"], entry["direct_unit_cost"], entry["unit_of_measure_code"]) == (
        "T-3",
        "210",
        "PCS",
    )
    await purchasing.put("/vendors/V10/items/TENT", {"direct_unit_cost": "200"})
    await purchasing.deliver(("item", "TENT", replace(made, version=2)))
    assert (await purchasing.get("/vendors/V10/items/TENT"))["direct_unit_cost"] == "200"
    await purchasing.delete("/vendors/V10/items/TENT")
    await purchasing.deliver(("item", "TENT", replace(made, version=3)))
    assert (await purchasing.send("GET", "/vendors/V10/items/TENT")).status_code == 404
    assert (await purchasing.send("GET", "/vendors/V10/items/1999")).status_code == 404
    for currency_code, cost in (("EUR", "210"), ("USD", "0")):
        await purchasing.put("/vendors/V20", {"name": "Kayaks", "currency_code": currency_code})
        no = f"TENT-{currency_code}"
        other = replace(made, no=no, vendor_no="V20")
        await purchasing.deliver(("item", no, other))
        assert (await purchasing.get(f"/vendors/V20/items/{no}"))["direct_unit_cost"] == cost
