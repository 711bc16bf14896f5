"""What a company sets up for its tills: stores, profiles, parameters, workers, terminals.

Configuration is checked when it is set (B34), so that a till never meets a setting that cannot work. It takes
effect at once: `version` is the `config_version` that every answer to a till names.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Literal
from zoneinfo import ZoneInfo, available_timezones

import msgspec

from contracts import pos
from contracts.refusals import Refusal, Violation, unknown
from contracts.values import Model
from pos_gateway.domain.money import HUNDRED, ZERO, is_currency

Permission = Literal[
    "create_order",
    "create_quote",
    "edit_order",
    "edit_quote",
    "recall",
    "recalculate",
    "ship_lines",
    "pickup_lines",
    "refund_shipping",
    "deposit_override",
    "change_cancellation_charge",
    "change_quote_expiry",
]
Tender = Literal["cash", "card", "account"]
OrderKind = Literal["customer_order", "quote"]


class Store(Model, frozen=True, kw_only=True):
    """A shop (POS-20). `fulfilment_group`: location codes to pick up at or ship from, besides its own."""

    no: str
    name: str = ""
    time_zone: str
    currency_code: str
    location_code: str = ""
    profile_id: str = ""
    fulfilment_group: tuple[str, ...] = ()

    def reaches(self, location_code: str) -> bool:
        """True for its own location and those of its fulfilment group."""
        return location_code == self.location_code or location_code in self.fulfilment_group


class FunctionalityProfile(Model, frozen=True, kw_only=True):
    """What a store's tills may do and how (POS-14 to POS-18); a store without one has these defaults."""

    id: str = ""
    create_customer_order_in_async_mode: bool = False
    realtime_with_async_backup: bool = False
    require_payment_for_fulfilment: Literal["optional", "card_required"] = "optional"
    edit_partially_fulfilled_orders: bool = True
    queue_changes_before_sync: bool = True
    offline_creation_allowed: bool = True


class RefundTender(Model, frozen=True, kw_only=True):
    """In what money may be given back that was paid in `paid_by` (POS-84)."""

    paid_by: Tender
    refund_by: tuple[Tender, ...]
    manager_may_override: bool = False


class CommerceParameters(Model, frozen=True, kw_only=True):
    """The company's parameters (POS-01 to POS-13). `""` is no code; percentages are of the order total."""

    default_deposit_pct: Decimal = ZERO
    cancellation_charge_pct: Decimal = ZERO
    cancellation_charge_code: str = ""
    shipping_charge_code: str = ""
    refund_shipping_charges: bool = False
    maximum_amount_without_approval: Decimal = ZERO
    quote_expiration_days: int = 30
    default_order_type: OrderKind = "customer_order"
    hold_code: str = ""
    pickup_delivery_modes: tuple[str, ...] = ()
    refund_tenders: tuple[RefundTender, ...] = ()


class Worker(Model, frozen=True, kw_only=True):
    """Somebody who works at tills. `store_nos` empty: at all stores. The PIN is kept apart, hashed."""

    id: str
    name: str = ""
    role: Literal["associate", "lead", "manager"] = "associate"
    permissions: tuple[Permission, ...] = ()
    store_nos: tuple[str, ...] = ()

    def works_at(self, store_no: str) -> bool:
        """True if the worker may sign on at this store."""
        return not self.store_nos or store_no in self.store_nos

    def may(self, permission: Permission) -> bool:
        """True if the worker has this permission."""
        return permission in self.permissions


class Configuration(msgspec.Struct, frozen=True, kw_only=True):
    """All of it at one time. `revision` counts every change, `version` those that tills are told of."""

    revision: int
    version: int
    stores: Mapping[str, Store] = {}
    profiles: Mapping[str, FunctionalityProfile] = {}
    workers: Mapping[str, Worker] = {}
    terminals: Mapping[str, str] = {}
    """Terminal number → its store's (POS-21)."""
    parameters: CommerceParameters = CommerceParameters()

    def profile_of(self, store: Store) -> FunctionalityProfile:
        """The store's profile."""
        return self.profiles.get(store.profile_id) or FunctionalityProfile()


def check_store(store: Store, configuration: Configuration) -> None:
    """Refuse a store with an unknown time zone, currency or profile."""
    wrong: list[Violation] = []
    if store.time_zone not in available_timezones():
        wrong.append(Violation("unknown-time-zone", f"{store.time_zone} is no IANA time zone", "/time_zone"))
    if not is_currency(store.currency_code):
        wrong.append(
            Violation("unknown-currency", f"{store.currency_code} is no ISO 4217 currency", "/currency_code")
        )
    if store.profile_id and store.profile_id not in configuration.profiles:
        refusal = unknown("functionality-profile", store.profile_id, pointer="/profile_id")
        wrong.extend(refusal.violations)
    if wrong:
        raise Refusal(*wrong)


def check_profile(profile: FunctionalityProfile) -> None:
    """Refuse a back-up mode without asynchronous creation (POS-16)."""
    if profile.realtime_with_async_backup and not profile.create_customer_order_in_async_mode:
        detail = "the back-up mode needs create_customer_order_in_async_mode"
        raise Refusal(Violation("backup-needs-async-mode", detail, "/realtime_with_async_backup"))


def check_parameters(parameters: CommerceParameters, known_charge_codes: frozenset[str]) -> None:
    """Refuse percentages outside 0 to 100, missing, unknown or equal charge codes (POS-01 to 05, B34)."""
    wrong = [*_percentages(parameters), *_charge_codes(parameters)]
    if parameters.maximum_amount_without_approval < 0:
        detail = "the amount without approval is not negative"
        wrong.append(Violation("invalid-amount", detail, "/maximum_amount_without_approval"))
    missing = [
        (field, code)
        for field in ("cancellation_charge_code", "shipping_charge_code")
        if (code := getattr(parameters, field)) and code not in known_charge_codes
    ]
    for field, code in missing:
        wrong.extend(unknown("charge-code", code, pointer=f"/{field}").violations)
    if wrong:
        raise Refusal(*wrong, waits_for=tuple(("charge-code", code) for _, code in missing))


def _percentages(parameters: CommerceParameters) -> list[Violation]:
    fields = ("default_deposit_pct", "cancellation_charge_pct")
    return [
        Violation("invalid-percentage", f"{field} must be from 0 to 100", f"/{field}")
        for field in fields
        if not 0 <= getattr(parameters, field) <= HUNDRED
    ]


def _charge_codes(parameters: CommerceParameters) -> list[Violation]:
    wrong = []
    if parameters.cancellation_charge_pct > 0 and not parameters.cancellation_charge_code:
        detail = "a cancellation charge percentage needs a cancellation charge code"
        wrong.append(Violation("charge-code-not-configured", detail, "/cancellation_charge_code"))
    code = parameters.shipping_charge_code
    if code and code == parameters.cancellation_charge_code:
        detail = "the cancellation and the shipping charge need different codes"
        wrong.append(Violation("charge-codes-equal", detail, "/cancellation_charge_code"))
    return wrong


def local_date(at: datetime, time_zone: str) -> date:
    """The date on a store's calendar (POS section 0, 9)."""
    return at.astimezone(ZoneInfo(time_zone)).date()


def store_snapshot(store: Store, version: int) -> pos.Store:
    """The store as other services know it."""
    return pos.Store(
        version=version,
        happened=("created",) if version == 1 else ("changed",),
        no=store.no,
        name=store.name,
        time_zone=store.time_zone,
        currency_code=store.currency_code,
        location_code=store.location_code,
        fulfilment_group=store.fulfilment_group,
    )
