"""Shops that a test has to itself: customer, goods, stores and signed-on tills."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any

import httpx

from deploy.local import LocalStack
from deploy.local.client import Koppel
from deploy.local.demo.sample import sign_on
from tests.reliability.patient_tills import PatientTill
from tests.reliability.repeated_requests import a_client

STOCK = 1000
PERMISSIONS = ("create_order", "create_quote", "edit_order", "recall", "pickup_lines", "ship_lines")


@dataclass(frozen=True)
class Shop:
    """The numbers of its records: `rope` lies in stock, `compass` is a special order, `kayak` a drop shipment."""

    name: str

    @property
    def customer_no(self) -> str:
        return f"C-{self.name}"

    @property
    def rope(self) -> str:
        return f"ROPE-{self.name}"

    @property
    def compass(self) -> str:
        return f"COMPASS-{self.name}"

    @property
    def kayak(self) -> str:
        return f"KAYAK-{self.name}"

    @property
    def manager(self) -> dict[str, str]:
        """Who approves."""
        return {"worker_id": f"MANAGER-{self.name}", "pin": "9315"}

    @property
    def items(self) -> Mapping[str, dict[str, Any]]:
        """What planning knows of its goods."""
        return {
            self.rope: {"description": "Rope", "unit_price": "10.00"},
            self.compass: {"description": "Compass", "vendor_no": "V10", "unit_cost": "8.00"},
            self.kayak: {"description": "Kayak", "vendor_no": "V20", "unit_cost": "60.00"},
        }


@asynccontextmanager
async def patient_tills(
    stack: LocalStack, koppel: Koppel, shop: Shop
) -> AsyncIterator[tuple[PatientTill, PatientTill]]:
    """A till whose store waits for sales, and one whose store does not. Jobs run by hand as long as they play."""
    await _set_up(koppel, shop)
    await _run_jobs_every(koppel, 0)
    try:
        async with a_client(stack) as stranger:
            waiting = await _open(stranger, shop, f"{shop.name}-1", queues=False)
            yield waiting, await _open(stranger, shop, f"{shop.name}-2", queues=True)
    finally:
        # Where a test failed, a server may still be down: its own failure is the one to show.
        with suppress(httpx.TransportError):
            await _run_jobs_every(koppel, 5)


async def _run_jobs_every(koppel: Koppel, seconds: int) -> None:
    await koppel.pos.put("/pull-jobs/P-0001", {"interval_s": str(seconds)})
    await koppel.sales.put("/sales-setup", {"synchronization_interval_s": str(seconds)})


async def _set_up(koppel: Koppel, shop: Shop) -> None:
    await koppel.planning.put(f"/locations/{shop.name}", {"name": f"Shop {shop.name}"})
    for no, item in shop.items.items():
        await koppel.planning.put(f"/items/{no}", item | {"tax_pct": "19"})
    opening = {
        "item_no": shop.rope,
        "location_code": shop.name,
        "quantity": str(STOCK),
        "reason": "opening",
    }
    await koppel.planning.post("/item-journal", {"lines": [opening]})
    await koppel.sales.put("/charge-codes/CANCEL", {"description": "Cancellation", "tax_pct": "19"})
    customer = {"name": "Anna Berg", "customer_type": "person"}
    await koppel.sales.put(f"/customers/{shop.customer_no}", customer)
    parameters = {
        "default_deposit_pct": "10",
        "cancellation_charge_pct": "5",
        "cancellation_charge_code": "CANCEL",
        "shipping_charge_code": "SHIPPING",
    }
    await koppel.pos.put("/commerce-parameters", parameters)
    manager = {"name": "Lea", "role": "manager", "pin": shop.manager["pin"]}
    await koppel.pos.put(f"/workers/{shop.manager['worker_id']}", manager)


async def _open(koppel: Koppel, shop: Shop, store_no: str, *, queues: bool) -> PatientTill:
    profile = {"create_customer_order_in_async_mode": queues}
    await koppel.pos.put(f"/functionality-profiles/{store_no}", profile)
    store = {
        "name": store_no,
        "time_zone": "Europe/Berlin",
        "currency_code": "EUR",
        "location_code": shop.name,
        "profile_id": store_no,
    }
    await koppel.pos.put(f"/stores/{store_no}", store)
    worker_id = f"KIM-{store_no}"
    worker = {"name": "Kim", "permissions": list(PERMISSIONS), "store_nos": [store_no], "pin": "4711"}
    await koppel.pos.put(f"/workers/{worker_id}", worker)
    terminal_no = f"{store_no}-1"
    till = await sign_on(koppel, store_no=store_no, terminal_no=terminal_no, worker_id=worker_id)
    return PatientTill(till, shop.customer_no)
