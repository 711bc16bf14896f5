"""The company of the benchmark, set up through the HTTP APIs, and its tills with a worker signed on."""

from __future__ import annotations

import asyncio
from typing import Any, Final

from deploy.local.client import Api, Koppel
from tests.performance.load import Till
from tests.performance.orders import CUSTOMERS, SAMPLES, STORE

WAITING_STORE: Final = "S2"
"""Creates its orders synchronously (W5)."""
WAITING_TILLS: Final = 8
LOCATION: Final = SAMPLES.sales_order.location_code
CURRENCY: Final = SAMPLES.sales_order.currency_code
PIN: Final = "2718"
STOCK: Final = "10000000"

ADDRESS: Final = {"address": "Vesterbrogade 12", "city": "Odense", "post_code": "5000", "country_code": "DK"}
VENDORS: Final = tuple(order.vendor_no for order in SAMPLES.purchase_orders)
CODES: Final = {
    "SPECORDER": {"description": "Special order", "special_order": True},
    "DROPSHIP": {"description": "Drop shipment", "drop_shipment": True},
}


async def set_up(koppel: Koppel, *, tills: int) -> list[Till]:
    """Master data, stock, the store and its tills."""
    await koppel.sales.put(
        "/company",
        {"name": "Benchmark", "currency_code": CURRENCY, "time_zone": "Europe/Copenhagen", **ADDRESS},
    )
    await koppel.planning.put(f"/locations/{LOCATION}", {"name": "Warehouse", **ADDRESS})
    await _each(koppel.sales, "/purchasing-codes/{}", CODES)
    await _each(koppel.purchasing, "/vendors/{}", {no: _vendor(no) for no in VENDORS})
    await _each(koppel.planning, "/items/{}", _items())
    for line in (order.lines[0] for order in SAMPLES.purchase_orders):
        vendor = VENDORS[line.link is not None and line.link.kind == "drop_shipment"]
        cost = {"vendor_item_no": line.vendor_item_no, "direct_unit_cost": str(line.direct_unit_cost)}
        await koppel.purchasing.put(f"/vendors/{vendor}/items/{line.item_no}", cost)
    customer = {"name": "Brigitte Holm", "customer_type": "person", "currency_code": CURRENCY, **ADDRESS}
    await _each(koppel.sales, "/customers/{}", dict.fromkeys(CUSTOMERS, customer))
    await _stock(koppel)
    await koppel.pos.put("/commerce-parameters", {"default_deposit_pct": "10"})
    return await open_store(koppel, STORE, tills, asynchronous=True)


async def run_jobs_every(koppel: Koppel, interval_s: str) -> None:
    """Pull job and synchronization; "0": by hand only."""
    await koppel.pos.put("/pull-jobs/P-0001", {"interval_s": interval_s})
    await koppel.sales.put("/sales-setup", {"synchronization_interval_s": interval_s})


def _vendor(no: str) -> dict[str, Any]:
    return {"name": f"Vendor {no}", "currency_code": CURRENCY, "lead_time_days": 5, **ADDRESS}


def _items() -> dict[str, dict[str, Any]]:
    """The stocked item has no vendor; the others are bought of the vendors of the sample orders."""
    vendors = {order.lines[0].item_no: order.vendor_no for order in SAMPLES.purchase_orders}
    return {
        line.item_no: {
            "description": line.description,
            "base_unit_of_measure": "PCS",
            "unit_price": str(line.unit_price),
            "tax_pct": str(line.tax_pct),
            "vendor_no": vendors.get(line.item_no, ""),
        }
        for line in SAMPLES.sales_order.lines
    }


async def _stock(koppel: Koppel) -> None:
    line = {"item_no": SAMPLES.sales_order.lines[0].item_no, "location_code": LOCATION, "quantity": STOCK}
    await koppel.planning.post("/item-journal", {"lines": [{**line, "reason": "opening stock"}]})


async def open_store(koppel: Koppel, store_no: str, tills: int, *, asynchronous: bool) -> list[Till]:
    """A store with a profile of its own and its tills, each with the worker signed on."""
    pos = koppel.pos
    profile, worker = f"OF-{store_no}", f"W-{store_no}"
    await pos.put(f"/functionality-profiles/{profile}", {"create_customer_order_in_async_mode": asynchronous})
    await pos.put(
        f"/stores/{store_no}",
        {
            "name": "Odense",
            "time_zone": "Europe/Copenhagen",
            "currency_code": CURRENCY,
            "location_code": LOCATION,
            "profile_id": profile,
            "fulfilment_group": [LOCATION],
        },
    )
    await pos.put(
        f"/workers/{worker}",
        {
            "name": "Lone",
            "role": "associate",
            "permissions": ["create_order", "ship_lines"],
            "pin": PIN,
        },
    )
    return [await _sign_on(koppel, store_no, f"{store_no}-{n:04}") for n in range(1, tills + 1)]


async def _sign_on(koppel: Koppel, store_no: str, terminal_no: str) -> Till:
    terminal = await koppel.pos.post(f"/stores/{store_no}/terminals", {"no": terminal_no})
    secret = {"terminal_no": terminal_no, "secret": terminal["secret"]}
    token = await koppel.pos.post("/terminals/token", secret)
    session = await koppel.till(token["access_token"]).post(
        "/sessions", {"worker_id": f"W-{store_no}", "pin": PIN}
    )
    return Till(terminal_no, session["access_token"], store_no)


async def _each(api: Api, path: str, bodies: dict[str, dict[str, Any]]) -> None:
    await asyncio.gather(*(api.put(path.format(no), body) for no, body in bodies.items()))
