"""Values that the rules are tried on: a store in euros, a person, some items."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec

from contracts.planning import Item
from contracts.refusals import Refusal
from contracts.sales import ChargeCode, Customer, PurchasingCode
from pos_gateway.domain.case import Occasion, Place
from pos_gateway.domain.configuration import CommerceParameters, FunctionalityProfile, Store, Worker
from pos_gateway.domain.create_order import decide_order
from pos_gateway.domain.known import Known
from pos_gateway.domain.new_order import NewOrder
from pos_gateway.domain.order import CustomerOrder, Mode

NOW = datetime(2026, 3, 2, 9, 15, tzinfo=UTC)
TODAY = date(2026, 3, 2)
STORE = Store(
    no="S1",
    time_zone="Europe/Berlin",
    currency_code="EUR",
    location_code="SHOP1",
    fulfilment_group=("NORTH", "SHOP2"),
)
OTHER = Store(no="S2", time_zone="Europe/Berlin", currency_code="EUR", location_code="SHOP2")
FAR = Store(no="S3", time_zone="Europe/Berlin", currency_code="EUR", location_code="SHOP3")
WORKER = Worker(id="W1", permissions=("create_order", "deposit_override"))
KNOWN = Known(
    customers={
        "C1": Customer(version=1, no="C1", name="Anna", city="Ulm", customer_type="person"),
        "C2": Customer(version=1, no="C2", name="Club", city="Ulm", customer_type="company"),
    },
    items={no: Item(version=1, no=no, base_unit_of_measure="KG") for no in ("1000", "1100")},
    purchasing_codes={"SPECIAL": PurchasingCode(version=1, code="SPECIAL", special_order=True)},
    charge_codes={"SHIP": ChargeCode(version=1, code="SHIP", tax_pct=Decimal(19))},
)
PARAMETERS = CommerceParameters(shipping_charge_code="SHIP")
OCCASION = Occasion(
    received_at=NOW,
    transaction_id=UUID(int=1),
    customer_id=UUID(int=2),
    issued_no="K-1",
    pickup_code="123456",
)
FULFILMENT = {
    "pickup": {"mode": "pickup", "store_no": "S1"},
    "ship": {"mode": "ship"},
    "carry_out": {"mode": "carry_out"},
}


def line(mode: str = "pickup", price: str = "100.00", **changes: Any) -> dict[str, Any]:
    body = {"item_no": "1000", "quantity": "1", "unit_price": price, "fulfilment": FULFILMENT[mode]}
    return body | changes


def wish(*lines: Mapping[str, Any], **changes: Any) -> NewOrder:
    """What a till sends, as it is decoded."""
    body: dict[str, Any] = {
        "transaction": {"store_no": "S1", "terminal_no": "T1", "business_date": TODAY, "sequence": 1},
        "occurred_at": NOW,
        "customer_no": "C1",
        "lines": list(lines),
    }
    return msgspec.convert(body | changes, NewOrder)


def place(mode: Mode = "asynchronous", card_required: bool = False, **parameters: Any) -> Place:  # noqa: FBT001, FBT002
    return Place(
        store=STORE,
        stores={s.no: s for s in (STORE, OTHER, FAR)},
        profile=FunctionalityProfile(
            require_payment_for_fulfilment="card_required" if card_required else "optional"
        ),
        parameters=msgspec.structs.replace(PARAMETERS, **parameters),
        worker=WORKER,
        version=7,
        mode=mode,
    )


def decide(new: NewOrder, at: Place | None = None, occasion: Occasion = OCCASION) -> CustomerOrder:
    return decide_order(new, at or place(), KNOWN, occasion)


def refused(new: NewOrder, at: Place | None = None) -> Refusal:
    """The refusal, which must come."""
    try:
        decide(new, at)
    except Refusal as refusal:
        return refusal
    raise AssertionError("the order was taken")


def reasons(refusal: Refusal) -> list[tuple[str, str]]:
    return [(v.code, v.pointer) for v in refusal.violations]


def rehearse(*lines: Mapping[str, Any], at: Place | None = None, **changes: Any) -> CustomerOrder:
    """The order without a word about money."""
    return decide(wish(*lines, **changes), at, msgspec.structs.replace(OCCASION, dry_run=True))
