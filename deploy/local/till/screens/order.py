"""One order: its lines, its history, and what can be done to it."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar, Final

from textual import work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.screen import Screen
from textual.widgets import DataTable, Footer, Header, Label

from deploy.local.till.bodies import card_of
from deploy.local.till.screens.money import MoneyScreen
from deploy.local.till.screens.quantities import Choice, QuantitiesScreen
from deploy.local.till.screens.refusals import refusals_shown

if TYPE_CHECKING:
    from deploy.local.till.client import TillClient

READ_EVERY_S: Final = 1.0
QUANTITIES: Final = (
    "quantity",
    "quantity_open",
    "quantity_picked_up",
    "quantity_shipped",
    "quantity_cancelled",
    "quantity_invoiced",
    "quantity_returned",
)


class OrderScreen(Screen[None]):
    """Watches an order and acts on it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        ("escape", "leave", "Back"),
        ("p", "pick_up", "Pick up"),
        ("c", "cancel", "Cancel"),
        ("x", "cancel_remaining", "Cancel the rest"),
        ("r", "return", "Return"),
    ]

    def __init__(self, client: TillClient, confirmation_no: str) -> None:
        super().__init__()
        self._client = client
        self._path = f"/customer-orders/{confirmation_no}"
        self._no = confirmation_no
        self.order: dict[str, Any] = {}
        """What was read last."""

    def compose(self) -> ComposeResult:
        """The order's head, its lines, its history."""
        yield Header()
        yield Label(self._no, id="head", classes="title")
        yield DataTable[str](id="lines", cursor_type="row")
        yield DataTable[str](id="history", cursor_type="row")
        yield Footer()

    async def on_mount(self) -> None:
        """Keep the order fresh while it is shown."""
        names = (
            name.removeprefix("quantity").strip("_").replace("_", " ") or "ordered" for name in QUANTITIES
        )
        self.query_one("#lines", DataTable).add_columns("Line", "Item", "How", *names)
        self.query_one("#history", DataTable).add_columns("When", "Service", "Document", "What", "Who")
        await self.read_order()
        self.set_interval(READ_EVERY_S, self._read_if_shown)

    async def _read_if_shown(self) -> None:
        if self.is_current:
            await self.read_order()

    async def read_order(self) -> None:
        """Read the order and its history again."""
        with refusals_shown(self.app):
            self.order = await self._client.order(self._no)
            self.query_one("#head", Label).update(_head(self.order))
            lines = self.query_one("#lines", DataTable)
            lines.clear()
            for line in self.order["lines"]:
                how = line["fulfilment"]["mode"]
                lines.add_row(
                    str(line["line_no"]), line["description"], how, *(str(line[name]) for name in QUANTITIES)
                )
            history = self.query_one("#history", DataTable)
            history.clear()
            for entry in await self._client.timeline(self._no):
                history.add_row(
                    str(entry["at"])[:19], entry["service"], entry["document"], entry["happened"], entry["by"]
                )

    def action_leave(self) -> None:
        """Go back to the list of orders."""
        self.dismiss(None)

    @work
    async def action_pick_up(self) -> None:
        """Hand goods over: how much, then the money."""
        open_lines = [
            Choice(line["line_no"], line["description"], Decimal(line["quantity_open"]))
            for line in self.order["lines"]
            if line["fulfilment"]["mode"] == "pickup" and Decimal(line["quantity_open"])
        ]
        chosen = await self.app.push_screen_wait(QuantitiesScreen("Pick up", open_lines))
        if chosen is not None:
            await self._act("pickup", {"lines": chosen.lines})

    @work
    async def action_cancel(self) -> None:
        """Cancel all lines of the order."""
        await self._cancel("cancel", "Cancel the order")

    @work
    async def action_cancel_remaining(self) -> None:
        """Cancel what was not handed over or shipped."""
        await self._cancel("cancel-remaining", "Cancel the rest of the order")

    async def _cancel(self, act: str, title: str) -> None:
        chosen = await self.app.push_screen_wait(QuantitiesScreen(title, (), "Reason"))
        if chosen is not None:
            await self._act(act, {"reason": chosen.reason})

    @work
    async def action_return(self) -> None:
        """Take goods of the newest invoice back."""
        with refusals_shown(self.app):
            invoices = await self._client.invoices(self._no)
            if not invoices:
                self.notify("Nothing of this order is invoiced.", severity="warning")
                return
            invoice = invoices[-1]
            chosen = await self.app.push_screen_wait(
                QuantitiesScreen(f"Return from {invoice['invoice_no']}", _returnable(invoice), "Reason code")
            )
            if chosen is not None:
                lines = [line | {"reason_code": chosen.reason} for line in chosen.lines]
                await self._act("returns", {"invoice_no": invoice["invoice_no"], "lines": lines})

    async def _act(self, act: str, body: Mapping[str, Any]) -> None:
        """Show what it comes to, take or give the money, send it."""
        path, version = f"{self._path}/{act}", self.order["version"]
        with refusals_shown(self.app):
            tried = await self._client.try_out(path, body, version)
            money = await self.app.push_screen_wait(MoneyScreen(tried, card_of(self.order)))
            if money is not None:
                done = await self._client.send(path, {**body, **money}, version)
                self.notify(f"{act}: the order is {done['status']}", markup=False)
        await self.read_order()


def _returnable(invoice: Mapping[str, Any]) -> list[Choice]:
    return [
        Choice(line["line_no"], line["item_no"], left)
        for line in invoice["lines"]
        if (left := Decimal(line["quantity"]) - Decimal(line["returned_quantity"])) > 0
    ]


def _head(order: Mapping[str, Any]) -> str:
    money = f"total {order['totals']['total']}, balance {order['balance']} {order['currency_code']}"
    found = [
        order["confirmation_no"],
        order["status"],
        order["sales_order_no"] or "no sales order yet",
        money,
    ]
    errors = "; ".join(f"{e['code']}: {e['detail']}" for e in order["errors"])
    return "  |  ".join(filter(None, (*found, errors)))
