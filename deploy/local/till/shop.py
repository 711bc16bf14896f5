"""The sample shop that a first `make till` opens, with the permissions that its worker needs for every act."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from deploy.local.client import Koppel
from deploy.local.demo.sample import load_company
from deploy.local.till.state import TillState

STORE: Final = "TILL1"
TERMINAL: Final = "TILL1-1"
WORKER: Final = "ROB"
PIN: Final = "7204"
CURRENCY: Final = "EUR"
PERMISSIONS: Final = ("create_order", "ship_lines", "pickup_lines", "edit_order", "recall")


async def open_sample_shop(koppel: Koppel) -> TillState:
    """The demo's company, a store, a worker and a terminal; of a company that is set up nothing is changed."""
    await load_company(koppel)
    await koppel.sales.put("/charge-codes/CANCEL", {"description": "Cancellation", "tax_pct": "19"})
    await koppel.pos.put(
        "/commerce-parameters",
        {
            "default_deposit_pct": "10",
            "cancellation_charge_pct": "5",
            "cancellation_charge_code": "CANCEL",
            "shipping_charge_code": "SHIPPING",
        },
    )
    await koppel.pos.put("/functionality-profiles/TILL", {"create_customer_order_in_async_mode": True})
    await koppel.pos.put(
        f"/stores/{STORE}",
        {
            "name": "Harbour Shop",
            "time_zone": "Europe/Berlin",
            "currency_code": CURRENCY,
            "location_code": "SHOP1",
            "profile_id": "TILL",
            "fulfilment_group": ["NORTH", "SHOP1"],
        },
    )
    await koppel.pos.put(
        f"/workers/{WORKER}",
        {"name": "Rob Visser", "permissions": PERMISSIONS, "store_nos": [STORE], "pin": PIN},
    )
    terminal = await koppel.pos.post(f"/stores/{STORE}/terminals", {"no": TERMINAL})
    return TillState(
        store_no=STORE,
        terminal_no=TERMINAL,
        secret=terminal["secret"],
        currency_code=CURRENCY,
        business_date=datetime.now(UTC).date(),
    )
