"""Taking a customer order: customer, items, how they reach the customer, money."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.screen import Screen
from textual.widgets import DataTable, Footer, Header, Input, Label

from deploy.local.till.bodies import BasketLine, order_body
from deploy.local.till.screens.money import MoneyScreen
from deploy.local.till.screens.refusals import refusals_shown

if TYPE_CHECKING:
    from deploy.local.till.client import TillClient


class SellScreen(Screen[str | None]):
    """Ends with the confirmation number, or with None if the person left it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        ("escape", "leave", "Leave"),
        ("f2", "more", "More"),
        ("f3", "fewer", "Fewer"),
        ("f4", "mode", "Pick up / ship / carry out"),
        ("f8", "pay", "Pay"),
    ]

    def __init__(self, client: TillClient) -> None:
        super().__init__()
        self._client = client
        self._customer: dict[str, Any] | None = None
        self._items: dict[str, dict[str, Any]] = {}
        self._basket: list[BasketLine] = []

    def compose(self) -> ComposeResult:
        """Customers and items on the left, the basket on the right."""
        yield Header()
        with Horizontal():
            with Vertical(classes="half"):
                yield Label("Customer: none yet", id="customer")
                yield Input(placeholder="customer's name or number, then Enter", id="find-customer")
                yield Input(placeholder="item's name or number, then Enter", id="find-item")
                yield DataTable[str](cursor_type="row", id="items")
            with Vertical(classes="half"):
                yield Label("Basket", classes="title")
                yield DataTable[str](cursor_type="row", id="basket")
        yield Footer()

    async def on_mount(self) -> None:
        """All items until the person searches."""
        self.query_one("#items", DataTable).add_columns("No.", "Item", "Price")
        self.query_one("#basket", DataTable).add_columns("Item", "Quantity", "How", "Price")
        await self._find_items("")

    @on(Input.Submitted, "#find-customer")
    async def find_customer(self, event: Input.Submitted) -> None:
        """The first customer that matches."""
        with refusals_shown(self.app):
            found = await self._client.find("customers", event.value)
            self._customer = found[0] if found else None
            shown = f"{self._customer['no']} {self._customer['name']}" if self._customer else "not found"
            self.query_one("#customer", Label).update(f"Customer: {shown}")
            self.query_one("#find-item", Input).focus()

    @on(Input.Submitted, "#find-item")
    async def find_item(self, event: Input.Submitted) -> None:
        """Show the items that match the text."""
        await self._find_items(event.value)
        self.query_one("#items", DataTable).focus()

    async def _find_items(self, query: str) -> None:
        with refusals_shown(self.app):
            self._items = {item["no"]: item for item in await self._client.find("items", query)}
            table = self.query_one("#items", DataTable)
            table.clear()
            for no, item in self._items.items():
                table.add_row(no, item["description"], item["unit_price"], key=no)

    @on(DataTable.RowSelected, "#items")
    def add(self, event: DataTable.RowSelected) -> None:
        """One of the item into the basket."""
        self._basket.append(BasketLine(self._items[str(event.row_key.value)]))
        self._show_basket(len(self._basket) - 1)

    def action_more(self) -> None:
        """One more of the basket's line."""
        self._change(Decimal(1))

    def action_fewer(self) -> None:
        """One fewer; the last one takes the line out."""
        self._change(Decimal(-1))

    def action_mode(self) -> None:
        """Another way to the customer for the basket's line."""
        if (row := self._row) is not None:
            self._basket[row].next_mode()
            self._show_basket(row)

    def action_leave(self) -> None:
        """Leave without an order: nothing reached the gateway."""
        self.dismiss(None)

    @work
    async def action_pay(self) -> None:
        """Show what is due, take the money, send the order."""
        if self._customer is None or not self._basket:
            self.notify("An order needs a customer and an item.", severity="warning")
            return
        body = order_body(self._client.state.store_no, self._customer, self._basket)
        with refusals_shown(self.app):
            tried = await self._client.try_out("/customer-orders", body)
            money = await self.app.push_screen_wait(MoneyScreen(tried, f"tok_{self._customer['no']}"))
            if money is not None:
                made = await self._client.send("/customer-orders", body | money)
                self.dismiss(made["confirmation_no"])

    @property
    def _row(self) -> int | None:
        return self.query_one("#basket", DataTable).cursor_row if self._basket else None

    def _change(self, by: Decimal) -> None:
        if (row := self._row) is None:
            return
        line = self._basket[row]
        line.quantity += by
        if line.quantity <= 0:
            del self._basket[row]
        self._show_basket(row)

    def _show_basket(self, row: int) -> None:
        table = self.query_one("#basket", DataTable)
        table.clear()
        for line in self._basket:
            table.add_row(
                line.item["description"], str(line.quantity), line.mode, str(line.item["unit_price"])
            )
        table.move_cursor(row=row)
