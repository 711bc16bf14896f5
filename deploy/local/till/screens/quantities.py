"""How much of each line, and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Button, Input, Label


@dataclass(frozen=True, slots=True)
class Choice:
    """A line that quantities can be entered for."""

    line_no: int
    description: str
    most: Decimal


@dataclass(frozen=True, slots=True)
class Chosen:
    """The quantities and the reason that were entered."""

    lines: tuple[dict[str, Any], ...]
    reason: str


class QuantitiesScreen(ModalScreen[Chosen | None]):
    """Ends with the quantities above zero; None if the person left it."""

    BINDINGS = [("escape", "leave", "Leave")]  # noqa: RUF012 - textual reads it from the class

    def __init__(self, title: str, choices: Sequence[Choice], reason: str = "") -> None:
        """`reason`: what to ask for; "" asks for none."""
        super().__init__()
        self._title = title
        self._choices = choices
        self._reason = reason

    def compose(self) -> ComposeResult:
        """A field per line, filled with all that can be taken."""
        with VerticalScroll(classes="dialog"):
            yield Label(self._title, classes="title")
            for choice in self._choices:
                yield Label(f"{choice.description} (at most {choice.most})")
                yield Input(str(choice.most), id=f"line-{choice.line_no}")
            if self._reason:
                yield Label(self._reason)
                yield Input(id="reason")
            with Horizontal(classes="buttons"):
                yield Button("Go on", variant="primary", id="go-on")
                yield Button("Leave", id="leave")

    @on(Button.Pressed, "#go-on")
    @on(Input.Submitted)
    def go_on(self) -> None:
        """Take what was entered, if it is numbers."""
        lines = []
        for choice in self._choices:
            entered = self.query_one(f"#line-{choice.line_no}", Input).value.strip() or "0"
            try:
                quantity = Decimal(entered)
            except InvalidOperation:
                self.notify(f"{entered} is not a number", severity="warning")
                return
            if quantity:
                lines.append({"line_no": choice.line_no, "quantity": str(quantity)})
        reason = self.query_one("#reason", Input).value.strip() if self._reason else ""
        self.dismiss(Chosen(tuple(lines), reason))

    @on(Button.Pressed, "#leave")
    def action_leave(self) -> None:
        """Leave; nothing is sent to the gateway."""
        self.dismiss(None)
