"""Rules of sales' master data; the snapshots of the contracts are the state itself."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any, Final, TypeVar

from msgspec.structs import replace

from contracts.refusals import Violations
from contracts.sales import Company, Customer, PurchasingCode
from contracts.values import Snapshot

Record = Any
S = TypeVar("S", bound=Record)

COMPANY_NO: Final = "COMPANY"
SETUP_NO: Final = "SALES-SETUP"

DEFAULT_SYNCHRONIZATION_INTERVAL_S: Final = Decimal(5)
SHIP_BLOCKS: Final = frozenset({"ship", "all"})
ORDER_BLOCKS: Final = frozenset({"ship", "invoice", "all"})
INVOICE_BLOCKS: Final = frozenset({"invoice", "all"})


class SalesSetup(Snapshot, frozen=True, kw_only=True):
    """How sales works here. `synchronization_interval_s` 0 = only by hand; `default_qty_to_ship`: BC-SD-07."""

    default_qty_to_ship: str = "remainder"
    synchronization_interval_s: Decimal = DEFAULT_SYNCHRONIZATION_INTERVAL_S


class ExchangeRate(Snapshot, frozen=True, kw_only=True):
    """What a unit of a currency is worth in the company's, from a date on; key `<currency>/<date>`."""

    currency_code: str
    date: date
    rate: Decimal


def changed(before: S | None, wanted: S) -> S | None:
    """The next state of a master record, or None when the request changes nothing. Versions never go back."""
    if before is None:
        return replace(wanted, version=1, happened=("created",))
    if replace(wanted, version=before.version, happened=()) == replace(before, happened=()):
        return None
    happened = "changed" if not before.deleted else "created"
    return replace(wanted, version=before.version + 1, happened=(happened,))


def deleted(before: S) -> S:
    """The record marked deleted: there are no physical deletes of master data."""
    return replace(before, version=before.version + 1, deleted=True, happened=("deleted",))


def check_purchasing_code(code: PurchasingCode) -> None:
    """A code means a special order or a drop shipment or neither, never both (BC-MD-02)."""
    faults = Violations()
    if code.drop_shipment and code.special_order:
        faults.invalid(
            "purchasing-code-exclusive",
            f"purchasing code {code.code} may be either a drop shipment or a special order",
            "/special_order",
        )
    faults.refuse_if_any()


def check_company(company: Company, *, known_zone: bool) -> None:
    """The time zone decides what "today" is: it must exist."""
    faults = Violations()
    if not known_zone:
        faults.invalid("unknown-time-zone", f"{company.time_zone} is no time zone", "/time_zone")
    faults.refuse_if_any()


def blocked_for(customer: Customer, blocks: frozenset[str]) -> bool:
    """Whether a customer must not have such a document (BC-MD-17); privacy blocked ones have none at all."""
    return customer.privacy_blocked or customer.blocked in blocks
