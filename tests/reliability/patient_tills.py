"""Tills that send each transaction, always under the same key, until it is answered, and count their drawers."""

from __future__ import annotations

import itertools
import random
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import uuid4

import httpx

from deploy.local import SERVICES, LocalStack
from deploy.local.client import Koppel, Refused, until
from deploy.local.demo.sample import Till, sign_on
from deploy.local.till.bodies import money_body

CUSTOMER, ITEM, LOCATION = "C-KILLED", "ROPE-KILLED", "KILLED"
WAITING_STORE, QUEUING_STORE = "KILLED-1", "KILLED-2"
STOCK = 1000
MANAGER = {"worker_id": "MANAGER-KILLED", "pin": "9315"}
PATIENCE_S = 90
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
    sequences: Iterator[int] = field(default_factory=lambda: itertools.count(1))
    sent: list[Sent] = field(default_factory=list)

    @property
    def drawer(self) -> Decimal:
        """The cash that is in it as far as the till knows."""
        return sum((s.settlement["paid"] - s.settlement["refunded"] for s in self.sent), Decimal(0))

    async def sell(self, chosen: random.Random, kind: str = "customer_order") -> dict[str, Any]:
        """An order or a quote of goods to pick up; of some prices their parts have to be rounded."""
        line = {
            "item_no": ITEM,
            "quantity": str(chosen.randint(2, 7)),
            "unit_price": str(Decimal(chosen.randint(100, 9_999)) / 100),
            "tax_pct": "19",
            "fulfilment": {"mode": "pickup", "store_no": self.till.store_no, "date": _today()},
        }
        body = self._identity() | {"kind": kind, "customer_no": CUSTOMER, "lines": [line]}
        return await self.carry_out(await self._with_money("create", "/customer-orders", body, {}))

    async def act(self, kind: str, order: Mapping[str, Any], body: Mapping[str, Any]) -> Sent:
        """An act on an order as it is to be sent, with the money that its rehearsal asks for."""
        path = f"/customer-orders/{order['confirmation_no']}/{kind}"
        headers = {"If-Match": f'"{order["version"]}"'}
        return await self._with_money(kind, path, {**self._identity(), **body}, headers)

    async def done(self, kind: str, order: Mapping[str, Any], body: Mapping[str, Any]) -> dict[str, Any]:
        """An act on an order, carried out."""
        return await self.carry_out(await self.act(kind, order, body))

    async def blind_return(self) -> Sent:
        """A return without an order, which the manager has approved."""
        line = {
            "item_no": ITEM,
            "quantity": "1",
            "unit_price": "10.00",
            "tax_pct": "19",
            "reason_code": "OLD",
        }
        refunds = [{"method": "cash", "amount": "11.90"}]
        body = self._identity() | {"lines": [line], "refunds": refunds}
        asked: dict[str, Any] = {
            "operation": "blind_return",
            "amount": "11.90",
            "reason": "known",
            "approver": MANAGER,
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
            "business_date": _today(),
            "sequence": next(self.sequences),
        }
        return {"transaction": transaction, "occurred_at": datetime.now(UTC).isoformat()}


def _sent(kind: str, path: str, body: Mapping[str, Any], headers: Mapping[str, str]) -> Sent:
    return Sent(kind, path, body, {**headers, "Idempotency-Key": str(uuid4())})


def _today() -> str:
    return datetime.now(UTC).date().isoformat()


@asynccontextmanager
async def patient_tills(stack: LocalStack, koppel: Koppel) -> AsyncIterator[tuple[PatientTill, PatientTill]]:
    """A till whose store waits for sales, and one whose store does not. Jobs run by hand as long as they play."""
    await _set_up(koppel)
    await _run_jobs_every(koppel, 0)
    try:
        # A client that has seen nothing else: with `Koppel-After` it would wait for workers that are dead.
        async with Koppel({service: stack.url(service) for service in SERVICES}, stack.token()) as stranger:
            waiting, queuing = [await _open(stranger, no) for no in (WAITING_STORE, QUEUING_STORE)]
            yield waiting, queuing
    finally:
        # Where a test failed, a server may still be down: its own failure is the one to show.
        with suppress(httpx.TransportError):
            await _run_jobs_every(koppel, 5)


async def _run_jobs_every(koppel: Koppel, seconds: int) -> None:
    await koppel.pos.put("/pull-jobs/P-0001", {"interval_s": str(seconds)})
    await koppel.sales.put("/sales-setup", {"synchronization_interval_s": str(seconds)})


async def _set_up(koppel: Koppel) -> None:
    await koppel.planning.put(f"/locations/{LOCATION}", {"name": "Shop of the killed"})
    await koppel.planning.put(
        f"/items/{ITEM}", {"description": "Rope", "unit_price": "10.00", "tax_pct": "19"}
    )
    opening = {"item_no": ITEM, "location_code": LOCATION, "quantity": str(STOCK), "reason": "opening"}
    await koppel.planning.post("/item-journal", {"lines": [opening]})
    await koppel.sales.put("/charge-codes/CANCEL", {"description": "Cancellation", "tax_pct": "19"})
    await koppel.sales.put(f"/customers/{CUSTOMER}", {"name": "Anna Berg", "customer_type": "person"})
    parameters = {
        "default_deposit_pct": "10",
        "cancellation_charge_pct": "5",
        "cancellation_charge_code": "CANCEL",
        "shipping_charge_code": "SHIPPING",
    }
    await koppel.pos.put("/commerce-parameters", parameters)
    manager = {"name": "Lea", "role": "manager", "pin": MANAGER["pin"]}
    await koppel.pos.put(f"/workers/{MANAGER['worker_id']}", manager)


async def _open(koppel: Koppel, store_no: str) -> PatientTill:
    profile = {"create_customer_order_in_async_mode": store_no == QUEUING_STORE}
    await koppel.pos.put(f"/functionality-profiles/{store_no}", profile)
    store = {
        "name": store_no,
        "time_zone": "Europe/Berlin",
        "currency_code": "EUR",
        "location_code": LOCATION,
        "profile_id": store_no,
    }
    await koppel.pos.put(f"/stores/{store_no}", store)
    permissions = ["create_order", "create_quote", "edit_order", "recall", "pickup_lines"]
    worker_id = f"KIM-{store_no}"
    worker = {"name": "Kim", "permissions": permissions, "store_nos": [store_no], "pin": "4711"}
    await koppel.pos.put(f"/workers/{worker_id}", worker)
    return PatientTill(
        await sign_on(koppel, store_no=store_no, terminal_no=f"{store_no}-1", worker_id=worker_id)
    )
