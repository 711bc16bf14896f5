"""Planning runs, and purchases of what they propose, survive a database that is killed while they are under way."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any
from uuid import uuid4

from deploy.local.client import Koppel, until
from deploy.local.stack import LocalStack
from tests.e2e.acts import open_order
from tests.reliability.checkers import drained, fetch
from tests.reliability.dying_servers import asked_again

SHEET = "/requisition-worksheets/DEFAULT"
OWN = uuid4().hex[:6].upper()
VENDOR = f"V-{OWN}"
WANTED = {f"POLE-{OWN}-{n}": Decimal(n) for n in range(1, 13)}
DAYS = {"from_date": "2026-01-01", "to_date": "2027-12-31", "item_nos": list(WANTED)}


async def ended(koppel: Koppel, operation: dict[str, Any]) -> str:
    """How the operation ended; planning may not answer yet."""
    path = f"/operations/{operation['id']}"

    async def shown() -> dict[str, Any]:
        return dict(await asked_again(lambda: koppel.planning.get(path)))

    found = await until(shown, lambda o: o["status"] != "running", deadline_s=60, every_s=0.1)
    return str(found["status"])


async def test_kill_9_of_the_database_while_a_plan_is_made_and_carried_out_buys_each_item_once(
    stack: LocalStack, koppel: Koppel
) -> None:
    """BC-PL-11: the run is done again from its beginning; what was asked of purchasing is made once."""
    await koppel.purchasing.put(f"/vendors/{VENDOR}", {"name": "Pole Makers", "currency_code": "EUR"})
    for no in WANTED:
        fields = {"description": "Tent pole", "vendor_no": VENDOR, "reordering_policy": "lot_for_lot"}
        await koppel.planning.put(f"/items/{no}", fields)
    sold = [{"item_no": no, "quantity": str(quantity)} for no, quantity in WANTED.items()]
    order = await open_order(koppel, "C100", sold)
    await koppel.sales.post(f"/sales-orders/{order['no']}/release")
    await drained(stack)

    run = await koppel.planning.post(f"{SHEET}/calculate-plan", DAYS)
    begun = "SELECT attempts FROM plan_run WHERE id = $1"
    await until(
        lambda: fetch(stack, "planning", begun, run["id"]), lambda rows: not rows or rows[0]["attempts"] > 0
    )
    await restarted(stack)
    assert await ended(koppel, run) == "succeeded"
    lines = await asked_again(lambda: koppel.planning.get(f"{SHEET}/lines", limit=200))
    proposed = {line["id"]: line for line in lines["items"] if line["item_no"] in WANTED}
    assert quantities(proposed.values()) == sorted(WANTED.items())

    carried = await koppel.planning.post(f"{SHEET}/carry-out", {"line_ids": list(proposed)})
    await restarted(stack)
    assert await ended(koppel, carried) == "succeeded"
    bought = await asked_again(lambda: koppel.purchasing.get("/purchase-orders", vendor_no=VENDOR))
    assert quantities(line for order in bought["items"] for line in order["lines"]) == sorted(WANTED.items())
    await drained(stack)


def quantities(lines: Iterable[dict[str, Any]]) -> list[tuple[str, Decimal]]:
    """Item and quantity of each line."""
    return sorted((line["item_no"], Decimal(line["quantity"])) for line in lines)


async def restarted(stack: LocalStack) -> None:
    """`kill -9` of the database, which is there again."""
    await stack.kill("postgres")
    await stack.start("postgres")
