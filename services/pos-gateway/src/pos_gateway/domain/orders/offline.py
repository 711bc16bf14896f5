"""Transactions that a till took while it was offline: they have happened, so none that can be read is refused.

One that breaks rules is kept with everything that is wrong with it, to be repaired; sales makes no order of it until
then.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Final

from msgspec.structs import replace

from contracts.planning.masters import Item
from contracts.pos import WorkerId
from contracts.refusals import Refusal, Violations
from domainkit.days import day_in
from domainkit.money import ZERO
from domainkit.structs import extended
from pos_gateway.domain.orders import deliveries
from pos_gateway.domain.orders.agreed_money import check_money
from pos_gateway.domain.orders.amounts import amounts_of, line_money
from pos_gateway.domain.orders.buyers import Addressee, check_buyer
from pos_gateway.domain.orders.commands import NewLine, NewOrder, OfflineKey
from pos_gateway.domain.orders.context import OrderContext, TillSettings
from pos_gateway.domain.orders.create_order import (
    CLOCK_SKEW_LIMIT,
    charge_tax_pct,
    decide_agreement,
    made_order,
)
from pos_gateway.domain.orders.lines import Position, positions
from pos_gateway.domain.orders.order import CustomerOrder, OrderLine
from pos_gateway.domain.orders.payments import check_payments
from pos_gateway.domain.orders.permissions import check_permissions

SKEWED_DAYS: Final = 1
"""A clock that is more days away from the business date is wrong: a business day may end after midnight."""


class OfflineOrder(NewOrder, frozen=True, kw_only=True):
    """An order that a till took while it was offline."""

    worker_id: WorkerId
    idempotency_key: OfflineKey | None = None


def order_of(offline: OfflineOrder) -> NewOrder:
    """The order as it would have been asked for online."""
    return extended(NewOrder, offline)


def decide_offline(new: NewOrder, context: OrderContext) -> CustomerOrder:
    """The order; with `errors` if it breaks rules (POS-112, POS-114, POS-118)."""
    found = Violations()
    settings = context.settings
    if not settings.profile.offline_creation_allowed:
        detail = f"tills of store {settings.store.no} take no orders while they are offline"
        found.conflict("offline-creation-not-allowed", detail)
    if not settings.worker.works_at(settings.store.no):
        found.forbidden("worker-not-of-store", f"{settings.worker.id} does not work here", "/worker_id")
    try:
        check_permissions(new, settings)
    except Refusal as refusal:
        found.include(refusal)
    try:
        order = decide_agreement(new, context)
    except Refusal as refusal:
        found.include(refusal)
        order = _as_taken(new, context)
    wrong = found.refusal()
    return replace(
        order,
        clock_skew=is_skewed(new.occurred_at, new.transaction.business_date, settings, context.received_at),
        errors=() if wrong is None else wrong.problems(),
    )


def kept_beside(order: CustomerOrder, why: Refusal, confirmation_no: str) -> CustomerOrder:
    """The order under a number of its own, because another one has its transaction or its receipt number (B24)."""
    other = str(why.violations[0].members.get("confirmation_no", ""))
    return replace(
        order,
        confirmation_no=confirmation_no,
        errors=(*why.problems(), *order.errors),
        conflicts_with=other if why.code == "duplicate-transaction" else "",
    )


def flags_of(order: CustomerOrder) -> tuple[str, ...]:
    """What a person should look at although the order was taken."""
    flags = {"clock_skew": order.clock_skew, "config_stale": order.config_stale}
    return tuple(name for name, is_set in flags.items() if is_set)


def is_skewed(
    occurred_at: datetime, business_date: date, settings: TillSettings, received_at: datetime
) -> bool:
    """A clock ahead of the gateway's, or on another day than the business date; that it is old means nothing here."""
    if occurred_at > received_at + CLOCK_SKEW_LIMIT:
        return True
    day = day_in(settings.store.time_zone, occurred_at.astimezone(UTC))
    return abs((day - business_date).days) > SKEWED_DAYS


def _as_taken(new: NewOrder, context: OrderContext) -> CustomerOrder:
    """The order as far as it can be read, by the same steps; what is wrong is noted elsewhere."""
    ignored = Violations()
    buyer = check_buyer(ignored, new, context)
    lines = tuple(
        _rough_line(line, at, new, buyer.addressee, context)
        for line, at in zip(new.lines, positions(new.lines), strict=True)
    )
    payments = check_payments(ignored, new.payments, context.currency)
    amounts = amounts_of(lines, new.shipping_charge or ZERO, charge_tax_pct(context), context.currency)
    money = check_money(ignored, new, buyer, amounts, payments, context)
    return made_order(new, buyer, lines, amounts, money, context)


def _rough_line(
    line: NewLine, at: Position, new: NewOrder, addressee: Addressee | None, context: OrderContext
) -> OrderLine:
    """A line as it was entered. A mode that is missing is taken for a pick-up: then nothing leaves by itself."""
    settings, money = context.settings, context.currency
    fulfilment = deliveries.inherited(new.fulfilment, line.fulfilment)
    item = context.references.find(Item, line.item_no or "")
    net, tax = line_money(line, money)
    return OrderLine(
        line_no=at.line_no,
        item_no=line.item_no or "",
        description=item.description if item else "",
        quantity=line.quantity,
        unit_of_measure_code=line.unit_of_measure_code or (item.base_unit_of_measure if item else ""),
        unit_price=money.rounded(line.unit_price),
        discount=money.rounded(line.discount),
        tax_pct=line.tax_pct,
        purchasing_code=line.purchasing_code or "",
        mode=fulfilment.mode or deliveries.PICKUP,
        location_code=deliveries.location_of(fulfilment, settings.store, settings.stores),
        pickup_store_no=fulfilment.store_no or "",
        address_code=fulfilment.address_code or "",
        address=deliveries.address_to(fulfilment, addressee, context),
        requested_date=fulfilment.date or fulfilment.delivery_date or new.transaction.business_date,
        delivery_date=fulfilment.delivery_date,
        delivery_mode=fulfilment.delivery_mode or "",
        shipping_charge=money.rounded(line.shipping_charge) if line.shipping_charge else ZERO,
        net=net,
        tax=tax,
    )
