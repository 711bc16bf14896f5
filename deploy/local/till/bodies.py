"""Bodies of a till's requests, made of what the person entered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

MODES: Final = ("pickup", "ship", "carry_out")
IN_DAYS: Final = 7
"""When goods are wanted that the customer does not take along at once."""


@dataclass(slots=True)
class BasketLine:
    """An item in the basket, and how it reaches the customer."""

    item: Mapping[str, Any]
    quantity: Decimal = Decimal(1)
    mode: str = MODES[0]

    def next_mode(self) -> None:
        """Another way to the customer."""
        self.mode = MODES[(MODES.index(self.mode) + 1) % len(MODES)]


def order_body(store_no: str, customer: Mapping[str, Any], lines: Sequence[BasketLine]) -> dict[str, Any]:
    """A customer order. What is shipped goes to the customer's own address."""
    body: dict[str, Any] = {
        "customer_no": customer["no"],
        "lines": [_line(store_no, customer, x) for x in lines],
    }
    if any(line.mode == "ship" for line in lines):
        body["balance_cards"] = [{"card_token": f"tok_{customer['no']}"}]
    return body


def _line(store_no: str, customer: Mapping[str, Any], line: BasketLine) -> dict[str, Any]:
    wanted = (datetime.now(UTC).date() + timedelta(days=IN_DAYS)).isoformat()
    fulfilment: dict[str, Any] = {"mode": line.mode}
    if line.mode == "pickup":
        fulfilment |= {"store_no": store_no, "date": wanted}
    elif line.mode == "ship":
        address = {
            field: customer[field] for field in ("name", "address", "city", "post_code", "country_code")
        }
        fulfilment |= {"address": address, "date": wanted, "delivery_mode": "PARCEL"}
    return {
        "item_no": line.item["no"],
        "quantity": str(line.quantity),
        "unit_price": line.item["unit_price"],
        "tax_pct": line.item["tax_pct"],
        "fulfilment": fulfilment,
    }


def money_body(settlement: Mapping[str, Any], method: str, amount: str, card_token: str) -> dict[str, Any]:
    """The payment or the refund that a settlement asks for; nothing where nothing is due."""
    due = Decimal(settlement["due"])
    if not due:
        return {}
    money: dict[str, Any] = {"method": method, "amount": amount}
    if method == "card":
        money["card_token"] = card_token
    return {"payments": [money]} if due > 0 else {"refunds": [money]}


def card_of(order: Mapping[str, Any]) -> str:
    """The card that the order was paid with; a new one if there is none."""
    tokens = (p.get("card_token") for p in order.get("payments", ()))
    return next(filter(None, tokens), "tok_till")
