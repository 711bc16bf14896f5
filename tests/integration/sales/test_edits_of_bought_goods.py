"""Edits at tills that went to sales with their order, or after it, of goods that are being bought (P1, G5)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import UUID

from msgspec.structs import replace

from contracts.channel import ChannelOrder
from contracts.purchasing.outcomes import ChangedLine, RequestOutcome
from contracts.sales.orders import SalesOrder
from contracts.values import Problem
from tests.integration.sales.rig import Sales
from tests.integration.sales.samples import TILL_LINES, line_of, pulled, purchase, purchase_line, till_order
from tests.integration.sales.till_acts import SPECIAL, act, synchronized, totals, transaction_of, with_act

SENT = Problem(code="purchase-order-sent", detail="P-1 was sent to its vendor")
BESIDE = replace(TILL_LINES[0], line_no=20000, quantity=Decimal(1))


async def bought(sales: Sales) -> tuple[ChannelOrder, Any]:
    """A till's order of two pieces, which are on a purchase order, and its sales order."""
    order = till_order(1, lines=(SPECIAL,), totals=totals("2"))
    made = await synchronized(sales, order)
    await sales.deliver(purchase("P-1", 1, purchase_line(made)))
    return order, made


def edit(order: ChannelOrder, *lines: Any, total: str) -> ChannelOrder:
    """The order after an edit at the till that sales learns by event."""
    return with_act(order, act("edit", 2), lines=lines, totals=totals(total))


async def outcome(sales: Sales, made: Any, *errors: Problem, **said: Any) -> None:
    """Purchasing answers what the order's last event asks."""
    (asked,) = (await sales.published(SalesOrder, made["no"]))[-1].requested_changes
    line = ChangedLine(sales_line_id=UUID(line_of(made)["id"]), quantity=Decimal(3), **said)
    answer = RequestOutcome(
        version=1,
        request_id=asked.id,
        kind="requested_change",
        outcome="refused" if errors else "changed",
        sales_order_no=made["no"],
        errors=errors,
        changed_lines=() if errors else (line,),
    )
    await sales.deliver(("request-outcome", str(asked.id), answer))


async def run(sales: Sales) -> None:
    await sales.post("/order-synchronization/run", {}, expect=200)


async def act_of(sales: Sales, order: ChannelOrder) -> Any:
    """The act as sales shows it."""
    (shown,) = (await transaction_of(sales, order))["acts"]
    return shown


async def test_p1_an_edit_of_what_was_bought_in_between_asks_purchasing(sales: Sales) -> None:
    """G5: the till has its answer already. All else of the edit holds at once, and none of it twice."""
    order, made = await bought(sales)
    edited = edit(order, replace(SPECIAL, quantity=Decimal(3)), BESIDE, total="4")
    await sales.deliver(pulled(edited))
    shown = await act_of(sales, order)
    assert (shown["status"], [x["code"] for x in shown["errors"]]) == ("failed", ["change-pending"])
    after = await sales.get(f"/sales-orders/{made['no']}")
    assert [(x["line_no"], x["quantity"]) for x in after["lines"]] == [(10000, "2"), (20000, "1")]
    await run(sales)
    assert (await act_of(sales, order))["status"] == "failed", "purchasing has not answered"
    await outcome(sales, made)
    await run(sales)
    assert (await act_of(sales, order))["status"] == "done"
    after = await sales.get(f"/sales-orders/{made['no']}")
    assert [(x["line_no"], x["quantity"]) for x in after["lines"]] == [(10000, "3"), (20000, "1")]
    await sales.deliver(pulled(replace(edited, version=edited.version + 1)))
    assert (await sales.get(f"/sales-orders/{made['no']}"))["lines"] == after["lines"]


async def test_a_line_that_a_till_took_off_is_sold_no_more_once_purchasing_gives_it_up(sales: Sales) -> None:
    """P1, G5."""
    order, made = await bought(sales)
    await sales.deliver(pulled(edit(order, BESIDE, total="1")))
    await outcome(sales, made)
    await run(sales)
    assert (await act_of(sales, order))["status"] == "done"
    after = await sales.get(f"/sales-orders/{made['no']}")
    assert [(x["line_no"], x["quantity"]) for x in after["lines"]] == [(10000, "0"), (20000, "1")]


async def test_an_edit_that_purchasing_refuses_fails_with_its_reasons(sales: Sales) -> None:
    """POS-101, G22: never silent. It ends once the back office has made the line what the till sold."""
    order, made = await bought(sales)
    await sales.deliver(pulled(edit(order, replace(SPECIAL, quantity=Decimal(1)), total="1")))
    await outcome(sales, made, SENT)
    for _ in range(2):
        await run(sales)
        shown = await act_of(sales, order)
        assert (shown["status"], [x["code"] for x in shown["errors"]]) == ("failed", ["purchase-order-sent"])
    await sales.post(f"/sales-orders/{made['no']}/lines/10000/change-requests", {"quantity": "1"}, expect=202)
    await outcome(sales, made)
    await run(sales)
    assert (await act_of(sales, order))["status"] == "done"


async def test_what_the_vendor_cannot_add_is_sold_on_a_line_of_its_own(sales: Sales) -> None:
    """G5: the edit is done then, and asks for it once."""
    order, made = await bought(sales)
    await sales.deliver(pulled(edit(order, replace(SPECIAL, quantity=Decimal(3)), total="3")))
    await outcome(sales, made, not_taken=True)
    for _ in range(2):
        await run(sales)
    assert (await act_of(sales, order))["status"] == "done"
    after = await sales.get(f"/sales-orders/{made['no']}")
    assert [x["quantity"] for x in after["lines"]] == ["2", "1"]
