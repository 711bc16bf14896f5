"""The store's orders and their stages, read again each second."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Final

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.screen import Screen
from textual.widgets import DataTable, Footer, Header, Input

from deploy.local.till.screens.order import OrderScreen
from deploy.local.till.screens.refusals import refusals_shown
from deploy.local.till.screens.sell import SellScreen

if TYPE_CHECKING:
    from deploy.local.till.client import TillClient

READ_EVERY_S: Final = 1.0
COLUMNS: Final = ("Confirmation", "Customer", "Status", "Sales order", "Total", "Balance", "Wanted")


class OrdersScreen(Screen[None]):
    """What a till shows between two customers."""

    BINDINGS: ClassVar[list[BindingType]] = [("n", "sell", "New order"), ("slash", "search", "Find")]

    def __init__(self, client: TillClient) -> None:
        super().__init__()
        self._client = client

    def compose(self) -> ComposeResult:
        """A field to search by any number, and the list."""
        yield Header()
        yield Input(placeholder="confirmation, receipt or sales order number", id="search")
        yield DataTable[str](cursor_type="row", zebra_stripes=True)
        yield Footer()

    async def on_mount(self) -> None:
        """Keep the list fresh while it is shown."""
        table = self.query_one(DataTable)
        table.add_columns(*COLUMNS)
        table.focus()
        await self.read_orders()
        self.set_interval(READ_EVERY_S, self._read_if_shown)

    async def _read_if_shown(self) -> None:
        if self.is_current:
            await self.read_orders()

    async def read_orders(self) -> None:
        """Read the list again; the cursor stays on its order."""
        with refusals_shown(self.app):
            show_rows(
                self.query_one(DataTable),
                {x["confirmation_no"]: _row(x) for x in await self._client.orders(self._searched)},
            )

    @property
    def _searched(self) -> str:
        return self.query_one("#search", Input).value.strip()

    @on(Input.Submitted, "#search")
    async def find(self) -> None:
        """Find an order by any of its numbers."""
        await self.read_orders()
        self.query_one(DataTable).focus()

    @on(DataTable.RowSelected)
    def open(self, event: DataTable.RowSelected) -> None:
        """Show the chosen order with its lines."""
        self.app.push_screen(OrderScreen(self._client, str(event.row_key.value)))

    def action_search(self) -> None:
        """Move to the field for a number."""
        self.query_one("#search", Input).focus()

    def action_sell(self) -> None:
        """Take an order, and open it when it is made."""
        self.app.push_screen(SellScreen(self._client), self._made)

    def _made(self, confirmation_no: str | None) -> None:
        if confirmation_no:
            self.app.push_screen(OrderScreen(self._client, confirmation_no))


def show_rows(table: DataTable[str], rows: dict[str, tuple[str, ...]]) -> None:
    """Replace the rows of a table; the cursor stays where it was."""
    cursor = table.cursor_coordinate
    table.clear()
    for key, row in rows.items():
        table.add_row(*row, key=key)
    table.move_cursor(row=cursor.row, column=cursor.column)


def _row(order: dict[str, Any]) -> tuple[str, ...]:
    return (
        order["confirmation_no"],
        order["customer_no"] or "(new)",
        order["status"],
        order["sales_order_no"] or order["sales_quote_no"] or "",
        f"{order['totals']['total']} {order['currency_code']}",
        order["balance"],
        order["fulfilment"]["date"] or "",
    )
