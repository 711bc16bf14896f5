"""Tills that send each transaction, always under the same key, until it is answered, and count their drawers."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import uuid4

import httpx

from deploy.local.client import Refused, until
from deploy.local.demo.sample import HOME, Till
from deploy.local.till.bodies import money_body

PATIENCE_S = 90
REASON = {"reason": "changed mind"}
ONE = [{"line_no": 10000, "quantity": "1"}]


@dataclass
class Sent:
    """A transaction of a till, and its answer once it has one."""

    kind: str
    path: str
    body: Mapping[str, Any]
    headers: Mapping[str, str]
    answer: dict[str, Any] = field(default_factory=dict)

    @property
    def settlement(self) -> dict[str, Decimal]:
        """The amounts that the answer names."""
        numbers = ("total", "deposit_applied", "charge", "due", "paid", "refunded")
        return {name: Decimal(self.answer["settlement"][name]) for name in numbers}


@dataclass
class PatientTill:
    """A till of one store; `sent`: everything that it has done."""

    till: Till
    customer_no: str
    sequences: Iterator[int] = field(default_factory=lambda: itertools.count(1))
    sent: list[Sent] = field(default_factory=list)

    @property
    def drawer(self) -> Decimal:
        """The cash that is in it as far as the till knows."""
        return sum((s.settlement["paid"] - s.settlement["refunded"] for s in self.sent), Decimal(0))

    async def sell(
        self, lines: Sequence[Mapping[str, Any]], kind: str = "customer_order", **header: Any
    ) -> dict[str, Any]:
        """An order or a quote, taken."""
        return await self.carry_out(await self.sale(lines, kind, **header))

    async def sale(
        self, lines: Sequence[Mapping[str, Any]], kind: str = "customer_order", **header: Any
    ) -> Sent:
        """An order or a quote as it is to be sent."""
        body = self._identity() | {"kind": kind, "customer_no": self.customer_no, "lines": lines} | header
        return await self._with_money("create", "/customer-orders", body, {})

    def pickup_line(self, item_no: str, quantity: str, unit_price: str, **more: Any) -> dict[str, Any]:
        """Goods that are picked up here, today."""
        fulfilment = {"mode": "pickup", "store_no": self.till.store_no, "date": today()}
        return _line(item_no, quantity, unit_price) | {"fulfilment": fulfilment} | more

    def ship_line(self, item_no: str, quantity: str, unit_price: str, **more: Any) -> dict[str, Any]:
        """Goods that are brought to the customer."""
        fulfilment = {"mode": "ship", "address": HOME, "date": today(), "delivery_mode": "PARCEL"}
        return _line(item_no, quantity, unit_price) | {"fulfilment": fulfilment} | more

    async def act(self, kind: str, order: Mapping[str, Any], body: Mapping[str, Any]) -> Sent:
        """An act on an order as it is to be sent, with the money that its rehearsal asks for."""
        path = f"/customer-orders/{order['confirmation_no']}/{kind}"
        headers = {"If-Match": f'"{order["version"]}"'}
        return await self._with_money(kind, path, {**self._identity(), **body}, headers)

    async def done(self, kind: str, order: Mapping[str, Any], body: Mapping[str, Any]) -> dict[str, Any]:
        """An act on an order, carried out."""
        return await self.carry_out(await self.act(kind, order, body))

    async def blind_return(self, item_no: str, approver: Mapping[str, str]) -> Sent:
        """A return without an order, which the manager has approved."""
        line = _line(item_no, "1", "10.00") | {"reason_code": "OLD"}
        refunds = [{"method": "cash", "amount": "11.90"}]
        body = self._identity() | {"lines": [line], "refunds": refunds}
        asked: dict[str, Any] = {
            "operation": "blind_return",
            "amount": "11.90",
            "reason": "known",
            "approver": approver,
        }
        approval = await self.till.api.post("/approvals", asked | {"transaction": body["transaction"]})
        return _sent("blind_return", "/returns", body | {"approval_ids": [approval["id"]]}, {})

    async def carry_out(self, sent: Sent) -> dict[str, Any]:
        """Send it until it is answered; what is known of its outcome is never a guess."""

        async def ask() -> dict[str, Any] | None:
            try:
                answer = await self.till.api.send("POST", sent.path, json=sent.body, headers=sent.headers)
            except httpx.TransportError:
                return None
            except Refused as refused:
                # Nothing was done, or it is not known what was; or an earlier try is still under way.
                if refused.status == httpx.codes.SERVICE_UNAVAILABLE or refused.code == "act-in-progress":
                    return None
                raise
            return dict(answer.json())

        answer = await until(ask, lambda found: found is not None, deadline_s=PATIENCE_S, every_s=0.05)
        assert answer is not None
        sent.answer = answer
        self.sent.append(sent)
        return answer

    async def _with_money(
        self, kind: str, path: str, body: Mapping[str, Any], headers: Mapping[str, str]
    ) -> Sent:
        tried = await self.till.api.send("POST", f"{path}?dry_run=true", json=body, headers=headers)
        settlement = tried.json()["settlement"]
        money = money_body(settlement, "cash", settlement["due"].removeprefix("-"), "")
        return _sent(kind, path, {**body, **money}, headers)

    def _identity(self) -> dict[str, Any]:
        transaction = {
            "store_no": self.till.store_no,
            "terminal_no": self.till.terminal_no,
            "business_date": today(),
            "sequence": next(self.sequences),
        }
        return {"transaction": transaction, "occurred_at": datetime.now(UTC).isoformat()}


def _sent(kind: str, path: str, body: Mapping[str, Any], headers: Mapping[str, str]) -> Sent:
    return Sent(kind, path, body, {**headers, "Idempotency-Key": str(uuid4())})


def _line(item_no: str, quantity: str, unit_price: str) -> dict[str, Any]:
    return {"item_no": item_no, "quantity": quantity, "unit_price": unit_price, "tax_pct": "19"}


def today() -> str:
    """The business day of all tills here."""
    return datetime.now(UTC).date().isoformat()
