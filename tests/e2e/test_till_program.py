"""The till in the terminal, on the running stack: a person signs on, sells and watches the order."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from textual.pilot import Pilot
from textual.widgets import DataTable, Input

from deploy.local.client import Koppel, until
from deploy.local.settings import SERVICES
from deploy.local.stack import LocalStack
from deploy.local.till.app import TillApp
from deploy.local.till.client import TillClient
from deploy.local.till.screens.money import MoneyScreen
from deploy.local.till.screens.order import OrderScreen
from deploy.local.till.screens.orders import OrdersScreen
from deploy.local.till.screens.quantities import QuantitiesScreen
from deploy.local.till.screens.sell import SellScreen
from deploy.local.till.screens.sign_on import SignOnScreen
from deploy.local.till.shop import PIN, WORKER, open_sample_shop
from tests.e2e.acts import linked

STEP_S = 60
SIZE = (150, 40)
COMPASS = "1100"


@asynccontextmanager
async def closing(client: TillClient) -> AsyncIterator[None]:
    try:
        yield
    finally:
        await client.close()


async def shown(pilot: Pilot[None], screen: type[Any], holds: Callable[[Any], bool] = lambda _: True) -> Any:
    """The screen, once it is shown and what is expected of it holds."""

    async def read() -> Any:
        await pilot.pause()
        return pilot.app.screen

    return await until(read, lambda s: isinstance(s, screen) and holds(s), deadline_s=STEP_S)


async def sign_on(pilot: Pilot[None]) -> None:
    """A wrong PIN is refused and can be entered again."""
    await shown(pilot, SignOnScreen)
    await pilot.press(*"0000", "enter")
    await shown(pilot, SignOnScreen, lambda s: not s.query_one("#pin", Input).value)
    await pilot.press(*PIN, "enter")
    await shown(pilot, OrdersScreen)


async def sell(pilot: Pilot[None]) -> OrderScreen:
    """Two compasses, a special order that is picked up: the order that the till then shows."""
    await fill_basket(pilot)
    await pilot.press("f2", "f8")
    await shown(pilot, MoneyScreen)
    await pilot.click("#confirm")
    order: OrderScreen = await shown(pilot, OrderScreen)
    return order


async def leave(pilot: Pilot[None], client: TillClient) -> None:
    """A sale that the customer does not want after all."""
    before = await client.orders()
    await fill_basket(pilot)
    await pilot.press("escape")
    await shown(pilot, OrdersScreen)
    assert await client.orders() == before


async def fill_basket(pilot: Pilot[None]) -> None:
    """The customer, and one compass."""
    await pilot.press("n")
    screen = await shown(pilot, SellScreen, lambda s: s.query_one("#items", DataTable).row_count)
    screen.query_one("#find-customer", Input).focus()
    await pilot.press(*"c100", "enter")
    await shown(pilot, SellScreen, lambda s: s.focused is s.query_one("#find-item"))
    await pilot.press(*COMPASS, "enter")
    items = screen.query_one("#items", DataTable)
    await shown(pilot, SellScreen, lambda s: s.focused is items and COMPASS in items.rows)
    # Other tests may have made items that the search finds too.
    items.move_cursor(row=items.get_row_index(COMPASS))
    await pilot.press("enter")


async def pick_up(pilot: Pilot[None]) -> None:
    """All that is open, paid by what is left of the deposit and in cash."""
    await pilot.press("p")
    await shown(pilot, QuantitiesScreen)
    await pilot.click("#go-on")
    await shown(pilot, MoneyScreen)
    await pilot.click("#confirm")
    await shown(pilot, OrderScreen, lambda s: s.order["status"] == "fulfilled")


async def give_back(pilot: Pilot[None]) -> None:
    """All of the newest invoice."""
    await pilot.press("r")
    screen = await shown(pilot, QuantitiesScreen)
    screen.query_one("#reason", Input).value = "DAMAGED"
    await pilot.click("#go-on")
    await shown(pilot, MoneyScreen)
    await pilot.click("#confirm")
    await shown(pilot, OrderScreen, lambda s: s.order["lines"][0]["quantity_returned"] == "2")


async def receive(koppel: Koppel, sales_order_no: str) -> None:
    """What the order's special order was bought for arrives."""
    order = await linked(koppel, sales_order_no)
    purchase_no = order["lines"][0]["sourcing"]["purchase_order_no"]
    await koppel.purchasing.post(f"/purchase-orders/{purchase_no}/post", {"receive": True})


async def test_a_person_sells_hands_over_and_takes_back_at_the_till(koppel: Koppel, tmp_path: Path) -> None:
    """POS-22, POS-37: from customer to deposit; a sale that is left sends nothing."""
    state = await open_sample_shop(koppel)
    client = TillClient(koppel.pos.url, state, tmp_path / "till.json")
    app = TillApp(client, worker_id=WORKER, pin_hint=PIN)
    async with app.run_test(size=SIZE) as pilot, closing(client):
        await sign_on(pilot)
        await leave(pilot, client)
        screen = await sell(pilot)
        await koppel.pos.post("/pull-jobs/P-0001/run", {})
        await koppel.sales.post("/order-synchronization/run", {})
        await shown(pilot, OrderScreen, lambda s: s.order.get("sales_order_no"))
        await receive(koppel, screen.order["sales_order_no"])
        await until(
            lambda: client.orders(screen.order["confirmation_no"], ready=True), bool, deadline_s=STEP_S
        )
        await pick_up(pilot)
        await shown(pilot, OrderScreen, lambda s: s.order["lines"][0]["quantity_invoiced"] == "2")
        await give_back(pilot)


async def test_the_sample_shop_leaves_what_a_company_has_as_it_is(koppel: Koppel, stack: LocalStack) -> None:
    await koppel.sales.put("/charge-codes/OURS", {"description": "Ours", "tax_pct": "7"})
    urls = {service: stack.url(service) for service in SERVICES}
    async with Koppel(urls, stack.token(), keeping=True) as keeping:
        await keeping.sales.put("/charge-codes/OURS", {"description": "Sample", "tax_pct": "19"})
        made = await keeping.sales.put("/charge-codes/SAMPLE", {"description": "Sample", "tax_pct": "19"})

    assert (await koppel.sales.get("/charge-codes/OURS"))["description"] == "Ours"
    assert made["description"] == "Sample"
