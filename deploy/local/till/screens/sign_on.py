"""Signing a worker on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.screen import Screen
from textual.widgets import Button, Footer, Header, Input, Label

from deploy.local.till.screens.refusals import refusals_shown

if TYPE_CHECKING:
    from deploy.local.till.client import TillClient


class SignOnScreen(Screen[bool]):
    """Ends when the worker is signed on."""

    def __init__(self, client: TillClient, worker_id: str, pin_hint: str) -> None:
        super().__init__()
        self._client = client
        self._worker_id = worker_id
        self._pin_hint = pin_hint

    def compose(self) -> ComposeResult:
        """Fields for the worker and the PIN."""
        yield Header()
        with Vertical(classes="form"):
            yield Label("Worker")
            yield Input(self._worker_id, id="worker")
            yield Label(f"PIN (of the sample shop: {self._pin_hint})")
            yield Input(password=True, id="pin")
            yield Button("Sign on", variant="primary", id="sign-on")
        yield Footer()

    def on_mount(self) -> None:
        """The PIN is what is missing."""
        self.query_one("#pin", Input).focus()

    @on(Input.Submitted)
    @on(Button.Pressed, "#sign-on")
    async def sign_on(self) -> None:
        """Ask the gateway; a wrong PIN is shown and can be entered again."""
        worker, pin = (self.query_one(f"#{name}", Input).value for name in ("worker", "pin"))
        signed_on = False
        with refusals_shown(self.app):
            await self._client.sign_on(worker, pin)
            signed_on = True
        if signed_on:
            self.dismiss(result=True)
        else:
            self.query_one("#pin", Input).value = ""
