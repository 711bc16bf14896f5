"""How a till's order becomes a released sales order."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from msgspec.structs import replace

from contracts.channel import ChannelOrder
from contracts.keys import ship_to_address_no
from contracts.planning.masters import Location
from contracts.pos import NewCustomer, Store, TransactionLine
from contracts.refusals import Reason, Refusal, Violation, Violations, invalid
from contracts.sales.masters import ChargeCode, Customer, ShipToAddress
from contracts.values import Address
from domainkit.decisions import DecisionContext
from domainkit.money import currency
from domainkit.parties import Destination, address_of, check_one_destination
from domainkit.procurement import need_item
from domainkit.references import ReferenceData, ReferenceQuery
from domainkit.structs import extended
from sales.domain.orders.commands import NewSalesOrder, TillLine
from sales.domain.orders.creation import new_order
from sales.domain.orders.lines import LINE_NO_STEP
from sales.domain.orders.order import Order
from sales.domain.orders.releasing import release
from sales.domain.quotes.quote import Quote, new_quote
from sales.domain.references import need_ship_to, ship_to_of

SHIP: Final = "ship"
PICKUP: Final = "pickup"
CARRY_OUT: Final = "carry_out"


def need_till_order(query: ReferenceQuery, payload: ChannelOrder, customer_no: str) -> None:
    """What the order looks up by what it names itself."""
    query.need(Store, payload.transaction.store_no)
    query.need_rates(payload.currency_code, payload.transaction.business_date)
    query.need(ChargeCode, payload.shipping_charge_code)
    query.need(Customer, customer_no)
    for line in payload.lines:
        query.need(Store, line.pickup_store_no)
        need_ship_to(query, customer_no, line.address_code)
        if line.location_code:
            need_item(query, line.item_no, line.location_code)
            query.need(Location, line.location_code)


def need_store_locations(query: ReferenceQuery, payload: ChannelOrder, references: ReferenceData) -> None:
    """What the order looks up by the locations of its stores."""
    query.need(Location, location_of_store(payload.transaction.store_no, references))
    for line in payload.lines:
        location = line.location_code or location_of_store(_handing_store(line, payload), references) or ""
        need_item(query, line.item_no, location)
        query.need(Location, location)


def quote_of_till(payload: ChannelOrder, customer_no: str, context: DecisionContext) -> Quote:
    """The sales quote of a till's quote; refused with everything that is wrong with it (POS-59)."""
    _check_accepted(payload)
    quote = new_quote(new_order_of_till(payload, customer_no, context.references), context)
    check_total(payload.totals.total, quote.totals.total)
    return replace(quote, confirmation_no=payload.confirmation_no)


def order_of_till(
    payload: ChannelOrder, customer_no: str, context: DecisionContext, *, stays_open: bool = False
) -> Order:
    """The sales order of a till's transaction, released unless it `stays_open` under the hold code (POS-12).

    It is refused with everything that is wrong with it.
    """
    _check_accepted(payload)
    order = new_order(new_order_of_till(payload, customer_no, context.references), context)
    if currency(order.currency_code).too_precise(payload.prepaid_amount):
        detail = "prepaid_amount is finer than the currency"
        raise invalid("too-many-decimals", detail, pointer="/prepaid_amount")
    order = replace(order, confirmation_no=payload.confirmation_no, prepaid_amount=payload.prepaid_amount)
    released = release(order, context.references).order
    order = replace(order, hold_code=payload.hold_code) if stays_open else released
    check_total(payload.totals.total, order.totals.total)
    return order


def check_total(at_the_till: Decimal, of_the_order: Decimal) -> None:
    """Refuse an order that comes to something else than the till has shown its customer."""
    if at_the_till != of_the_order:
        detail = f"the till's total is {at_the_till}, the order's {of_the_order}"
        raise invalid(
            "total-mismatch", detail, pointer="/totals/total", client=at_the_till, server=of_the_order
        )


def _check_accepted(payload: ChannelOrder) -> None:
    """What the till's gateway found wrong refuses it, until a person repairs it."""
    if payload.errors:
        raise Refusal(
            *(Violation(e.code, e.detail, e.pointer, reason=Reason.CONFLICT) for e in payload.errors)
        )


def new_order_of_till(payload: ChannelOrder, customer_no: str, references: ReferenceData) -> NewSalesOrder:
    """The order as any caller would ask for it: the till's line numbers kept, charges as lines after them."""
    found = Violations()
    lines = [_line(found, line, index, payload, references) for index, line in enumerate(payload.lines)]
    lines += _charges(found, payload)
    ship_to_code, ship_to = _delivery(found, payload, customer_no, references)
    store = references.find(Store, payload.transaction.store_no)
    if store is None:
        store_no = payload.transaction.store_no
        found.unknown("store", store_no, "/transaction/store_no", copy_of="store")
    found.refuse_if_any()
    dates = [line.requested_date for line in payload.lines if line.requested_date]
    return NewSalesOrder(
        customer_no=customer_no,
        order_date=payload.transaction.business_date,
        requested_delivery_date=min(dates, default=None),
        ship_to_code=ship_to_code,
        ship_to=ship_to,
        location_code=store.location_code if store and store.location_code else None,
        currency_code=payload.currency_code,
        external_document_no=payload.confirmation_no,
        external_reference=payload.external_reference,
        lines=tuple(lines),
    )


def _line(
    found: Violations, line: TransactionLine, index: int, payload: ChannelOrder, references: ReferenceData
) -> TillLine:
    return TillLine(
        line_no=line.line_no,
        item_no=line.item_no,
        quantity=line.quantity,
        unit_of_measure_code=line.unit_of_measure_code or None,
        unit_price=line.unit_price,
        line_discount_amount=line.discount or None,
        tax_pct=line.tax_pct,
        location_code=_location(found, line, index, payload, references),
        purchasing_code="" if line.mode == CARRY_OUT else line.purchasing_code or None,
    )


def _location(
    found: Violations, line: TransactionLine, index: int, payload: ChannelOrder, references: ReferenceData
) -> str | None:
    """Where the goods leave: the line's location, else the store's that hands them over (POS-20, POS-27)."""
    if line.location_code:
        return line.location_code
    store_no = _handing_store(line, payload)
    if references.find(Store, store_no) is None and store_no != payload.transaction.store_no:
        found.unknown("store", store_no, f"/lines/{index}/pickup_store_no", copy_of="store")
    return location_of_store(store_no, references)


def _handing_store(line: TransactionLine, payload: ChannelOrder) -> str:
    picked_up = line.mode == PICKUP and line.pickup_store_no
    return line.pickup_store_no if picked_up else payload.transaction.store_no


def location_of_store(store_no: str, references: ReferenceData) -> str | None:
    """Where the store's own goods lie; None if it has no location, or is not known."""
    store = references.find(Store, store_no)
    return store.location_code if store and store.location_code else None


def _charges(found: Violations, payload: ChannelOrder) -> list[TillLine]:
    """Shipping charges as charge lines after all item lines: the order's own, then those of its lines (POS-29).

    Their tax is that of the moment they were taken, as the tax of item lines is.
    """
    amounts = [payload.shipping_charge, *(line.shipping_charge for line in payload.lines)]
    wanted = [amount for amount in amounts if amount > 0]
    if wanted and not payload.shipping_charge_code:
        detail = "a shipping charge is given, but no charge code is configured"
        found.invalid("charge-code-not-configured", detail, "/shipping_charge")
    highest = max((line.line_no for line in payload.lines), default=0)
    first = highest // LINE_NO_STEP + 1
    return [
        TillLine(
            line_no=(first + index) * LINE_NO_STEP,
            type="charge",
            charge_code=payload.shipping_charge_code,
            quantity=Decimal(1),
            unit_price=amount,
            tax_pct=payload.shipping_charge_tax_pct,
        )
        for index, amount in enumerate(wanted)
    ]


def _delivery(
    found: Violations, payload: ChannelOrder, customer_no: str, references: ReferenceData
) -> tuple[str | None, Address | None]:
    """Where everything shipped of this order goes: code and address; picked-up goods need none.

    A written address stands even if its code is gone by now: the till has promised it.
    """
    destinations = [
        Destination(
            f"/lines/{i}/address", line.address_code, line.address or _named(line, customer_no, references)
        )
        for i, line in enumerate(payload.lines)
        if line.mode == SHIP and (line.address_code or line.address)
    ]
    check_one_destination(found, destinations)
    written = next((each.address for each in destinations if each.address), None)
    codes = [each.code for each in destinations if each.code]
    if written is not None:
        codes = [code for code in codes if ship_to_of(references, customer_no, code)]
    return next(iter(codes), None), written


def _named(line: TransactionLine, customer_no: str, references: ReferenceData) -> Address | None:
    named = ship_to_of(references, customer_no, line.address_code)
    return address_of(named) if named else None


def customer_of_till(new: NewCustomer, no: str) -> Customer:
    """The customer that a till made, under the number that sales gives (POS-99); version 0: not stored yet."""
    return extended(
        Customer,
        new.address,
        version=0,
        happened=("created",),
        no=no,
        name=new.name,
        phone=new.phone or new.address.phone,
        email=new.email,
        customer_type="person",
    )


def addresses_of_till(new: NewCustomer, no: str) -> dict[str, ShipToAddress]:
    """The named addresses of a customer that a till made, by their keys (POS-99)."""
    made = (
        extended(ShipToAddress, address, version=1, happened=("created",), customer_no=no)
        for address in new.addresses
    )
    return {ship_to_address_no(no, address.code): address for address in made}
