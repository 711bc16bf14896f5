"""Questions about what was bought for a shop, after a disturbance: do all services say the same of each line?"""

from __future__ import annotations

from decimal import Decimal
from typing import Any, NamedTuple

from deploy.local import SERVICES, LocalStack
from deploy.local.client import Koppel
from tests.reliability.checkers import fetch
from tests.reliability.shops import Shop

PAGE = 200
BOUGHT = """
SELECT l.sales_line_id::text AS id, o.no AS purchase_no, (line ->> 'line_no')::int AS line_no,
       (line ->> 'quantity')::numeric AS quantity
FROM purchase_link l
JOIN purchase_order o ON o.no = l.purchase_order_no
CROSS JOIN LATERAL json_array_elements(o.body -> 'lines') AS line
WHERE l.active AND line -> 'link' ->> 'link_id' = l.link_id::text AND l.sales_order_no = ANY($1)
"""
KNOWN_IN_PLANNING = """
SELECT DISTINCT ON (sales_line_id) sales_line_id::text AS id, state, body ->> 'purchase_order_no' AS purchase_no,
       (body ->> 'purchase_order_line_no')::int AS line_no, (body ->> 'quantity')::numeric AS quantity
FROM demand WHERE sales_order_no = ANY($1) ORDER BY sales_line_id, generation DESC
"""
OPEN_IN_PLANNING = """
SELECT line_id::text AS id, quantity FROM open_line
WHERE item_no = ANY($1) AND source IN ('sale', 'channel')
"""
UNDER_WAY = {
    "operations": (
        SERVICES,
        "SELECT kind || ' ' || subject_no AS what FROM operation WHERE status = 'running'",
    ),
    "events that wait": (SERVICES, "SELECT kind || ' ' || no AS what FROM waiting"),
    "events that could not be applied": (
        SERVICES,
        "SELECT kind || ' ' || no || ' ' || reason AS what FROM parked WHERE status = 'parked'",
    ),
}


class Purchase(NamedTuple):
    """A purchase line, as one of the services knows it."""

    order_no: str
    line_no: int
    quantity: Decimal


async def nothing_hangs(stack: LocalStack) -> None:
    """I7: no operation runs, no event waits or is parked, in any service."""
    for what, (services, query) in UNDER_WAY.items():
        for service in services:
            found = [row["what"] for row in await fetch(stack, service, query)]
            assert not found, f"{what} in {service}: {found}"


async def purchases_agree(stack: LocalStack, koppel: Koppel, shop: Shop) -> None:
    """G22, G25: a flagged line that is sold has one purchase line of its quantity, which all three services name.

    A line that was given up has none.
    """
    orders = await _orders(koppel, shop)
    numbers = [order["no"] for order in orders]
    bought = _by_line(await fetch(stack, "purchasing", BOUGHT, numbers))
    planned = await fetch(stack, "planning", KNOWN_IN_PLANNING, numbers)
    in_planning = _by_line([row for row in planned if row["state"] == "ordered"])
    in_sales = {line["id"]: _shown(line) for order in orders for line in _sold(order) if line["flagged"]}
    assert bought == in_sales
    assert {id_: in_planning.get(id_) for id_ in bought} == bought
    assert not [row for row in planned if row["id"] not in bought and row["state"] != "cancelled"]


async def open_demand_agrees(stack: LocalStack, koppel: Koppel, shop: Shop) -> None:
    """Planning counts of each line what is still to leave; a drop shipment never was in stock."""
    orders = await _orders(koppel, shop)
    open_lines = {
        line["id"]: Decimal(line["outstanding_quantity"])
        for order in orders
        for line in _sold(order)
        if not line["drop_shipment"] and Decimal(line["outstanding_quantity"])
    }
    rows = await fetch(stack, "planning", OPEN_IN_PLANNING, list(shop.items))
    assert {row["id"]: row["quantity"] for row in rows} == open_lines


def _by_line(rows: list[dict[str, Any]]) -> dict[str, list[Purchase]]:
    found: dict[str, list[Purchase]] = {}
    for row in rows:
        found.setdefault(row["id"], []).append(Purchase(row["purchase_no"], row["line_no"], row["quantity"]))
    return found


def _shown(line: dict[str, Any]) -> list[Purchase]:
    """What sales shows of the purchase, beside what it has sold."""
    supply = line["sourcing"]
    quantity = Decimal(line["quantity"])
    return [Purchase(supply["purchase_order_no"], supply["purchase_order_line_no"], quantity)]


def _sold(order: dict[str, Any]) -> list[dict[str, Any]]:
    """The lines of which something is sold; of a cancelled order none."""
    if order["status"] == "cancelled":
        return []
    lines = [line | {"flagged": line["special_order"] or line["drop_shipment"]} for line in order["lines"]]
    return [line for line in lines if line["type"] == "item" and Decimal(line["quantity"])]


async def _orders(koppel: Koppel, shop: Shop) -> list[dict[str, Any]]:
    found = await koppel.sales.get("/sales-orders", customer_no=shop.customer_no, limit=PAGE)
    assert not found.get("next_cursor"), "more orders than are looked at"
    return list(found["items"])
