"""The sample company of the demo: a small outfitter with one warehouse, one shop and three vendors."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

from deploy.local.client import Api, Koppel

COMPANY: dict[str, Any] = {
    "name": "Northsea Outfitters",
    "address": "Kai 1",
    "city": "Hamburg",
    "post_code": "20457",
    "country_code": "DE",
    "currency_code": "EUR",
    "time_zone": "Europe/Berlin",
}
LOCATIONS: dict[str, dict[str, Any]] = {
    "NORTH": {"name": "Warehouse North", "address": "Dock 3", "city": "Hamburg", "post_code": "20457"},
    "SHOP1": {"name": "Harbour Shop", "address": "Kai 1", "city": "Hamburg", "post_code": "20457"},
}
PURCHASING_CODES: dict[str, dict[str, Any]] = {
    "SPECIAL": {"description": "Special order", "special_order": True},
    "DROP": {"description": "Drop shipment", "drop_shipment": True},
}
VENDORS: dict[str, dict[str, Any]] = {
    "V10": {"name": "Compass Works", "city": "Sheffield", "country_code": "GB", "lead_time_days": 5},
    "V20": {"name": "Kayak Yard", "city": "Bergen", "country_code": "NO", "lead_time_days": 10},
    "V30": {"name": "Tent Makers", "city": "Aarhus", "country_code": "DK", "lead_time_days": 3},
}
ITEMS: dict[str, dict[str, Any]] = {
    "1000": {"description": "Rope 20 m", "unit_price": "12.50", "unit_cost": "6.00", "vendor_no": "V30"},
    "1100": {
        "description": "Brass compass",
        "unit_price": "149.00",
        "unit_cost": "80.00",
        "vendor_no": "V10",
        "purchasing_code": "SPECIAL",
    },
    "1200": {
        "description": "Kayak",
        "unit_price": "899.00",
        "unit_cost": "610.00",
        "vendor_no": "V20",
        "purchasing_code": "DROP",
    },
    "1300": {
        "description": "Expedition tent",
        "unit_price": "479.00",
        "unit_cost": "300.00",
        "vendor_no": "V30",
        "purchasing_code": "SPECIAL",
    },
}
CATALOGUE = {
    ("V10", "1100"): "80.00",
    ("V20", "1200"): "610.00",
    ("V30", "1300"): "300.00",
    ("V30", "1000"): "6.00",
}
CUSTOMERS: dict[str, dict[str, Any]] = {
    "C100": {
        "name": "Anna Berg",
        "address": "Seeweg 4",
        "city": "Konstanz",
        "post_code": "78462",
        "country_code": "DE",
        "customer_type": "person",
    },
    "C200": {
        "name": "Ribe Rowing Club",
        "address": "Havnen 12",
        "city": "Ribe",
        "post_code": "6760",
        "country_code": "DK",
    },
}


@dataclass(frozen=True, slots=True)
class Till:
    """A till with a worker signed on."""

    api: Api
    store_no: str
    terminal_no: str


HOME: dict[str, Any] = {
    "name": "Anna Berg",
    "address": "Seeweg 4",
    "city": "Konstanz",
    "post_code": "78462",
    "country_code": "DE",
}
"""Where C100 has goods shipped to."""


async def load_company(koppel: Koppel) -> None:
    """Company, locations, codes, vendors, items, catalogue and customers."""
    await koppel.sales.put("/company", COMPANY)
    await _each(koppel.planning, "/locations/{}", LOCATIONS)
    await _each(koppel.sales, "/purchasing-codes/{}", PURCHASING_CODES)
    await koppel.sales.put(
        "/charge-codes/SHIPPING", {"description": "Shipping", "tax_pct": "19", "refundable": True}
    )
    await _each(
        koppel.purchasing, "/vendors/{}", {no: v | {"currency_code": "EUR"} for no, v in VENDORS.items()}
    )
    await _each(koppel.planning, "/items/{}", {no: i | {"tax_pct": "19"} for no, i in ITEMS.items()})
    await asyncio.gather(
        *(
            koppel.purchasing.put(f"/vendors/{vendor}/items/{item}", {"direct_unit_cost": cost})
            for (vendor, item), cost in CATALOGUE.items()
        )
    )
    await _each(
        koppel.sales, "/customers/{}", {no: c | {"currency_code": "EUR"} for no, c in CUSTOMERS.items()}
    )
    await koppel.sales.put("/customers/C100/ship-to-addresses/HOME", HOME)
    await koppel.planning.post(
        "/item-journal",
        {
            "lines": [
                {"item_no": "1000", "location_code": code, "quantity": "500", "reason": "opening stock"}
                for code in LOCATIONS
            ]
        },
    )


async def open_shop(koppel: Koppel, *, store_no: str, asynchronous: bool) -> Till:
    """A store of its own profile with one till and one signed-on worker."""
    profile = "ASYNC" if asynchronous else "SYNC"
    await koppel.pos.put(
        "/commerce-parameters", {"default_deposit_pct": "10", "shipping_charge_code": "SHIPPING"}
    )
    await koppel.pos.put(
        f"/functionality-profiles/{profile}", {"create_customer_order_in_async_mode": asynchronous}
    )
    await koppel.pos.put(
        f"/stores/{store_no}",
        {
            "name": f"Harbour Shop {store_no}",
            "time_zone": "Europe/Berlin",
            "currency_code": "EUR",
            "location_code": "SHOP1",
            "profile_id": profile,
            "fulfilment_group": ["NORTH", "SHOP1"],
        },
    )
    worker = f"W-{store_no}"
    await koppel.pos.put(
        f"/workers/{worker}",
        {
            "name": "Kim",
            "role": "associate",
            "permissions": [
                "create_order",
                "create_quote",
                "edit_order",
                "recall",
                "ship_lines",
                "pickup_lines",
            ],
            "store_nos": [store_no],
            "pin": "4711",
        },
    )
    return await sign_on(koppel, store_no=store_no, terminal_no=f"{store_no}-1", worker_id=worker)


async def sign_on(koppel: Koppel, *, store_no: str, terminal_no: str, worker_id: str) -> Till:
    """A new terminal of the store, with its secret traded for a token and the worker signed on."""
    terminal = await koppel.pos.post(f"/stores/{store_no}/terminals", {"no": terminal_no})
    token = await koppel.pos.post(
        "/terminals/token", {"terminal_no": terminal_no, "secret": terminal["secret"]}
    )
    session = await koppel.till(token["access_token"]).post(
        "/sessions", {"worker_id": worker_id, "pin": "4711"}
    )
    return Till(koppel.till(session["access_token"]), store_no, terminal_no)


async def _each(api: Api, path: str, bodies: dict[str, dict[str, Any]]) -> None:
    await asyncio.gather(*(api.put(path.format(no), body) for no, body in bodies.items()))
