"""Values that the rules are tried on: a store in euros, a person, some items."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, TypedDict, TypeVar, Unpack
from uuid import UUID

import msgspec

from contracts.planning.masters import Item
from contracts.refusals import Refusal, Violations
from contracts.sales.masters import ChargeCode, Customer, PurchasingCode
from domainkit.references import ReferenceData
from httpkit.reader import read
from pos_gateway.domain.acts.commands import NewAct
from pos_gateway.domain.acts.context import ActContext
from pos_gateway.domain.approvals.approval import Approval
from pos_gateway.domain.approvals.using import GivenApprovals
from pos_gateway.domain.orders.commands import NewOrder
from pos_gateway.domain.orders.context import OrderContext, TillCustomer, TillSettings
from pos_gateway.domain.orders.create_order import decide_order
from pos_gateway.domain.orders.order import CustomerOrder
from pos_gateway.domain.orders.stage import Stage
from pos_gateway.domain.setup.configuration import Mode
from pos_gateway.domain.setup.records import (
    CommerceParameters,
    FunctionalityProfile,
    RefundTender,
    Store,
    Worker,
)

A = TypeVar("A", bound=NewAct)
NOW = datetime(2026, 3, 2, 9, 15, tzinfo=UTC)
TODAY = date(2026, 3, 2)
PENDING = Stage(status="pending", received_at=NOW, updated_at=NOW)
STORE = Store(
    no="S1",
    time_zone="Europe/Berlin",
    currency_code="EUR",
    location_code="SHOP1",
    fulfilment_group=("NORTH", "SHOP2"),
)
OTHER = Store(no="S2", time_zone="Europe/Berlin", currency_code="EUR", location_code="SHOP2")
FAR = Store(no="S3", time_zone="Europe/Berlin", currency_code="EUR", location_code="SHOP3")
WORKER = Worker(
    id="W1", permissions=("create_order", "create_quote", "ship_lines", "pickup_lines", "deposit_override")
)
PERSON = Customer(version=1, no="C1", name="Anna", city="Ulm", customer_type="person")
COMPANY = Customer(version=1, no="C2", name="Club", city="Ulm", customer_type="company")
FOUND: Mapping[type[Any], Mapping[str, Any]] = {
    Customer: {"C1": PERSON, "C2": COMPANY},
    Item: {no: Item(version=1, no=no, base_unit_of_measure="KG", vendor_no="V1") for no in ("1000", "1100")},
    PurchasingCode: {"SPECIAL": PurchasingCode(version=1, code="SPECIAL", special_order=True)},
    ChargeCode: {
        "SHIP": ChargeCode(version=1, code="SHIP", tax_pct=Decimal(19)),
        "CANCEL": ChargeCode(version=1, code="CANCEL", tax_pct=Decimal(19)),
    },
}
PARAMETERS = CommerceParameters(shipping_charge_code="SHIP", cancellation_charge_code="CANCEL")
CUSTOMER_ID, TRANSACTION_ID = UUID(int=2), UUID(int=1)
SHIP = {
    "mode": "ship",
    "address": {"address": "Am Wall 1", "city": "Ulm"},
    "date": "2026-03-12",
    "delivery_mode": "PARCEL",
}
FULFILMENT = {
    "pickup": {"mode": "pickup", "store_no": "S1"},
    "ship": SHIP,
    "carry_out": {"mode": "carry_out"},
}


def line(mode: str = "pickup", price: str = "100.00", **changes: Any) -> dict[str, Any]:
    body = {"item_no": "1000", "quantity": "1", "unit_price": price, "fulfilment": FULFILMENT[mode]}
    return body | changes


def new_order(*lines: Mapping[str, Any], **changes: Any) -> NewOrder:
    """What a till sends, as it is read."""
    body: dict[str, Any] = {
        "transaction": {"store_no": "S1", "terminal_no": "T1", "business_date": TODAY, "sequence": 1},
        "occurred_at": NOW,
        "customer_no": "C1",
        "lines": list(lines),
    }
    return read(NewOrder, msgspec.json.decode(msgspec.json.encode(body | changes)))


class Parameters(TypedDict, total=False):
    """What a test sets of the company's parameters."""

    default_deposit_pct: Decimal
    cancellation_charge_pct: Decimal
    shipping_charge_code: str
    cancellation_charge_code: str
    refund_shipping_charges: bool
    maximum_amount_without_approval: Decimal
    refund_tenders: tuple[RefundTender, ...]
    pickup_delivery_modes: tuple[str, ...]
    hold_code: str


def settings(
    mode: Mode = "asynchronous", *, card_required: bool = False, **parameters: Unpack[Parameters]
) -> TillSettings:
    """Those of a till of store S1."""
    return TillSettings(
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


def context(
    at: TillSettings | None = None,
    found: Mapping[type[Any], Mapping[str, Any]] = FOUND,
    till_customers: Mapping[UUID, TillCustomer] | None = None,
    *,
    dry_run: bool = False,
) -> OrderContext:
    """Ids are made in a fixed order: a new customer's comes before the transaction's."""
    ids = iter((CUSTOMER_ID, TRANSACTION_ID))
    return OrderContext(
        references=ReferenceData(found, NOW),
        new_id=lambda: next(ids),
        by="W1",
        settings=at or settings(),
        till_customers=till_customers or {},
        issued_no="K-1",
        new_pickup_code=lambda: "123456",
        dry_run=dry_run,
    )


def decide(new: NewOrder, at: TillSettings | None = None) -> CustomerOrder:
    return decide_order(new, context(at))


def refused(new: NewOrder, at: TillSettings | None = None) -> Refusal:
    """The refusal, which must come."""
    try:
        decide(new, at)
    except Refusal as refusal:
        return refusal
    raise AssertionError("the order was taken")


def reasons(refusal: Refusal) -> list[tuple[str, str]]:
    return [(v.code, v.pointer) for v in refusal.violations]


def found_in(found: Violations) -> list[tuple[str, str]]:
    """What a rule has found: codes and pointers."""
    refusal = found.refusal()
    return reasons(refusal) if refusal else []


def rehearse(*lines: Mapping[str, Any], at: TillSettings | None = None, **changes: Any) -> CustomerOrder:
    """The order without a word about money."""
    return decide_order(new_order(*lines, **changes), context(at, dry_run=True))


def act_context(
    at: TillSettings | None = None,
    found: Mapping[type[Any], Mapping[str, Any]] = FOUND,
    approvals: GivenApprovals | None = None,
    *,
    dry_run: bool = False,
) -> ActContext:
    """Of the first act on an order."""
    transaction = new_order().transaction
    return ActContext(
        references=ReferenceData(found, NOW),
        new_id=lambda: TRANSACTION_ID,
        by="W1",
        settings=at or settings(),
        act_id=UUID(int=9),
        number=1,
        new_pickup_code=lambda: "123456",
        approvals=approvals or GivenApprovals(by="W1", transaction=transaction),
        dry_run=dry_run,
    )


def new_act(kind: type[A], **changes: Any) -> A:
    """What a till sends about an order that exists."""
    body: dict[str, Any] = {
        "transaction": {"store_no": "S1", "terminal_no": "T1", "business_date": TODAY, "sequence": 2},
        "occurred_at": NOW,
    }
    return read(kind, msgspec.json.decode(msgspec.json.encode(body | changes)))


def approving(operation: str, amount: str, order: CustomerOrder) -> GivenApprovals:
    """What manager W9 has approved of an act of W1 on the order."""
    approval = Approval(
        id=UUID(int=7),
        operation=operation,
        amount=Decimal(amount),
        reason="regular customer",
        confirmation_no=order.confirmation_no,
        requested_by="W1",
        approved_by="W9",
        approved_at=NOW,
        expires_at=NOW,
    )
    return GivenApprovals(
        open={approval.id: approval},
        ids=(approval.id,),
        by="W1",
        transaction=order.transaction,
        confirmation_no=order.confirmation_no,
    )
