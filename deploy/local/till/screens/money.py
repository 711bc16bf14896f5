"""What a transaction comes to, and the money that is taken or given back for it."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.screen import ModalScreen
from textual.widgets import Button, Input, Label, Select

from deploy.local.till.bodies import money_body

SHOWN = {
    "total": "Total",
    "deposit_applied": "Deposit used",
    "charge": "Cancellation charge",
    "charges_refunded": "Charges given back",
}


class MoneyScreen(ModalScreen[dict[str, Any] | None]):
    """Ends with `payments` or `refunds` for the request; None if the person left it."""

    BINDINGS = [("escape", "leave", "Leave")]  # noqa: RUF012 - textual reads it from the class

    def __init__(self, tried: Mapping[str, Any], card_token: str) -> None:
        super().__init__()
        self._settlement = tried["settlement"]
        self._due = Decimal(self._settlement["due"])
        self._currency = tried["currency_code"]
        self._card_token = card_token

    def compose(self) -> ComposeResult:
        """Amounts above, money below."""
        with Vertical(classes="dialog"):
            for field, name in SHOWN.items():
                if Decimal(self._settlement[field]):
                    yield Label(f"{name}: {self._settlement[field]} {self._currency}")
            yield Label(self._asked(), classes="title", id="due")
            if self._due:
                yield Select([("cash", "cash"), ("card", "card")], value="cash", allow_blank=False)
                yield Input(str(abs(self._due)), id="amount")
            with Horizontal(classes="buttons"):
                yield Button("Confirm", variant="primary", id="confirm")
                yield Button("Leave", id="leave")

    def _asked(self) -> str:
        if self._due > 0:
            return f"To pay: {self._due} {self._currency}"
        return f"To give back: {-self._due} {self._currency}" if self._due else "Nothing to pay"

    @on(Button.Pressed, "#confirm")
    @on(Input.Submitted, "#amount")
    def confirm(self) -> None:
        """Answer the screen before with the money that was given."""
        if not self._due:
            self.dismiss({})
            return
        method = str(self.query_one(Select).value)
        amount = self.query_one("#amount", Input).value.strip()
        self.dismiss(money_body(self._settlement, method, amount, self._card_token))

    @on(Button.Pressed, "#leave")
    def action_leave(self) -> None:
        """Leave; nothing is sent to the gateway."""
        self.dismiss(None)
