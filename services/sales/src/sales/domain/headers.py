"""The order's header: making an order, and changing what stands above its lines."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Final
from uuid import UUID

from msgspec import UNSET
from msgspec.structs import replace

from contracts.refusals import Violations, conflict
from contracts.sales import Customer
from contracts.values import Address
from sales.domain.drafts import HeaderChanges, NewLine, NewOrder
from sales.domain.line_changes import Sourcings, guard, why_not_delete
from sales.domain.line_rules import LineMaker
from sales.domain.lines import LINE_NO_STEP, MAX_LINES
from sales.domain.masters import ORDER_BLOCKS, blocked_for
from sales.domain.money import too_precise
from sales.domain.orders import Order, raised, refuse_postings, refuse_unless_open
from sales.domain.references import References, address_of

PLAIN_FIELDS: Final = (
    "order_date",
    "requested_delivery_date",
    "external_document_no",
    "your_reference",
    "reserve",
    "shipping_advice",
    "procurement_automation",
)

WHOLE_ORDER: Final = frozenset({"customer_no", "currency_code"})
"""Header fields that concern every bought line; the others concern where a drop shipment goes."""


def new_order(draft: NewOrder, refs: References, ids: Iterator[UUID], today: date) -> Order:
    """An order with all its lines, numbered later; refused with everything that is wrong at once."""
    faults = Violations()
    order = _header(draft, refs, faults, today)
    order = _with_lines(order, draft.lines, refs, ids, faults)
    faults.refuse_if_any()
    return raised(order)


def _header(draft: NewOrder, refs: References, faults: Violations, today: date) -> Order:
    customer = customer_of(draft.customer_no, refs, faults)
    code, ship_to = _delivery(customer, draft.ship_to_code or "", draft.ship_to, refs, faults)
    currency = draft.currency_code or customer.currency_code or refs.home_currency
    _check_currency(currency, refs, faults)
    if too_precise(draft.prepaid_amount, currency):
        faults.invalid("too-many-decimals", "prepaid_amount is finer than the currency", "/prepaid_amount")
    return Order(
        no=draft.no or "",
        customer_no=customer.no,
        customer_name=customer.name,
        order_date=draft.order_date or today,
        requested_delivery_date=draft.requested_delivery_date,
        ship_to_code=code,
        ship_to=ship_to,
        location_code=_location(draft.location_code, customer, code, refs, faults),
        currency_code=currency,
        external_document_no=draft.external_document_no,
        your_reference=draft.your_reference,
        reserve=draft.reserve or customer.reserve,
        shipping_advice=draft.shipping_advice or customer.shipping_advice,
        procurement_automation=draft.procurement_automation,
        confirmation_no=draft.confirmation_no,
        prepaid_amount=draft.prepaid_amount,
    )


def _with_lines(
    order: Order, drafts: tuple[NewLine, ...], refs: References, ids: Iterator[UUID], faults: Violations
) -> Order:
    if len(drafts) > MAX_LINES:
        faults.invalid("too-many-lines", f"an order has at most {MAX_LINES} lines", "/lines")
        faults.refuse_if_any()
    maker = LineMaker(order, refs, faults)
    lines = tuple(
        maker.make(draft, next(ids), draft.line_no or (index + 1) * LINE_NO_STEP, f"/lines/{index}")
        for index, draft in enumerate(drafts)
    )
    return replace(order, lines=lines, last_line_no=max((line.line_no for line in lines), default=0))


def customer_of(no: str, refs: References, faults: Violations) -> Customer:
    """The customer, if he may have an order (BC-MD-17)."""
    customer = refs.customers.get(no)
    if not no:
        faults.invalid("customer-required", "an order needs a customer", "/customer_no")
    elif customer is None:
        faults.unknown("customer", no, "/customer_no")
    if customer is None:
        return Customer(version=0, no=no, name="")
    if blocked_for(customer, ORDER_BLOCKS):
        faults.conflict("customer-blocked", f"customer {no} is blocked for orders", "/customer_no")
    return customer


def _delivery(
    customer: Customer, code: str, given: Address | None, refs: References, faults: Violations
) -> tuple[str, Address]:
    """Ship-to code and address: a copy that may be edited on the order (BC-MD-19)."""
    if not code:
        return "", given or address_of(customer)
    ship_to = refs.ship_tos.get(f"{customer.no}/{code}")
    if ship_to is None:
        faults.unknown("ship-to-address", code, "/ship_to_code")
        return code, given or address_of(customer)
    return code, given or address_of(ship_to)


def _location(
    given: str | None, customer: Customer, ship_to_code: str, refs: References, faults: Violations
) -> str:
    if given is None:
        ship_to = refs.ship_tos.get(f"{customer.no}/{ship_to_code}")
        return (ship_to.location_code if ship_to else "") or customer.location_code
    if given and given not in refs.locations:
        faults.unknown("location", given, "/location_code", copy_of="location")
    return given


def _check_currency(currency: str, refs: References, faults: Violations) -> None:
    if refs.rate_missing(currency):
        detail = f"there is no exchange rate of {currency} to {refs.home_currency}"
        faults.invalid("exchange-rate-missing", detail, "/currency_code")


def change_header(order: Order, changes: HeaderChanges, refs: References, known: Sourcings) -> Order:
    """The order with its header changed; lines keep what they copied from it."""
    refuse_unless_open(order)
    faults = Violations()
    _refuse_held_lines(order, changes, known, faults)
    faults.refuse_if_any()
    after = replace(order, **{f: v for f in PLAIN_FIELDS if (v := getattr(changes, f)) is not UNSET})
    if changes.customer_no is not UNSET and changes.customer_no != order.customer_no:
        after = _other_customer(after, changes.customer_no, refs, faults)
    after = _other_delivery(after, changes, refs, faults)
    if changes.currency_code is not UNSET:
        _check_currency(changes.currency_code, refs, faults)
        after = replace(after, currency_code=changes.currency_code or refs.home_currency)
    if changes.location_code is not UNSET:
        customer = refs.customers.get(after.customer_no) or Customer(version=0, no=after.customer_no, name="")
        location = _location(changes.location_code, customer, after.ship_to_code, refs, faults)
        after = replace(after, location_code=location)
    faults.refuse_if_any()
    return after


def _refuse_held_lines(order: Order, changes: HeaderChanges, known: Sourcings, faults: Violations) -> None:
    """Customer and currency stay while any line is bought for this order, the address while a drop shipment is."""
    wanted = {
        "customer_no": changes.customer_no,
        "currency_code": changes.currency_code,
        "ship_to_code": changes.ship_to_code,
        "ship_to": UNSET if changes.ship_to is UNSET else replace(order.ship_to, **changes.ship_to),
    }
    moved = [
        field for field, value in wanted.items() if value is not UNSET and value != getattr(order, field)
    ]
    for field in moved:
        for line in order.lines:
            why = guard(line, known.get(line.id))
            if why and (line.drop_shipment or field in WHOLE_ORDER):
                code, detail = why
                faults.conflict(code, f"cannot change {field}: {detail}", f"/{field}", line_no=line.line_no)
    if "customer_no" in moved and any(line.postings for line in order.lines):
        faults.conflict("has-postings", "the customer of an order with postings stays", "/customer_no")


def _other_customer(order: Order, no: str, refs: References, faults: Violations) -> Order:
    customer = customer_of(no, refs, faults)
    return replace(
        order,
        customer_no=no,
        customer_name=customer.name,
        ship_to_code="",
        ship_to=address_of(customer),
        currency_code=customer.currency_code or refs.home_currency,
    )


def _other_delivery(order: Order, changes: HeaderChanges, refs: References, faults: Violations) -> Order:
    if changes.ship_to_code is UNSET and changes.ship_to is UNSET:
        return order
    customer = refs.customers.get(order.customer_no) or Customer(version=0, no=order.customer_no, name="")
    given = None if changes.ship_to is UNSET else replace(order.ship_to, **changes.ship_to)
    code = order.ship_to_code if changes.ship_to_code is UNSET else changes.ship_to_code
    code, ship_to = _delivery(customer, code, given, refs, faults)
    return replace(order, ship_to_code=code, ship_to=ship_to)


def add_line(order: Order, draft: NewLine, refs: References, line_id: UUID) -> Order:
    """The open order with one more line at its end."""
    refuse_unless_open(order)
    if len(order.lines) >= MAX_LINES:
        raise conflict("too-many-lines", f"an order has at most {MAX_LINES} lines")
    faults = Violations()
    line = LineMaker(order, refs, faults).make(draft, line_id, order.next_line_no())
    faults.refuse_if_any()
    return order.with_line(line)


def delete_order(order: Order, known: Sourcings) -> Order:
    """The order marked deleted; its number and version stay, so that nothing old overtakes it."""
    refuse_postings(order)
    refuse_unless_open(order)
    held = [why_not_delete(order, line, known.get(line.id)) for line in order.lines]
    for faults in held:
        faults.refuse_if_any()
    return replace(order, deleted=True, lines=())
