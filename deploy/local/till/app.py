"""The program: its first screens."""

from __future__ import annotations

from typing import ClassVar

from textual.app import App
from textual.binding import BindingType

from deploy.local.till.client import TillClient
from deploy.local.till.screens.orders import OrdersScreen
from deploy.local.till.screens.sign_on import SignOnScreen


class TillApp(App[None]):
    """A till. `worker_id` and `pin_hint` fill the first screen in."""

    TITLE = "Koppel till"
    CSS_PATH = "till.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [("ctrl+q", "quit", "Quit")]

    def __init__(self, client: TillClient, *, worker_id: str, pin_hint: str) -> None:
        super().__init__()
        self.client = client
        self._worker_id = worker_id
        self._pin_hint = pin_hint

    def on_mount(self) -> None:
        """Start with the sign-on screen."""
        self.sub_title = f"store {self.client.state.store_no}, terminal {self.client.state.terminal_no}"
        self.push_screen(SignOnScreen(self.client, self._worker_id, self._pin_hint), self._signed_on)

    def _signed_on(self, _: object) -> None:
        self.push_screen(OrdersScreen(self.client))
