"""A person repairs a till's transaction: changes its payload, holds it, releases it, sends it again, or gives it up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Final
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType
from msgspec.structs import replace

from contracts import fields
from contracts.channel import ChannelOrder
from contracts.pos import (
    AddressCodeOrBlank,
    DeliveryMode,
    LineQuantity,
    NewCustomer,
    Payment,
    RequestedDate,
    ShippingCharge,
    ShippingCode,
    StoreNoOrBlank,
    TillAmount,
    Totals,
    TransactionLine,
)
from contracts.refusals import Refusal, Violations, conflict
from contracts.values import Address
from domainkit.auditing import differences
from domainkit.changes import Changes
from domainkit.structs import extended
from sales.domain.channel.acts import FAILED as ACT_FAILED
from sales.domain.channel.transactions import (
    EDITING,
    HELD,
    PULLED,
    SUCCEEDED,
    UNMADE_STATUSES,
    HoldCode,
    Repair,
    TillTransaction,
    voided,
)

_REQUIRED: Final = ("item_no", "quantity", "unit_price", "mode")


class LineRepair(Changes, frozen=True, kw_only=True):
    """Changes of the line with this number; a number that is not there is a new line."""

    line_no: fields.LineNo
    item_no: fields.ItemNo | UnsetType = UNSET
    quantity: LineQuantity | UnsetType = UNSET
    unit_of_measure_code: fields.UnitOfMeasureCodeOrBlank | UnsetType = UNSET
    unit_price: Annotated[TillAmount, Meta(description="Price of one unit without tax.")] | UnsetType = UNSET
    discount: Annotated[TillAmount, Meta(description="Money off the whole line.")] | UnsetType = UNSET
    tax_pct: Annotated[fields.Percent, Meta(description="Tax in percent.")] | UnsetType = UNSET
    purchasing_code: fields.PurchasingCodeOrBlank | UnsetType = UNSET
    shipping_charge: ShippingCharge | UnsetType = UNSET
    mode: DeliveryMode | UnsetType = UNSET
    location_code: fields.LocationCodeOrBlank | UnsetType = UNSET
    pickup_store_no: StoreNoOrBlank | UnsetType = UNSET
    address_code: AddressCodeOrBlank | UnsetType = UNSET
    address: Annotated[Address, Meta(description="Where the goods are shipped to.")] | UnsetType | None = (
        UNSET
    )
    requested_date: RequestedDate | UnsetType | None = UNSET
    delivery_mode: ShippingCode | UnsetType = UNSET


class PayloadRepair(Changes, frozen=True, kw_only=True):
    """Changes of what the till sent; what is left out stays. Numbers and identity never change."""

    customer_no: fields.CustomerNoOrBlank | UnsetType = UNSET
    new_customer: (
        Annotated[NewCustomer, Meta(description="The customer, if it has no number.")] | UnsetType | None
    ) = UNSET
    currency_code: fields.CurrencyCode | UnsetType = UNSET
    external_reference: fields.ExternalReference | UnsetType = UNSET
    shipping_charge: ShippingCharge | UnsetType = UNSET
    shipping_charge_code: (
        Annotated[
            fields.NoOrBlank, Meta(description="Charge code of shipping charges.", examples=["SHIPPING"])
        ]
        | UnsetType
    ) = UNSET
    shipping_charge_tax_pct: (
        Annotated[fields.Percent, Meta(description="Tax on shipping charges.")] | UnsetType | None
    ) = UNSET
    prepaid_amount: (
        Annotated[TillAmount, Meta(description="What was paid at the till, net of change.")] | UnsetType
    ) = UNSET
    payments: Annotated[tuple[Payment, ...], Meta(description="What was paid.")] | UnsetType = UNSET
    totals: Annotated[Totals, Meta(description="What the order comes to.")] | UnsetType = UNSET
    lines: Annotated[
        tuple[LineRepair, ...],
        Meta(max_length=fields.MAX_LINES, description="Lines to change, by their numbers."),
    ] = ()


class TransactionRepair(msgspec.Struct, frozen=True, kw_only=True):
    """What a person changes of a transaction."""

    payload: PayloadRepair
    dry_run: Annotated[bool, Meta(description="Check and answer, and change nothing.", examples=[True])] = (
        False
    )


class TransactionHold(msgspec.Struct, frozen=True, kw_only=True):
    """The code under which a transaction is held; blank: no particular reason."""

    hold_code: HoldCode = ""


class RepairTransaction(msgspec.Struct, frozen=True):
    """Change the payload of a transaction."""

    id: UUID
    repair: TransactionRepair


class ActOnTransaction(msgspec.Struct, frozen=True):
    """Hold a transaction, release it, send it again, or give it up."""

    id: UUID
    hold_code: str = ""


def repaired(transaction: TillTransaction, changes: PayloadRepair, at: datetime, by: str) -> TillTransaction:
    """The transaction with its payload changed, and a record of each field (POS-101). It stops until it is sent again.

    Raises:
        Refusal: It has its order already, is void, a new line lacks what a line needs, or amounts do not add up.
    """
    _refuse_unless_unmade(transaction)
    given = changes.given() | _checked_money(transaction.payload, changes)
    lines = _lines(transaction.payload, given.pop("lines"))
    # What the gateway found wrong is what the person repairs; the order's own rules judge the outcome.
    payload = replace(transaction.payload, **given, lines=lines, errors=())
    changed = differences(transaction.payload, payload)
    if not changed:
        return transaction
    entries = tuple(extended(Repair, each, at=at, by=by) for each in changed)
    return replace(
        transaction,
        version=transaction.version + 1,
        status=EDITING,
        payload=payload,
        repaired=True,
        audit=(*transaction.audit, *entries),
        next_attempt_at=None,
    )


def _lines(payload: ChannelOrder, changes: tuple[LineRepair, ...]) -> tuple[TransactionLine, ...]:
    found = Violations()
    by_no = {line.line_no: line for line in payload.lines}
    for index, each in enumerate(changes):
        given = each.given()
        known = by_no.get(each.line_no)
        if known is not None:
            by_no[each.line_no] = replace(known, **given)
            continue
        missing = [name for name in _REQUIRED if name not in given]
        for name in missing:
            found.invalid("required", f"a new line needs {name}", f"/payload/lines/{index}/{name}")
        if not missing:
            by_no[each.line_no] = _new_line(given)
    found.refuse_if_any()
    return tuple(by_no.values())


def _checked_money(payload: ChannelOrder, changes: PayloadRepair) -> dict[str, Decimal]:
    """What is prepaid after the repair: it changes as the payments do. Totals are the sum of their parts (POS-90)."""
    found = Violations()
    payments = payload.payments if isinstance(changes.payments, UnsetType) else changes.payments
    prepaid = payload.prepaid_amount + _sum(payments) - _sum(payload.payments)
    if not isinstance(changes.prepaid_amount, UnsetType):
        _check_sum(found, changes.prepaid_amount, prepaid, "/payload/prepaid_amount")
    if not isinstance(changes.totals, UnsetType):
        parts = changes.totals.net + changes.totals.tax + changes.totals.charges
        _check_sum(found, changes.totals.total, parts, "/payload/totals/total")
    found.refuse_if_any()
    return {"prepaid_amount": prepaid}


def _check_sum(found: Violations, stated: Decimal, computed: Decimal, pointer: str) -> None:
    if stated != computed:
        detail = f"{stated} is stated, the parts come to {computed}"
        found.invalid("total-mismatch", detail, pointer, client=stated, server=computed)


def _sum(payments: Iterable[Payment]) -> Decimal:
    return sum((payment.amount for payment in payments), Decimal(0))


def _new_line(given: Mapping[str, Any]) -> TransactionLine:
    return TransactionLine(**{"discount": Decimal(0), **given})


def resubmitted(transaction: TillTransaction, at: datetime) -> TillTransaction:
    """The transaction that is tried again from the first attempt on, under its confirmation number (POS-106).

    Of one that has its order, the acts that failed are tried again.
    """
    if transaction.status == SUCCEEDED and any(x.status == ACT_FAILED for x in transaction.acts):
        acts = tuple(replace(x, attempts=0) if x.status == ACT_FAILED else x for x in transaction.acts)
        return replace(transaction, version=transaction.version + 1, acts=acts, next_attempt_at=at)
    _refuse_unless_unmade(transaction)
    return _pulled(transaction, at)


def held(transaction: TillTransaction, hold_code: str) -> TillTransaction:
    """The transaction that no run takes until a person releases it."""
    _refuse_unless_unmade(transaction)
    return replace(
        transaction,
        version=transaction.version + 1,
        status=HELD,
        hold_code=hold_code,
        next_attempt_at=None,
    )


def released(transaction: TillTransaction, at: datetime) -> TillTransaction:
    """The transaction that waits for synchronization again; one that has its order is done (POS-102)."""
    if transaction.status != HELD:
        raise _not_open(transaction)
    if not transaction.is_made:
        return replace(_pulled(transaction, at), hold_code="")
    return replace(
        transaction,
        version=transaction.version + 1,
        status=SUCCEEDED,
        hold_code="",
        next_attempt_at=at if transaction.open_acts else None,
    )


def given_up(transaction: TillTransaction) -> TillTransaction:
    """The transaction whose order is never made (POS-95)."""
    _refuse_unless_unmade(transaction)
    return replace(voided(transaction), version=transaction.version + 1)


def _pulled(transaction: TillTransaction, at: datetime) -> TillTransaction:
    return replace(
        transaction,
        version=transaction.version + 1,
        status=PULLED,
        attempts=0,
        fault_class="",
        errors=(),
        next_attempt_at=at,
    )


def _refuse_unless_unmade(transaction: TillTransaction) -> None:
    if transaction.is_made or transaction.status not in UNMADE_STATUSES:
        raise _not_open(transaction)


def _not_open(transaction: TillTransaction) -> Refusal:
    return conflict(
        "transaction-not-open", f"transaction {transaction.confirmation_no} is {transaction.status}"
    )
