"""A gateway in this process on a database of its own, and a shop with a till in it."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, ClassVar

import httpx

from contracts.planning.masters import Item, ItemUnit, Location
from contracts.planning.stock import StockLevel
from contracts.sales.masters import ChargeCode, Customer, PurchasingCode, ShipToAddress
from pos_gateway.settings import GatewaySettings
from tests.support.service import ServiceUnderTest

BUSINESS_DATE = "2026-03-02"
WANTED_DATE = "2026-03-12"
PIN = "4711"
BOXES = (ItemUnit(code="BOX", qty_per=Decimal(10)),)
ALL_PERMISSIONS = [
    "create_order",
    "create_quote",
    "edit_order",
    "edit_quote",
    "recalculate",
    "ship_lines",
    "pickup_lines",
    "deposit_override",
    "recall",
    "change_quote_expiry",
]
LOCATIONS = ("NORTH", "SHOP1", "SHOP2", "SHOP3")


@dataclass(kw_only=True, repr=False)
class Gateway(ServiceUnderTest):
    """The gateway; its usual token is an administrator's."""

    SCOPES: ClassVar[str] = "pos:manage"

    sequence: itertools.count[int] = field(default_factory=lambda: itertools.count(1))
    """Of transactions."""

    @property
    def settings(self) -> GatewaySettings:
        assert isinstance(self.service.settings, GatewaySettings)
        return self.service.settings


@dataclass
class Till:
    """A terminal of a store with a worker signed on."""

    gateway: Gateway
    store_no: str
    terminal_no: str
    terminal_token: str
    token: str
    secret: str

    def order(self, **changes: Any) -> dict[str, Any]:
        """An order that can be taken: one piece to pick up at the store, no deposit asked."""
        body: dict[str, Any] = {
            "transaction": {
                "store_no": self.store_no,
                "terminal_no": self.terminal_no,
                "business_date": BUSINESS_DATE,
                "sequence": next(self.gateway.sequence),
            },
            "customer_no": "C100",
            "occurred_at": "2026-03-02T10:14:58+01:00",
            "lines": [line(store_no=self.store_no)],
        }
        return body | changes

    async def submit(self, body: Any, key: str | None = None) -> httpx.Response:
        """Ask for a customer order."""
        return await self.gateway.send("POST", "/customer-orders", body, token=self.token, key=key)

    async def dry_run(self, body: Any) -> httpx.Response:
        return await self.gateway.send(
            "POST", "/customer-orders", body, token=self.token, key="", params={"dry_run": "true"}
        )

    def act(self, **changes: Any) -> dict[str, Any]:
        """What every act says: a transaction of its own."""
        body = {"transaction": self.order()["transaction"], "occurred_at": "2026-03-12T10:00:00+01:00"}
        return body | changes

    async def carry_out(
        self,
        operation: str,
        confirmation_no: str,
        body: Any,
        *,
        version: int | None = 1,
        key: str | None = None,
    ) -> httpx.Response:
        """An act on the version of the order that was shown; None: without If-Match."""
        return await self.gateway.send(
            "POST",
            f"/customer-orders/{confirmation_no}/{operation}",
            body,
            token=self.token,
            key=key,
            headers={} if version is None else {"If-Match": f'"{version}"'},
        )

    async def rehearse(self, operation: str, confirmation_no: str, body: Any) -> httpx.Response:
        """What an act would come to."""
        path = f"/customer-orders/{confirmation_no}/{operation}"
        return await self.gateway.send(
            "POST", path, body, token=self.token, key="", params={"dry_run": "true"}
        )

    async def show(self, confirmation_no: str) -> dict[str, Any]:
        order = await self.gateway.get(f"/customer-orders/{confirmation_no}", token=self.token)
        return dict(order)


def line(mode: str = "pickup", store_no: str = "S1", **changes: Any) -> dict[str, Any]:
    """A line of item 1000 at 100.00 without tax."""
    fulfilment: dict[str, Any] = {"mode": mode, "date": WANTED_DATE}
    if mode == "pickup":
        fulfilment["store_no"] = store_no
    if mode == "ship":
        fulfilment |= {"address_code": "HOME", "delivery_mode": "PARCEL"}
    body = {
        "item_no": "1000",
        "quantity": "1",
        "unit_price": "100.00",
        "tax_pct": "0",
        "fulfilment": fulfilment,
    }
    return body | changes


CUSTOMERS = (
    Customer(
        version=1, no="C100", name="Anna Berg", address="Seeweg 4", city="Konstanz", customer_type="person"
    ),
    Customer(version=1, no="C200", name="No Address", customer_type="person"),
    Customer(version=1, no="C300", name="Rowing Club", city="Ribe", customer_type="company"),
    Customer(version=1, no="C900", name="Blocked", city="Ribe", blocked="all", customer_type="person"),
)
ITEMS = (
    Item(version=1, no="1000", description="Rope", vendor_no="V1", lead_time_days=3, units_of_measure=BOXES),
    Item(version=1, no="1100", description="Compass"),
    Item(version=1, no="1200", description="Kayak", base_unit_of_measure="KG"),
    Item(version=1, no="1900", description="Recalled", sales_blocked=True),
)
HOME = ShipToAddress(version=1, customer_no="C100", code="HOME", name="Anna Berg", city="Bregenz")
STOCK = StockLevel(version=1, item_no="1000", location_code="SHOP1", stock=Decimal(7), allocated=Decimal(2))


async def supply_copies(gateway: Gateway) -> None:
    """What sales and planning would have published."""
    await gateway.deliver(
        *(("customer", customer.no, customer) for customer in CUSTOMERS),
        *(("item", item.no, item) for item in ITEMS),
        *(("location", code, Location(version=1, code=code)) for code in LOCATIONS),
        ("ship-to-address", "C100/HOME", HOME),
        ("purchasing-code", "SPECIAL", PurchasingCode(version=1, code="SPECIAL", special_order=True)),
        ("charge-code", "SHIPPING", ChargeCode(version=1, code="SHIPPING", tax_pct=Decimal(0))),
        ("charge-code", "CANCEL", ChargeCode(version=1, code="CANCEL")),
        ("stock", "1000/SHOP1", STOCK),
    )


async def open_shop(
    gateway: Gateway, *, asynchronous: bool = True, store_no: str = "S1", **profile: Any
) -> Till:
    """A store with a terminal and a worker, over the API."""
    profile_id = f"P-{store_no}"
    settings = {"create_customer_order_in_async_mode": asynchronous} | profile
    await gateway.put(f"/functionality-profiles/{profile_id}", settings)
    store = {
        "name": "Harbour Shop",
        "time_zone": "Europe/Berlin",
        "currency_code": "EUR",
        "location_code": store_no.replace("S", "SHOP"),
        "profile_id": profile_id,
        "fulfilment_group": ["NORTH", "SHOP2"],
    }
    await gateway.put(f"/stores/{store_no}", store)
    worker = {"name": "Kim", "permissions": ALL_PERMISSIONS, "store_nos": [store_no], "pin": PIN}
    await gateway.put(f"/workers/W-{store_no}", worker)
    return await sign_on(gateway, store_no=store_no)


async def sign_on(gateway: Gateway, *, store_no: str = "S1", number: int = 1) -> Till:
    """A terminal with its worker signed on."""
    terminal_no = f"{store_no}-{number}"
    made = await gateway.post(f"/stores/{store_no}/terminals", {"no": terminal_no}, expect=201)
    secret = {"terminal_no": terminal_no, "secret": made["secret"]}
    terminal = await gateway.post("/terminals/token", secret, expect=200, token="", key="")
    token = terminal["access_token"]
    worker = {"worker_id": f"W-{store_no}", "pin": PIN}
    session = await gateway.post("/sessions", worker, expect=201, token=token, key="")
    return Till(gateway, store_no, terminal_no, token, session["access_token"], made["secret"])


async def sold(till: Till, quantity: str = "3", **changes: Any) -> str:
    """An order of some pieces at 100.00 to pick up here."""
    answer = await till.submit(till.order(lines=[line(quantity=quantity, store_no=till.store_no)], **changes))
    assert answer.is_success, answer.text
    return str(answer.json()["confirmation_no"])


def picking(till: Till, quantity: str = "1", paid: str = "100.00", **changes: Any) -> dict[str, Any]:
    """A pick-up of some pieces, paid in cash."""
    payments = [{"method": "cash", "amount": paid}] if paid else []
    return till.act(lines=[{"line_no": 10000, "quantity": quantity}], payments=payments, **changes)


def needs_approval(answer: httpx.Response) -> list[tuple[str, str, bool]]:
    """The overrides of an answer with their amounts, and whether a manager must still approve them."""
    return [
        (each["operation"], each.get("to_amount") or each["amount"], each.get("approval_required", False))
        for each in answer.json()["overrides"]
    ]


async def set_parameters(gateway: Gateway, **parameters: Any) -> None:
    await gateway.put("/commerce-parameters", parameters)
