"""Wrong requests about sales documents are refused with stable codes, and acts that exclude each other race."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any

import pytest

from tests.integration.sales.rig import Sales
from tests.integration.sales.samples import DROP, SPECIAL, STOCK, line_of, purchase, purchase_line

INVALID, CONFLICT = 422, 409


@pytest.mark.parametrize(
    ("code", "body", "wrong"),
    [
        ("BOTH", {"drop_shipment": True, "special_order": True}, ["purchasing-code-exclusive"]),
        ("TOOLONGCODE", {"special_order": True}, ["too-long"]),
        ("%20", {"special_order": True}, ["malformed-number"]),
        ("FLAG", {"special_order": "yes"}, ["not-a-boolean"]),
    ],
)
async def test_bc_md_01_02_a_purchasing_code_that_cannot_be_is_refused(
    sales: Sales, code: str, body: dict[str, Any], wrong: list[str]
) -> None:
    assert await sales.refused("PUT", f"/purchasing-codes/{code}", body) == (INVALID, wrong)


async def test_bc_md_02_the_second_flag_cannot_be_set_later(sales: Sales) -> None:
    both = {"drop_shipment": True, "special_order": True}
    assert await sales.refused("PUT", "/purchasing-codes/SPEC", both) == (
        INVALID,
        ["purchasing-code-exclusive"],
    )
    assert (await sales.get("/purchasing-codes/SPEC"))["drop_shipment"] is False


@pytest.mark.parametrize("document", ["sales-orders", "sales-quotes"])
async def test_bc_md_04_what_does_not_exist_is_named_on_every_document(sales: Sales, document: str) -> None:
    body = {
        "customer_no": "C1",
        "ship_to_code": "NONE",
        "location_code": "NOWHERE",
        "currency_code": "USD",
        "lines": [
            {"item_no": "9999", "quantity": 1, "purchasing_code": "NOCODE", "location_code": "NOWHERE"},
            {"type": "charge", "charge_code": "NONE"},
        ],
    }
    assert await sales.refused("POST", f"/{document}", body) == (
        INVALID,
        [
            "exchange-rate-missing",
            "unknown-ship-to-address",
            "unknown-location",
            "unknown-item",
            "unknown-purchasing-code",
            "unknown-location",
            "unknown-charge-code",
        ],
    )


@pytest.mark.parametrize(
    ("blocking", "document"),
    [
        ({"blocked": "ship"}, "sales-orders"),
        ({"blocked": "ship"}, "sales-quotes"),
        ({"blocked": "invoice"}, "sales-orders"),
        ({"blocked": "all"}, "sales-quotes"),
        ({"privacy_blocked": True}, "sales-orders"),
        ({"privacy_blocked": True}, "sales-quotes"),
    ],
)
async def test_bc_md_17_a_blocked_customer_gets_no_new_document(
    sales: Sales, blocking: dict[str, Any], document: str
) -> None:
    await sales.put("/customers/C1", {"name": "Anna Berg", **blocking})
    answer = await sales.send("POST", f"/{document}", {"customer_no": "C1", "lines": [STOCK]})
    assert (answer.status_code, answer.json()["code"]) == (CONFLICT, "customer-blocked")


@pytest.mark.parametrize("field", ["status", "prepayment_pct", "blanket_order_no", "approver"])
async def test_an_order_is_open_or_released_and_knows_no_approval_prepayment_or_blanket_order(
    sales: Sales, field: str
) -> None:
    """BC-SD-01: releasing and reopening are acts; the other statuses and documents do not exist."""
    body = {"customer_no": "C1", "lines": [STOCK], field: "x"}
    assert await sales.refused("POST", "/sales-orders", body) == (INVALID, ["unknown-field"])
    assert await sales.refused("POST", "/sales-blanket-orders", body) == (404, ["not-found"])


@pytest.mark.parametrize(
    ("line", "wrong"),
    [
        ({**STOCK, "special_order": True}, ["unknown-field"]),
        ({**STOCK, "bin_code": "A-1"}, ["unknown-field"]),
        ({**STOCK, "variant_code": "RED"}, ["unknown-field"]),
        ({**STOCK, "job_no": "J-1"}, ["unknown-field"]),
        ({**STOCK, "sourcing": None}, ["unknown-field"]),
        ({"type": "charge", "charge_code": "SHIPPING", "drop_shipment": True}, ["line-type-not-supported"]),
        ({"type": "comment", "purchasing_code": "DROP"}, ["line-type-not-supported"]),
        ({"type": "resource", "item_no": "1000", "quantity": 1}, ["not-allowed"]),
        ({**SPECIAL, "drop_shipment": True}, ["purchasing-code-exclusive"]),
        ({**SPECIAL, "reserve": "always"}, ["reserve-must-be-never"]),
        ({**DROP, "reserve": "optional"}, ["reserve-must-be-never"]),
        ({"item_no": "1400", "quantity": 1, "reserve": "always"}, ["reserve-must-be-never"]),
        ({**STOCK, "quantity": "-1"}, ["out-of-range"]),
        ({**STOCK, "quantity": "0"}, ["out-of-range"]),
        ({**STOCK, "quantity": "0.000001"}, ["too-many-decimals"]),
    ],
)
async def test_a_line_that_cannot_be_marked_is_refused(
    sales: Sales, line: dict[str, Any], wrong: list[str]
) -> None:
    """BC-SD-05, BC-SD-06, BC-SO-01, BC-SO-02, BC-SO-04, BC-SO-45, BC-DS-02, BC-MD-09."""
    assert await sales.refused("POST", "/sales-orders", {"customer_no": "C1", "lines": [line]}) == (
        INVALID,
        wrong,
    )


@pytest.mark.parametrize(
    "document", ["sales-orders", "sales-quotes", "sales-invoices", "sales-return-orders"]
)
async def test_a_document_of_more_than_a_thousand_lines_is_refused(sales: Sales, document: str) -> None:
    body = {"customer_no": "C1", "lines": [STOCK] * 1001}
    assert await sales.refused("POST", f"/{document}", body) == (INVALID, ["too-many-lines"])


async def test_bc_sd_05_a_line_of_which_something_left_does_not_become_a_drop_shipment(sales: Sales) -> None:
    """BC-DS-04; a code can be given until all has left (BC-SD-06)."""
    order = await sales.released(STOCK, {**STOCK, "quantity": "2"})
    path = f"/sales-orders/{order['no']}"
    part = {"line_no": 10000, "qty_to_ship": 1}, {"line_no": 20000, "qty_to_ship": 2}
    await sales.post(f"{path}/post", {"ship": True, "lines": list(part)})
    await sales.post(f"{path}/reopen")
    assert (await sales.refused("PATCH", f"{path}/lines/10000", {"drop_shipment": True}))[0] == CONFLICT
    coded = await sales.refused("PATCH", f"{path}/lines/20000", {"purchasing_code": "DROP"})
    assert coded == (CONFLICT, ["line-completely-shipped"])


async def test_bc_sd_06_a_code_stays_on_a_released_and_on_a_linked_line(sales: Sales) -> None:
    order = await sales.released(SPECIAL, STOCK)
    path = f"/sales-orders/{order['no']}"
    cleared = {"purchasing_code": ""}
    given = {"purchasing_code": "SPEC"}
    assert await sales.refused("PATCH", f"{path}/lines/20000", given) == (CONFLICT, ["order-not-open"])
    await sales.deliver(purchase("P-1", 1, purchase_line(order)))
    await sales.post(f"{path}/reopen")
    assert await sales.refused("PATCH", f"{path}/lines/10000", cleared) == (
        CONFLICT,
        ["line-linked-to-purchase-order"],
    )
    assert await sales.refused("PATCH", f"{path}/lines/10000", {"reserve": "always"}) == (
        INVALID,
        ["reserve-must-be-never"],
    )


@pytest.mark.parametrize(
    ("post", "status", "wrong"),
    [
        ({"ship": True, "lines": []}, CONFLICT, ["nothing-to-post"]),
        ({"ship": False, "invoice": False}, CONFLICT, ["nothing-to-post"]),
        ({"invoice": True}, CONFLICT, ["nothing-to-post"]),
        (
            {"invoice": True, "lines": [{"line_no": 10000, "qty_to_invoice": 1}]},
            INVALID,
            ["quantity-exceeds-shipped"],
        ),
        (
            {"ship": True, "lines": [{"line_no": 10000, "qty_to_ship": 5}]},
            INVALID,
            ["quantity-exceeds-outstanding"],
        ),
        ({"ship": True, "lines": [{"line_no": 10000, "qty_to_ship": -1}]}, INVALID, ["out-of-range"]),
        ({"ship": True, "lines": [{"line_no": 10000, "qty_to_ship": 0}]}, CONFLICT, ["nothing-to-post"]),
        ({"ship": True, "lines": [{"line_no": 99, "qty_to_ship": 1}]}, INVALID, ["unknown-line"]),
        (
            {"ship": True, "lines": [{"line_no": 20000, "qty_to_ship": 1}]},
            CONFLICT,
            ["not-associated-with-purchase-order"],
        ),
    ],
)
async def test_what_cannot_be_posted_is_refused(
    sales: Sales, post: dict[str, Any], status: int, wrong: list[str]
) -> None:
    """BC-DS-20, BC-SD-07, BC-SD-10."""
    order = await sales.released(STOCK, DROP)
    assert await sales.refused("POST", f"/sales-orders/{order['no']}/post", post) == (status, wrong)
    assert (await sales.get("/posted-sales-shipments"))["items"] == []


async def test_bc_pi_04_a_charge_among_the_lines_refuses_the_purchase_invoice(sales: Sales) -> None:
    order = await sales.released(STOCK, {"type": "charge", "charge_code": "SHIPPING", "unit_price": "5"})
    path = f"/sales-orders/{order['no']}/create-purchase-invoice"
    assert await sales.refused("POST", path, {}) == (CONFLICT, ["line-type-not-supported"])
    quote = await sales.post("/sales-quotes", {"customer_no": "C1", "lines": [STOCK]})
    missing = await sales.refused("POST", f"/sales-quotes/{quote['no']}/create-purchase-invoice", {})
    assert missing[0] == 404


@pytest.mark.parametrize("attempt", range(20))
async def test_of_a_post_and_the_deletion_of_its_order_one_wins(sales: Sales, attempt: int) -> None:
    """BC-SO-41, BC-SD-10: goods that have left belong to an order that stays."""
    order = await sales.order(STOCK)
    path = f"/sales-orders/{order['no']}"
    acts = [sales.send("POST", f"{path}/post", {"ship": True}), sales.send("DELETE", path)]
    answers = await asyncio.gather(*(acts if attempt % 2 else reversed(acts)))
    statuses = Counter(answer.status_code for answer in answers)
    shipments = (await sales.get("/posted-sales-shipments"))["items"]
    if statuses[200]:
        assert (statuses, len(shipments)) == (Counter({200: 1, 409: 1}), 1)
        assert line_of(await sales.get(path))["quantity_shipped"] == "4"
    else:
        assert (statuses, shipments) == (Counter({204: 1, 404: 1}), [])
