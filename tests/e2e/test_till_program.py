"""The till in the terminal, on the running stack: a person signs on, sells and watches the order."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from textual.pilot import Pilot
from textual.widgets import DataTable, Input

from deploy.local.client import Koppel, until
from deploy.local.till.app import TillApp
from deploy.local.till.client import TillClient
from deploy.local.till.screens.money import MoneyScreen
from deploy.local.till.screens.order import OrderScreen
from deploy.local.till.screens.orders import OrdersScreen
from deploy.local.till.screens.sell import SellScreen
from deploy.local.till.screens.sign_on import SignOnScreen
from deploy.local.till.shop import PIN, WORKER, open_sample_shop

STEP_S = 20
SIZE = (150, 40)


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
    await pilot.press("n")
    screen = await shown(pilot, SellScreen, lambda s: s.query_one("#items", DataTable).row_count)
    screen.query_one("#find-customer", Input).focus()
    await pilot.press(*"anna", "enter")
    await shown(pilot, SellScreen, lambda s: s.focused is s.query_one("#find-item"))
    await pilot.press(*"compass", "enter")
    await shown(pilot, SellScreen, lambda s: s.query_one("#items", DataTable).row_count == 1)
    await pilot.press("enter", "f2", "f8")
    await shown(pilot, MoneyScreen)
    await pilot.click("#confirm")
    order: OrderScreen = await shown(pilot, OrderScreen)
    return order


async def test_a_person_sells_at_the_till_and_sees_the_sales_order(koppel: Koppel, tmp_path: Path) -> None:
    state = await open_sample_shop(koppel)
    client = TillClient(koppel.pos.url, state, tmp_path / "till.json")
    app = TillApp(client, worker_id=WORKER, pin_hint=PIN)
    async with app.run_test(size=SIZE) as pilot:
        await sign_on(pilot)
        screen = await sell(pilot)
        await koppel.pos.post("/pull-jobs/P-0001/run", {})
        await koppel.sales.post("/order-synchronization/run", {})
        await shown(pilot, OrderScreen, lambda s: s.order.get("sales_order_no"))
        assert screen.order["lines"][0]["quantity"] == "2"
    await client.close()
