"""Purchase orders that people make and change, over HTTP."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
import pytest

from contracts.purchasing.orders import PurchaseOrder
from tests.integration.purchasing.rig import Purchasing
from tests.unit.purchasing import examples as x

ORDERS = "/purchase-orders"
SPECIAL, DROP = "special_order", "drop_shipment"
SOLD = x.sales_order(
    x.sales_line(x.ROPE, 10000),
    x.sales_line(x.COMPASS, 20000, SPECIAL),
    x.sales_line(x.KAYAK, 30000, DROP, item_no="1200", quantity_shipped=x.Decimal(1)),
)


async def made(purchasing: Purchasing, **body: Any) -> Any:
    return await purchasing.post(ORDERS, {"vendor_no": "V10", **body}, expect=201)


async def codes(
    purchasing: Purchasing, method: str, path: str, body: Any = None, status: int = 409
) -> list[str]:
    problem = await purchasing.problem(method, path, body, expect=status)
    return [f"{e['code']} {e['pointer']}".strip() for e in problem["errors"]]


async def test_an_order_takes_what_is_left_out_from_vendor_item_and_company(purchasing: Purchasing) -> None:
    line = {"item_no": "1100", "quantity": "2"}
    order = await made(
        purchasing, lines=[line, line | {"unit_of_measure_code": "box", "direct_unit_cost": "40.5"}]
    )
    first, second = order["lines"]
    assert (order["no"], order["status"], order["currency_code"], order["ship_to"]["city"]) == (
        "P-1001",
        "open",
        "EUR",
        "Kiel",
    )
    assert (first["line_no"], first["unit_of_measure_code"], first["direct_unit_cost"]) == (10000, "PCS", "7")
    assert (second["line_no"], second["unit_of_measure_code"], second["qty_per_unit_of_measure"]) == (
        20000,
        "BOX",
        "6",
    )
    assert order["totals"]["amount"] == "95.00"
    (snapshot,) = await purchasing.published(PurchaseOrder)
    assert snapshot.lines[0].item_no == "1100"


async def test_bc_ds_07_a_customer_fills_the_address_and_its_ship_to_code_another(
    purchasing: Purchasing,
) -> None:
    order = await made(purchasing, sell_to_customer_no="c100 ")
    assert (order["sell_to_customer_no"], order["ship_to"]["city"]) == ("C100", "Konstanz")
    own = await made(purchasing, sell_to_customer_no="C100", ship_to={"name": "Harbour", "city": "Bremen"})
    assert (own["ship_to"]["name"], own["ship_to"]["city"]) == ("Harbour", "Bremen")
    lonely = {"vendor_no": "V10", "ship_to_code": "LAKE"}
    assert await codes(purchasing, "POST", ORDERS, lonely, 422) == ["customer-required /sell_to_customer_no"]


async def test_everything_unknown_is_named_at_once(purchasing: Purchasing) -> None:
    body = {
        "vendor_no": "V10",
        "sell_to_customer_no": "NOBODY",
        "lines": [
            {"item_no": "9", "quantity": 1},
            {"item_no": "1100", "quantity": 1, "unit_of_measure_code": "TON"},
            {"item_no": "1100", "quantity": 1, "location_code": "MARS"},
        ],
    }
    assert await codes(purchasing, "POST", ORDERS, body, 422) == [
        "unknown-customer /sell_to_customer_no",
        "unknown-item /lines/0/item_no",
        "unknown-unit-of-measure /lines/1/unit_of_measure_code",
        "unknown-location /lines/2/location_code",
    ]
    assert await codes(purchasing, "POST", ORDERS, {"vendor_no": "V99"}, 422) == ["unknown-vendor /vendor_no"]
    assert await purchasing.sql("SELECT count(*) FROM purchase_order") == [(0,)]


@pytest.mark.parametrize(
    "line",
    [
        {"item_no": "1100", "quantity": "0"},
        {"item_no": "1100", "quantity": "-1"},
        {"item_no": "1100", "quantity": "1.000001"},
        {"item_no": "1100", "quantity": "1", "direct_unit_cost": "-1"},
        {"item_no": "1100", "quantity": "1", "drop_shipment": True},
        {"item_no": "", "quantity": "1"},
    ],
)
async def test_bad_lines_are_refused(purchasing: Purchasing, line: dict[str, Any]) -> None:
    assert len(await codes(purchasing, "POST", ORDERS, {"vendor_no": "V10", "lines": [line]}, 422)) == 1


async def test_a_blocked_vendor_stops_new_orders_and_releases(purchasing: Purchasing) -> None:
    await made(purchasing, lines=[{"item_no": "1100", "quantity": 1}])
    await purchasing.put("/vendors/V10", {"name": "Vendor V10", "blocked": "all"}, expect=200)
    assert await codes(purchasing, "POST", ORDERS, {"vendor_no": "V10"}) == ["vendor-blocked /vendor_no"]
    assert await codes(purchasing, "POST", f"{ORDERS}/P-1001/release") == ["vendor-blocked /vendor_no"]


async def test_a_number_of_the_callers_own_is_taken_once(purchasing: Purchasing) -> None:
    answers = await asyncio.gather(
        *(purchasing.send("POST", ORDERS, {"no": "mine", "vendor_no": "V10"}) for _ in range(3))
    )
    assert sorted(a.status_code for a in answers) == [201, 409, 409]
    assert await codes(purchasing, "POST", ORDERS, {"no": "MINE", "vendor_no": "V10"}) == [
        "purchase-order-exists /no"
    ]


async def test_lines_come_change_and_go_and_their_numbers_are_never_used_again(
    purchasing: Purchasing,
) -> None:
    await made(purchasing)
    lines = f"{ORDERS}/P-1001/lines"
    await purchasing.post(lines, {"item_no": "1100", "quantity": 1}, expect=201)
    await purchasing.delete(f"{lines}/10000")
    order = await purchasing.post(lines, {"item_no": "1200", "quantity": 3}, expect=201)
    assert [line["line_no"] for line in order["lines"]] == [20000]
    changed = await purchasing.patch(
        f"{lines}/20000", {"quantity": "4", "expected_receipt_date": "2026-05-01"}
    )
    assert (changed["lines"][0]["quantity"], changed["lines"][0]["expected_receipt_date"]) == (
        "4",
        "2026-05-01",
    )
    assert changed["version"] == 5
    assert await codes(purchasing, "PATCH", f"{lines}/10000", {"quantity": "4"}, 404) == ["unknown-line"]


async def test_a_change_that_changes_nothing_raises_no_version(purchasing: Purchasing) -> None:
    await made(purchasing, your_reference="A")
    order = await purchasing.patch(f"{ORDERS}/P-1001", {"your_reference": "A"})
    assert order["version"] == 1
    assert len(await purchasing.published(PurchaseOrder)) == 1


async def test_a_stale_version_is_refused(purchasing: Purchasing) -> None:
    await made(purchasing)
    await purchasing.patch(f"{ORDERS}/P-1001", {"your_reference": "A"}, headers={"If-Match": '"1"'})
    await purchasing.problem(
        "PATCH", f"{ORDERS}/P-1001", {"your_reference": "B"}, expect=412, headers={"If-Match": '"1"'}
    )


async def test_a_released_order_takes_only_dates_until_it_is_reopened(purchasing: Purchasing) -> None:
    await made(purchasing, lines=[{"item_no": "1100", "quantity": 1}])
    line = f"{ORDERS}/P-1001/lines/10000"
    assert (await purchasing.post(f"{ORDERS}/P-1001/release", expect=200))["status"] == "released"
    assert await codes(purchasing, "PATCH", line, {"quantity": 2}) == ["order-not-open"]
    assert await codes(purchasing, "DELETE", line) == ["order-not-open"]
    more = {"item_no": "1200", "quantity": 1}
    assert await codes(purchasing, "POST", f"{ORDERS}/P-1001/lines", more) == ["order-not-open"]
    confirmed = {"confirmed_date": "2026-04-01", "confirmed_quantity": "1"}
    assert (await purchasing.patch(line, confirmed))["lines"][0]["confirmed_date"] == "2026-04-01"
    assert (await purchasing.post(f"{ORDERS}/P-1001/reopen", expect=200))["status"] == "open"
    assert (await purchasing.patch(line, {"quantity": 2}))["lines"][0]["quantity"] == "2"


async def test_an_order_without_lines_is_not_released(purchasing: Purchasing) -> None:
    await made(purchasing)
    assert await codes(purchasing, "POST", f"{ORDERS}/P-1001/release") == ["nothing-to-release"]


async def test_bc_so_39_another_vendor_recalculates_the_lines_and_keeps_links(purchasing: Purchasing) -> None:
    await purchasing.put(
        "/vendors/V20/items/1100", {"direct_unit_cost": "55", "vendor_item_no": "X"}, expect=201
    )
    await purchasing.deliver_requests(x.request())
    before = (await purchasing.purchase_order("P-1001"))["lines"][0]
    order = await purchasing.patch(f"{ORDERS}/P-1001", {"vendor_no": "V20"})
    after = order["lines"][0]
    assert (order["vendor_name"], after["direct_unit_cost"], after["vendor_item_no"]) == (
        "Vendor V20",
        "55",
        "X",
    )
    assert [after[f] for f in ("id", "quantity", "sales_order_no")] == [
        before[f] for f in ("id", "quantity", "sales_order_no")
    ]


async def test_bc_so_38_a_special_order_line_guards_item_and_location_but_not_quantity(
    purchasing: Purchasing,
) -> None:
    await purchasing.deliver_requests(x.request())
    line = f"{ORDERS}/P-1001/lines/10000"
    change = {"item_no": "1200", "location_code": "", "quantity": "9", "unit_of_measure_code": "BOX"}
    problem = await purchasing.problem("PATCH", line, change)
    assert [e["pointer"] for e in problem["errors"]] == ["/item_no", "/location_code"]
    assert (problem["code"], problem["sales_order_no"], problem["sales_order_line_no"]) == (
        "associated-with-sales-order",
        "S-1001",
        20000,
    )
    free = {"quantity": "9", "direct_unit_cost": "6.50", "expected_receipt_date": "2026-05-01"}
    assert (await purchasing.patch(line, free))["lines"][0]["quantity"] == "9"


async def test_bc_ds_33_34_a_drop_shipment_guards_quantity_unit_customer_and_address(
    purchasing: Purchasing,
) -> None:
    wanted = x.request_line(drop_shipment=True, special_order=False)
    await purchasing.deliver_requests(x.request(wanted, ship_to=x.SHIP_TO))
    line = f"{ORDERS}/P-1001/lines/10000"
    assert await codes(purchasing, "PATCH", line, {"quantity": "9", "unit_of_measure_code": "BOX"}) == [
        "associated-with-sales-order /quantity",
        "associated-with-sales-order /unit_of_measure_code",
    ]
    header = {"sell_to_customer_no": "C200", "ship_to": {"city": "Bremen"}, "ship_to_code": "LAKE"}
    assert [c.split()[1] for c in await codes(purchasing, "PATCH", f"{ORDERS}/P-1001", header)] == [
        "/sell_to_customer_no",
        "/ship_to",
        "/ship_to_code",
    ]
    assert (await purchasing.patch(line, {"direct_unit_cost": "1.50"}))["lines"][0][
        "direct_unit_cost"
    ] == "1.50"


async def test_bc_so_38_quantity_stays_above_what_was_received(purchasing: Purchasing) -> None:
    await made(purchasing, lines=[{"item_no": "1100", "quantity": 5}])
    await purchasing.post(
        f"{ORDERS}/P-1001/post",
        {"receive": True, "lines": [{"line_no": 10000, "qty_to_receive": 3}]},
        expect=200,
    )
    await purchasing.post(f"{ORDERS}/P-1001/reopen", expect=200)
    line = f"{ORDERS}/P-1001/lines/10000"
    assert await codes(purchasing, "PATCH", line, {"quantity": 2}) == ["quantity-below-received /quantity"]
    assert await codes(purchasing, "DELETE", line) == ["received-not-invoiced"]
    assert await codes(purchasing, "DELETE", f"{ORDERS}/P-1001") == ["received-not-invoiced"]
    await purchasing.post(f"{ORDERS}/P-1001/post", {"invoice": True}, expect=200)
    assert await codes(purchasing, "DELETE", f"{ORDERS}/P-1001") == ["has-postings"]


async def test_bc_so_42_a_deleted_line_ends_its_link_and_stays_in_the_snapshot(
    purchasing: Purchasing,
) -> None:
    await purchasing.deliver_sales_orders(SOLD)
    await purchasing.deliver_requests(
        x.request(x.request_line(), x.request_line("1200", special_order=False, sales=None))
    )
    await purchasing.delete(f"{ORDERS}/P-1001/lines/10000")
    snapshot = await purchasing.last_order("P-1001")
    assert [(line.deleted, line.link and line.link.active) for line in snapshot.lines] == [
        (True, False),
        (False, None),
    ]
    assert await purchasing.sql("SELECT count(*) FROM purchase_link WHERE active") == [(0,)]


async def test_bc_ds_36_a_deleted_order_ends_all_its_links_and_the_lines_can_be_fetched_again(
    purchasing: Purchasing,
) -> None:
    await purchasing.deliver_sales_orders(SOLD)
    await purchasing.deliver_requests(x.request())
    await purchasing.delete(f"{ORDERS}/P-1001")
    await purchasing.problem("GET", f"{ORDERS}/P-1001", expect=404)
    snapshot = await purchasing.last_order("P-1001")
    link = snapshot.lines[0].link
    assert (snapshot.deleted, link and link.active) == (True, False)
    assert (await purchasing.get(ORDERS))["items"] == []
    await made(purchasing, sell_to_customer_no="C100")
    order = await purchasing.post(
        f"{ORDERS}/P-1002/get-sales-order", {"kind": SPECIAL, "sales_order_no": "S-1001"}, expect=200
    )
    assert order["lines"][0]["generation"] == 2


async def test_bc_ds_08_11_get_sales_order_takes_outstanding_drop_shipments(purchasing: Purchasing) -> None:
    await purchasing.deliver_sales_orders(SOLD)
    await made(purchasing, sell_to_customer_no="C100")
    candidates = await purchasing.get(f"{ORDERS}/P-1001/sales-order-candidates?kind=drop_shipment")
    assert [(i["sales_order_no"], [line["line_no"] for line in i["lines"]]) for i in candidates["items"]] == [
        ("S-1001", [30000])
    ]
    first = await purchasing.get(f"{ORDERS}/P-1001/sales-order-candidates?limit=1")
    assert [i["sales_order_no"] for i in first["items"]] == ["S-1001"]
    rest = await purchasing.get(f"{ORDERS}/P-1001/sales-order-candidates?cursor={first['next_cursor']}")
    assert rest == {"items": [], "next_cursor": None}
    order = await purchasing.post(
        f"{ORDERS}/P-1001/get-sales-order", {"kind": DROP, "sales_order_no": "s-1001"}, expect=200
    )
    (line,) = order["lines"]
    assert (
        line["quantity"],
        line["unit_of_measure_code"],
        line["drop_shipment"],
        line["purchasing_code"],
    ) == ("4", "PCS", True, "DROP")
    assert (line["sales_order_no"], line["sales_order_line_no"], line["generation"]) == ("S-1001", 30000, 2)
    assert (order["ship_to"]["name"], order["your_reference"], order["currency_code"]) == (
        "Anna Berg",
        "Anniversary",
        "EUR",
    )
    assert line["direct_unit_cost"] == "7"
    assert (await purchasing.get(f"{ORDERS}/P-1001/sales-order-candidates?kind=drop_shipment"))["items"] == []
    again = await codes(
        purchasing, "POST", f"{ORDERS}/P-1001/get-sales-order", {"kind": DROP, "sales_order_no": "S-1001"}
    )
    assert again == [
        "no-sales-lines-to-retrieve /sales_order_no",
        "already-associated-with-purchase-order /sales_order_no",
    ]


async def test_bc_ds_13_one_sales_order_may_be_split_and_several_fetched_into_one(
    purchasing: Purchasing,
) -> None:
    other = x.sales_order(x.sales_line(x.UUID(int=900), 10000, SPECIAL), no="S-1002")
    await purchasing.deliver_sales_orders(SOLD, other)
    await made(purchasing, sell_to_customer_no="C100")
    for no in ("S-1001", "S-1002"):
        order = await purchasing.post(
            f"{ORDERS}/P-1001/get-sales-order", {"kind": SPECIAL, "sales_order_no": no}, expect=200
        )
    assert [line["sales_order_no"] for line in order["lines"]] == ["S-1001", "S-1002"]
    assert order["ship_to"]["name"] == "Warehouse North"


@pytest.mark.parametrize(
    ("header", "sold", "code"),
    [
        ({}, {}, "customer-mismatch"),
        ({"sell_to_customer_no": "C100"}, {"customer_no": "C200"}, "customer-mismatch"),
        ({"sell_to_customer_no": "C100"}, {"ship_to_code": "LAKE"}, "ship-to-mismatch"),
        (
            {"sell_to_customer_no": "C100", "lines": [{"item_no": "1100", "quantity": 1}]},
            {},
            "ship-to-mismatch",
        ),
        ({"sell_to_customer_no": "C100"}, {"status": "closed"}, "no-sales-lines-to-retrieve"),
    ],
)
async def test_bc_so_26_27_28_get_sales_order_refuses_what_does_not_fit(
    purchasing: Purchasing, header: dict[str, Any], sold: dict[str, Any], code: str
) -> None:
    await purchasing.deliver_sales_orders(msgspec.structs.replace(SOLD, **sold))
    await made(purchasing, **header)
    problem = await purchasing.problem(
        "POST", f"{ORDERS}/P-1001/get-sales-order", {"kind": DROP, "sales_order_no": "S-1001"}
    )
    assert problem["code"] == code


async def test_an_unknown_sales_order_is_waited_for(purchasing: Purchasing) -> None:
    await made(purchasing, sell_to_customer_no="C100")
    wanted = {"kind": SPECIAL, "sales_order_no": "S-1001"}
    order, _ = await asyncio.gather(
        purchasing.post(f"{ORDERS}/P-1001/get-sales-order", wanted, expect=200),
        purchasing.deliver_sales_orders(SOLD),
    )
    assert len(order["lines"]) == 1
    assert await codes(
        purchasing, "POST", f"{ORDERS}/P-1001/get-sales-order", wanted | {"sales_order_no": "S-9"}, 422
    ) == ["unknown-sales-order /sales_order_no"]


async def test_receive_and_invoice_an_ordinary_order(purchasing: Purchasing) -> None:
    await made(
        purchasing,
        lines=[{"item_no": "1100", "quantity": "3", "direct_unit_cost": "3.33", "line_discount_pct": 10}],
    )
    post = f"{ORDERS}/P-1001/post"
    assert await codes(purchasing, "POST", post, {"invoice": True}) == ["nothing-to-post"]
    assert await codes(purchasing, "POST", post, {}) == ["nothing-to-post"]
    over = {"receive": True, "lines": [{"line_no": 10000, "qty_to_receive": 4}]}
    assert await codes(purchasing, "POST", post, over, 422) == [
        "quantity-exceeds-outstanding /lines/0/qty_to_receive"
    ]
    both = {
        "receive": True,
        "invoice": True,
        "vendor_invoice_no": "CW-1",
        "lines": [{"line_no": 10000, "qty_to_receive": 2, "qty_to_invoice": 3}],
    }
    assert await codes(purchasing, "POST", post, both) == [
        "quantity-exceeds-received /lines/0/qty_to_invoice"
    ]
    both = both | {"lines": [{"line_no": 10000, "qty_to_receive": 2}]}
    await purchasing.post(post, both, expect=200)
    invoice = await purchasing.get("/posted-purchase-invoices/PI-1001")
    assert (invoice["amount"], invoice["vendor_invoice_no"], invoice["purchase_order_no"]) == (
        "5.99",
        "CW-1",
        "P-1001",
    )
    line = (await purchasing.purchase_order("P-1001"))["lines"][0]
    assert (line["quantity_received"], line["quantity_invoiced"], line["outstanding_quantity"]) == (
        "2",
        "2",
        "1",
    )
    await purchasing.post(post, {"receive": True}, expect=200)
    problem = await purchasing.problem("POST", post, {"invoice": True, "vendor_invoice_no": "CW-1"})
    assert (problem["code"], problem["invoice_no"]) == ("duplicate-vendor-invoice", "PI-1001")
    await purchasing.post(post, {"invoice": True, "vendor_invoice_no": "CW-2"}, expect=200)
    assert (await purchasing.purchase_order("P-1001"))["status"] == "closed"
    assert await codes(purchasing, "POST", f"{ORDERS}/P-1001/reopen") == ["order-closed"]


async def test_one_vendor_invoice_number_is_posted_once_also_at_the_same_moment(
    purchasing: Purchasing,
) -> None:
    for no in ("A", "B"):
        await made(purchasing, no=no, lines=[{"item_no": "1100", "quantity": 1}])
    both = {"receive": True, "invoice": True}
    answers = await asyncio.gather(
        *(
            purchasing.send("POST", f"{ORDERS}/{no}/post", {**both, "vendor_invoice_no": written})
            for no, written in (("A", "CW-1"), ("B", "cw-1"))
        )
    )
    assert sorted(a.status_code for a in answers) == [200, 409]
    assert next(a.json()["code"] for a in answers if a.status_code == 409) == "duplicate-vendor-invoice"


async def test_the_setup_may_allow_a_vendor_invoice_number_again(purchasing: Purchasing) -> None:
    for no in ("A", "B", "C"):
        await made(purchasing, no=no, lines=[{"item_no": "1100", "quantity": 1}])
    both = {"receive": True, "invoice": True, "vendor_invoice_no": "CW-1"}
    await purchasing.put("/purchasing-setup", {"allow_duplicate_vendor_invoice_no": True}, expect=201)
    answers = await asyncio.gather(
        *(purchasing.post(f"{ORDERS}/{no}/post", both, expect=200) for no in ("A", "B"))
    )
    assert {answer["invoice_no"] for answer in answers} == {"PI-1001", "PI-1002"}
    await purchasing.put("/purchasing-setup", {"allow_duplicate_vendor_invoice_no": False}, expect=200)
    assert await codes(purchasing, "POST", f"{ORDERS}/C/post", both) == [
        "duplicate-vendor-invoice /vendor_invoice_no"
    ]


async def test_a_post_without_any_line_posts_nothing(purchasing: Purchasing) -> None:
    """BC-DS-20: an empty selection is not the same as no selection."""
    await made(purchasing, no="A", lines=[{"item_no": "1100", "quantity": 1}])
    for what in ({"receive": True}, {"invoice": True}, {"receive": True, "invoice": True}):
        body = {**what, "lines": []}
        assert await codes(purchasing, "POST", f"{ORDERS}/A/post", body) == ["nothing-to-post /lines"]


async def test_posted_documents_have_the_names_of_their_order(purchasing: Purchasing) -> None:
    """BC-SO-30: where the goods of a special order came from and what bills them can be read from either document."""
    await purchasing.deliver_requests(x.request())
    posted = await purchasing.post(f"{ORDERS}/P-1001/post", {"receive": True, "invoice": True}, expect=200)
    order = await purchasing.purchase_order("P-1001")
    receipt = await purchasing.get(f"/posted-purchase-receipts/{posted['receipt_no']}")
    invoice = await purchasing.get(f"/posted-purchase-invoices/{posted['invoice_no']}")
    header = (
        "vendor_no", "vendor_name", "sell_to_customer_no", "ship_to_code", "ship_to", "location_code", "order_date",
        "your_reference", "shipment_method_code", "external_reference",
    )  # fmt: skip
    line = (
        "line_no", "item_no", "description", "vendor_item_no", "unit_of_measure_code", "direct_unit_cost",
        "line_discount_pct", "location_code", "purchasing_code", "sales_order_no", "sales_order_line_no",
        "drop_shipment", "special_order",
    )  # fmt: skip
    for document in (receipt, invoice):
        assert {n: document[n] for n in header} == {n: order[n] for n in header}
        for there, here in zip(document["lines"], order["lines"], strict=True):
            assert {n: there[n] for n in line} == {n: here[n] for n in line}
            assert (there["purchase_order_no"], there["purchase_order_line_no"]) == (
                "P-1001",
                here["line_no"],
            )
    assert [each["posting_id"] for each in invoice["lines"]] == [
        each["posting_id"] for each in receipt["lines"]
    ]


async def test_a_special_order_is_received_into_its_snapshot(purchasing: Purchasing) -> None:
    await purchasing.deliver_requests(x.request())
    await purchasing.post(
        f"{ORDERS}/P-1001/post", {"receive": True, "posting_date": "2026-03-09"}, expect=200
    )
    snapshot = await purchasing.last_order("P-1001")
    (receipt,) = snapshot.lines[0].receipts
    assert (receipt.quantity, receipt.document_no, receipt.origin) == (2, "PR-1001", "purchasing")
    assert (str(receipt.posting_date), snapshot.status) == ("2026-03-09", "released")
    found = await purchasing.get("/posted-purchase-receipts?sales_order_no=S-1001&purchase_order_no=P-1001")
    assert [r["no"] for r in found["items"]] == ["PR-1001"]
    assert (await purchasing.purchase_order("P-1001"))["lines"][0]["posted_receipts"][0][
        "receipt_no"
    ] == "PR-1001"


async def test_a_buyers_work_list_shows_what_is_late(purchasing: Purchasing) -> None:
    late = {"item_no": "1100", "quantity": 5, "expected_receipt_date": "2020-01-01"}
    await made(
        purchasing, lines=[late, {"item_no": "1200", "quantity": 1, "expected_receipt_date": "2999-01-01"}]
    )
    await purchasing.deliver_requests(x.request(x.request_line(expected_receipt_date=x.date(2999, 1, 1))))

    async def listed(query: str) -> list[tuple[str, int]]:
        found = await purchasing.get(f"/purchase-lines?{query}")
        return [(i["purchase_order_no"], i["line"]["line_no"]) for i in found["items"]]

    assert await listed("overdue=true") == [("P-1001", 10000)]
    assert await listed("sales_order_no=S-1001") == [("P-1002", 10000)]
    assert await listed("vendor_no=V10&limit=2") == [("P-1001", 10000), ("P-1001", 20000)]
    await purchasing.post(
        f"{ORDERS}/P-1001/post", {"receive": True, "lines": [{"line_no": 10000}]}, expect=200
    )
    assert await listed("overdue=true") == []
    assert await listed("outstanding=false") == [("P-1001", 10000)]


async def test_lists_page_and_tell_what_changed(purchasing: Purchasing) -> None:
    for _ in range(3):
        await made(purchasing)
    page = await purchasing.get(f"{ORDERS}?limit=2&vendor_no=V10&status=open")
    rest = await purchasing.get(f"{ORDERS}?limit=2&vendor_no=V10&status=open&cursor={page['next_cursor']}")
    assert [o["no"] for o in page["items"] + rest["items"]] == ["P-1001", "P-1002", "P-1003"]
    assert (await purchasing.get(f"{ORDERS}?updated_since=2999-01-01T00:00:00Z"))["items"] == []


async def test_g10_a_date_change_names_the_sales_lines_that_it_makes_late(purchasing: Purchasing) -> None:
    compass = msgspec.structs.replace(SOLD.lines[1], planned_delivery_date=x.date(2026, 3, 12))
    await purchasing.deliver_sales_orders(msgspec.structs.replace(SOLD, lines=(compass,)))
    await purchasing.deliver_requests(x.request(x.request_line(expected_receipt_date=x.date(2026, 3, 9))))
    line = f"{ORDERS}/P-1001/lines/10000"
    early = await purchasing.patch(line, {"expected_receipt_date": "2026-03-10"})
    assert early["impacts"] == []
    late = await purchasing.patch(line, {"confirmed_date": "2026-03-11"})
    assert late["impacts"] == [
        {
            "sales_order_no": "S-1001",
            "line_no": 20000,
            "promised_delivery_date": "2026-03-12",
            "new_date": "2026-03-11",
        }
    ]


async def test_bc_md_18_nothing_is_fetched_for_a_blocked_vendor(purchasing: Purchasing) -> None:
    await purchasing.deliver_sales_orders(SOLD)
    await made(purchasing, sell_to_customer_no="C100")
    await purchasing.put("/vendors/V10", {"name": "Vendor V10", "blocked": "all"}, expect=200)
    wanted = {"kind": SPECIAL, "sales_order_no": "S-1001"}
    assert await codes(purchasing, "POST", f"{ORDERS}/P-1001/get-sales-order", wanted) == [
        "vendor-blocked /vendor_no"
    ]
