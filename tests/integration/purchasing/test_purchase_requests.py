"""Purchase requests through the batch path on a real database."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

import msgspec
from sqlalchemy import text

from contracts.planning.requests import PurchaseRequest
from contracts.purchasing.orders import PurchaseOrder
from contracts.purchasing.outcomes import RequestOutcome
from contracts.values import SalesLineRef
from tests.integration.purchasing.rig import Purchasing
from tests.support.service import record
from tests.unit.purchasing import examples as x


def requests(count: int) -> list[PurchaseRequest]:
    """Requests of a special order and a drop shipment each, for sales orders of their own."""
    made = []
    for n in range(count):
        refs = [
            SalesLineRef(
                sales_order_no=f"S-{n}",
                sales_order_line_no=10000 * i,
                sales_line_id=UUID(int=n * 10 + i),
                generation=1,
                customer_no="C100",
            )
            for i in (1, 2)
        ]
        made.append(
            x.request(
                *(x.request_line(item, ref) for item, ref in zip(("1100", "1200"), refs, strict=True)),
                id=x.new_id(),
            )
        )
    return made


async def test_a_request_becomes_an_open_order_whose_lines_are_linked(purchasing: Purchasing) -> None:
    await purchasing.put(
        "/vendors/V10/items/1100",
        {
            "direct_unit_cost": "80",
            "vendor_item_no": "BC-9",
            "price_breaks": [{"minimum_quantity": "2", "direct_unit_cost": "74.50"}],
        },
        expect=201,
    )
    request = x.request()
    await purchasing.deliver_requests(request)
    order = await purchasing.order_of("S-1001")
    line = order["lines"][0]
    assert (order["no"], order["status"], order["vendor_no"], order["version"]) == (
        "P-1001",
        "open",
        "V10",
        1,
    )
    assert (order["your_reference"], order["currency_code"], order["totals"]["amount"]) == (
        "Anniversary",
        "EUR",
        "149.00",
    )
    assert (line["direct_unit_cost"], line["vendor_item_no"], line["special_order"]) == (
        "74.50",
        "BC-9",
        True,
    )
    assert (line["sales_order_no"], line["sales_order_line_no"], line["generation"]) == ("S-1001", 20000, 1)
    (snapshot,) = await purchasing.published(PurchaseOrder)
    assert (snapshot.purchase_request_id, snapshot.happened) == (request.id, ("created",))
    (link,) = [line.link for line in snapshot.lines if line.link]
    assert link.sales == request.lines[0].sales
    assert await purchasing.published(RequestOutcome) == []


async def test_a_batch_of_hundreds_becomes_an_order_each(purchasing: Purchasing) -> None:
    await purchasing.deliver_requests(*requests(200))
    assert await purchasing.sql(
        "SELECT count(*), count(DISTINCT body #>> '{lines,1,line_no}') FROM purchase_order"
    ) == [(200, 1)]
    assert await purchasing.sql("SELECT count(*) FROM purchase_link WHERE active") == [(400,)]
    assert len(await purchasing.published(PurchaseOrder)) == 200


async def test_redelivery_buys_nothing_again(purchasing: Purchasing) -> None:
    batch = [record("purchase-request", str(r.id), r) for r in requests(3)]
    await purchasing.apply(*batch)
    await purchasing.apply(*batch)
    assert await purchasing.sql("SELECT count(*) FROM purchase_order") == [(3,)]


async def test_replay_after_the_copies_were_lost_buys_nothing_again(purchasing: Purchasing) -> None:
    batch = [record("purchase-request", str(r.id), r) for r in requests(3)]
    await purchasing.apply(*batch)
    async with purchasing.database.begin() as tx:
        await tx.run(text("DELETE FROM copy"))
    outcome = await purchasing.apply(*batch)
    assert sum(outcome.counts.values()) == 3
    assert await purchasing.sql("SELECT count(*) FROM purchase_order") == [(3,)]


async def test_two_requests_for_one_line_in_one_batch_are_decided_in_offset_order(
    purchasing: Purchasing,
) -> None:
    first, second = x.request(), x.request()
    await purchasing.deliver_requests(first, second)
    outcome = await purchasing.outcome(second.id)
    assert (outcome.outcome, outcome.skipped[0].purchase_order_no) == ("skipped", "P-1001")
    assert (await purchasing.order_of("S-1001"))["no"] == "P-1001"


async def test_every_reason_of_a_refusal_is_published_and_listed_as_an_exception(
    purchasing: Purchasing,
) -> None:
    request = x.request(x.request_line(quantity=Decimal(0)), vendor_no="NOBODY")
    await purchasing.deliver_requests(request)
    outcome = await purchasing.outcome(request.id)
    assert (outcome.outcome, [e.code for e in outcome.errors]) == (
        "refused",
        ["unknown-vendor", "quantity-mismatch"],
    )
    listed = await purchasing.get("/exceptions")
    assert [(e["code"], e["purchase_request_id"]) for e in listed["items"]] == [
        ("unknown-vendor", str(request.id))
    ]
    await purchasing.deliver_requests(x.request())
    assert (await purchasing.get("/exceptions"))["items"] == []


async def test_a_refused_request_stays_refused_when_it_is_delivered_again(purchasing: Purchasing) -> None:
    refused = x.request(vendor_no="NOBODY")
    await purchasing.deliver_requests(refused)
    await purchasing.put("/vendors/NOBODY", {"name": "Late"}, expect=201)
    await purchasing.deliver_requests(msgspec.structs.replace(refused, version=2))
    assert await purchasing.sql("SELECT count(*) FROM purchase_order") == [(0,)]


async def test_a_request_waits_for_the_item_that_its_cost_needs(purchasing: Purchasing) -> None:
    request = x.request(x.request_line("9000"))
    outcome = await purchasing.deliver_requests(request)
    assert dict(outcome.counts) == {("planning.purchase-request.v1", "waiting"): 1}
    await purchasing.deliver(("item", "9000", x.item("9000", last_direct_cost=Decimal("12.34"))))
    order = await purchasing.order_of("S-1001")
    assert order["lines"][0]["direct_unit_cost"] == "12.34"


async def test_a_person_who_waits_for_a_run_gets_the_outcome(purchasing: Purchasing) -> None:
    request = x.request(run_id=x.new_id())
    await purchasing.deliver_requests(request)
    outcome = await purchasing.outcome(request.id)
    assert (outcome.outcome, outcome.purchase_order_no) == ("created", "P-1001")


async def test_i2_a_purchase_for_a_sales_line_that_is_gone_is_made_and_shown(purchasing: Purchasing) -> None:
    await purchasing.deliver_sales_orders(x.sales_order())
    await purchasing.deliver_requests(x.request())
    order = await purchasing.order_of("S-1001")
    assert order["lines"][0]["problem"]["code"] == "sales-line-deleted"
    (listed,) = (await purchasing.get("/exceptions"))["items"]
    assert (listed["code"], listed["purchase_order_no"], listed["line_no"]) == (
        "sales-line-deleted",
        "P-1001",
        10000,
    )


async def test_a_sales_line_that_is_cancelled_later_shows_on_its_purchase_line(
    purchasing: Purchasing,
) -> None:
    sold = x.sales_order(x.sales_line(x.COMPASS, 20000, "special_order"))
    await purchasing.deliver_sales_orders(sold)
    await purchasing.deliver_requests(x.request())
    assert (await purchasing.order_of("S-1001"))["lines"][0]["problem"] is None
    await purchasing.deliver_sales_orders(msgspec.structs.replace(sold, version=2, status="cancelled"))
    order = await purchasing.order_of("S-1001")
    assert (order["lines"][0]["problem"]["code"], order["version"]) == ("sales-line-cancelled", 1)
    await purchasing.deliver_sales_orders(msgspec.structs.replace(sold, version=3))
    assert (await purchasing.order_of("S-1001"))["lines"][0]["problem"] is None


async def test_numbers_that_people_gave_are_left_out_of_the_series(purchasing: Purchasing) -> None:
    await purchasing.post("/purchase-orders", {"no": "P-1001", "vendor_no": "V10"}, expect=201)
    await purchasing.deliver_requests(*requests(2))
    assert await purchasing.sql("SELECT no FROM purchase_order ORDER BY no") == [
        ("P-1001",),
        ("P-1002",),
        ("P-1003",),
    ]
