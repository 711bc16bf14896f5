"""What a company sets up for its tills: stores, functionality profiles, commerce parameters and workers.

The `…Settings` are what a PUT enters; the record adds its number and version.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from contracts import pos
from contracts.fields import (
    CodeOrBlank,
    Count,
    No,
    NoOrBlank,
    Percent,
    Text100,
    Version,
    choice,
    names,
)
from contracts.pos import OrderKind, PaymentMethod, StoreDetails, StoreNo, TillAmount, WorkerId
from contracts.values import Deleted, Happened, Model

ZERO: Final = Decimal(0)
CHANGE_QUOTE_EXPIRY: Final = "change_quote_expiry"
RECALL: Final = "recall"
PERMISSIONS: Final = (
    "create_order",
    "create_quote",
    "edit_order",
    "edit_quote",
    RECALL,
    "recalculate",
    "ship_lines",
    "pickup_lines",
    "refund_shipping",
    "deposit_override",
    "change_cancellation_charge",
    CHANGE_QUOTE_EXPIRY,
)
CREATE_ORDER, CREATE_QUOTE, DEPOSIT_OVERRIDE = "create_order", "create_quote", "deposit_override"
EDIT_ORDER, EDIT_QUOTE, RECALCULATE = "edit_order", "edit_quote", "recalculate"
SHIP_LINES, PICKUP_LINES = "ship_lines", "pickup_lines"
MANAGER: Final = "manager"

ProfileId = Annotated[No, Meta(description="Id of the functionality profile.", examples=["STANDARD"])]
ProfileIdOrBlank = Annotated[
    NoOrBlank,
    names("functionality-profile"),
    Meta(description='The store\'s functionality profile; "" for the defaults.', examples=["STANDARD"]),
]
ChargeCodeOrBlank = Annotated[
    NoOrBlank,
    names("charge-code"),
    Meta(description='Charge code of sales; "" for none.', examples=["SHIPPING"]),
]
Permission = Annotated[
    str, choice(*PERMISSIONS), Meta(description="What a worker may do.", examples=[CREATE_ORDER])
]
Percentage = Annotated[
    Percent,
    Meta(description="Percent of the order's total.", examples=["10"]),
]


class StoreSettings(StoreDetails, frozen=True, kw_only=True):
    """A shop with its goods, currency and time zone, as it is entered."""

    profile_id: ProfileIdOrBlank = ""
    closed: Annotated[
        bool,
        Meta(
            description="No goods are sent there to be picked up; what waits there is still handed over.",
            examples=[False],
        ),
    ] = False


# POS-20
class Store(StoreSettings, frozen=True, kw_only=True):
    """A shop: where its goods lie, what it sells in, and which profile holds."""

    version: Version = 0
    happened: Happened = ()
    deleted: Deleted = False
    no: StoreNo

    def reaches(self, location_code: str) -> bool:
        """True for its own location and those of its fulfilment group."""
        return location_code == self.location_code or location_code in self.fulfilment_group


class ProfileSettings(Model, frozen=True, kw_only=True):
    """What the tills of a store may do and how, as it is entered."""

    create_customer_order_in_async_mode: Annotated[
        bool,
        Meta(
            description="Orders are taken at once and pulled by a job; else the till waits for sales.",
            examples=[True],
        ),
    ] = False
    realtime_with_async_backup: Annotated[
        bool,
        Meta(
            description="Sales is asked at once all the same, and the job pulls what it did not take.",
            examples=[False],
        ),
    ] = False
    require_payment_for_fulfilment: Annotated[
        str,
        choice("optional", "card_required"),
        Meta(
            description="Whether every balance needs a card, or only that of shipped lines.",
            examples=["optional"],
        ),
    ] = "optional"
    edit_partially_fulfilled_orders: Annotated[
        bool, Meta(description="Orders of which a part was handed over may be edited.", examples=[True])
    ] = True
    queue_changes_before_sync: Annotated[
        bool,
        Meta(description="Changes are taken before the order has come to sales.", examples=[True]),
    ] = True
    offline_creation_allowed: Annotated[
        bool, Meta(description="Tills may take orders while they are offline.", examples=[True])
    ] = True


# POS-14 to POS-18
class FunctionalityProfile(ProfileSettings, frozen=True, kw_only=True):
    """What a store's tills may do and how; a store without one has these defaults."""

    version: Version = 0
    happened: Happened = ()
    deleted: Deleted = False
    id: ProfileId = ""


# POS-84
class RefundTender(Model, frozen=True, kw_only=True):
    """With what money may be given back."""

    paid_by: Annotated[PaymentMethod, Meta(description="How it was paid.", examples=["card"])]
    refund_by: Annotated[
        tuple[PaymentMethod, ...], Meta(description="How it may be given back.", examples=[["card"]])
    ]
    manager_may_override: Annotated[
        bool, Meta(description="A manager may allow another way.", examples=[True])
    ] = False


class ParameterSettings(Model, frozen=True, kw_only=True):
    """The company's parameters, as they are entered."""

    default_deposit_pct: Annotated[Percentage, Meta(description="Deposit, in percent of the total.")] = ZERO
    cancellation_charge_pct: Annotated[
        Percentage, Meta(description="Charge for cancelling, in percent of the total.", examples=["5"])
    ] = ZERO
    cancellation_charge_code: Annotated[
        ChargeCodeOrBlank, Meta(description="Charge code of cancellation charges.", examples=["CANCEL"])
    ] = ""
    shipping_charge_code: Annotated[
        ChargeCodeOrBlank, Meta(description="Charge code of shipping charges.", examples=["SHIPPING"])
    ] = ""
    refund_shipping_charges: Annotated[
        bool, Meta(description="Shipping charges are given back with returned goods.", examples=[False])
    ] = False
    maximum_amount_without_approval: Annotated[
        TillAmount, Meta(description="What a worker may give back without a manager.", examples=["50.00"])
    ] = ZERO
    quote_expiration_days: Annotated[
        Count, Meta(description="For how many days a quote holds.", examples=[30])
    ] = 30
    default_order_type: Annotated[
        OrderKind, Meta(description="What a till makes that does not say it.", examples=["customer_order"])
    ] = "customer_order"
    hold_code: Annotated[
        CodeOrBlank,
        Meta(description='Hold code of orders that had to be repaired; "" for none.', examples=["CHECK"]),
    ] = ""
    pickup_delivery_modes: Annotated[
        tuple[No, ...],
        Meta(
            description="Modes of delivery that are pick-ups: nothing is shipped by one; empty: goods are picked up "
            "in any mode.",
            examples=[["COUNTER"]],
        ),
    ] = ()
    refund_tenders: Annotated[
        tuple[RefundTender, ...], Meta(description="With what money may be given back.")
    ] = ()


# POS-01 to POS-13
class CommerceParameters(ParameterSettings, frozen=True, kw_only=True):
    """The company's parameters for orders at tills."""

    version: Version = 0
    happened: Happened = ()
    deleted: Deleted = False


class WorkerSettings(Model, frozen=True, kw_only=True):
    """A person who works at tills, as entered."""

    name: Annotated[Text100, Meta(description="Name of the worker.", examples=["Kim Larsen"])] = ""
    role: Annotated[
        str,
        choice("associate", "lead", MANAGER),
        Meta(description="Only managers approve what others may not do.", examples=["associate"]),
    ] = "associate"
    permissions: Annotated[
        tuple[Permission, ...], Meta(description="What the worker may do.", examples=[[CREATE_ORDER]])
    ] = ()
    store_nos: Annotated[
        tuple[Annotated[StoreNo, names("store")], ...],
        Meta(description="Where the worker works; empty: everywhere.", examples=[["HH1"]]),
    ] = ()
    blocked: Annotated[
        bool, Meta(description="The worker cannot sign on; the sessions end at once.", examples=[False])
    ] = False


class Worker(WorkerSettings, frozen=True, kw_only=True):
    """A person who works at tills. The PIN is kept apart, hashed."""

    version: Version = 0
    happened: Happened = ()
    deleted: Deleted = False
    id: WorkerId

    def works_at(self, store_no: str) -> bool:
        """Whether the worker may sign on at this store."""
        return not self.store_nos or store_no in self.store_nos

    def may(self, permission: str) -> bool:
        """Whether the worker has this permission."""
        return permission in self.permissions


def published_store(store: Store) -> pos.Store:
    """The store as other services know it."""
    return msgspec.convert(store, pos.Store, from_attributes=True)
