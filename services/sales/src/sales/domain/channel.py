"""Channel transactions: how a till's order becomes a sales order, and what happens when it cannot."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Final
from uuid import UUID

import msgspec
from msgspec.structs import replace

from contracts.pos import ChannelOrder, NewCustomer, TransactionLine
from contracts.refusals import Refusal, Violations, invalid
from contracts.sales import ChannelTransaction, Customer
from contracts.values import Address, Problem
from sales.domain.drafts import NewLine, NewOrder
from sales.domain.headers import new_order
from sales.domain.lines import LINE_NO_STEP
from sales.domain.orders import Order
from sales.domain.references import References
from sales.domain.releasing import release

PULLED: Final = "pulled"
SUCCEEDED: Final = "succeeded"
FAILED: Final = "failed"
DEAD: Final = "dead"

DATA: Final = "data"
CONFIGURATION: Final = "configuration"
CONFIGURATION_CODES: Final = frozenset(
    {
        "charge-code-not-configured",
        "exchange-rate-missing",
        "number-series-exhausted",
        "unknown-charge-code",
        "unknown-location",
        "unknown-store",
    }
)
"""Violations of the set-up: they stop every order alike and go away for all of them at once (POS-100)."""

MAX_ATTEMPTS: Final = 5
"""After so many a transaction is `dead`: only a person's resubmission tries it again (POS-106)."""
FIRST_RETRY_S: Final = 5.0
RETRY_FACTOR: Final = 4.0
RETRY_CAP_S: Final = 900.0

SHIP: Final = "ship"
PICKUP: Final = "pickup"
CARRY_OUT: Final = "carry_out"


class Transaction(msgspec.Struct, frozen=True, kw_only=True):
    """A till's transaction as sales keeps it: once per `transaction_id` and per identity (POS-86)."""

    transaction_id: UUID
    version: int = 0
    status: str = PULLED
    payload: ChannelOrder
    sales_order_no: str = ""
    customer_no: str = ""
    fault_class: str = ""
    errors: tuple[Problem, ...] = ()
    attempts: int = 0
    next_attempt_at: datetime | None = None
    synchronized_at: datetime | None = None


def snapshot(known: Transaction, *happened: str) -> ChannelTransaction:
    """What the gateway learns of the transaction."""
    return ChannelTransaction(
        version=known.version,
        happened=happened,
        confirmation_no=known.payload.confirmation_no,
        transaction_id=known.transaction_id,
        store_no=known.payload.transaction.store_no,
        status=known.status,
        sales_order_no=known.sales_order_no,
        customer_no=known.customer_no,
        fault_class=known.fault_class,
        errors=known.errors,
        attempts=known.attempts,
        synchronized_at=known.synchronized_at,
    )


def make_order(
    payload: ChannelOrder, customer_no: str, refs: References, ids: Iterator[UUID], today: date
) -> Order:
    """The released sales order of a till's transaction; refused with everything that is wrong with it."""
    if payload.kind != "customer_order":
        raise invalid(
            "line-type-not-supported", f"a {payload.kind} of a till cannot be synchronized", pointer="/kind"
        )
    draft = draft_of(payload, customer_no, refs)
    order = release(new_order(draft, refs, ids, today), refs).order
    if order.totals.total != payload.totals.total:
        detail = f"the till's total is {payload.totals.total}, the order's {order.totals.total}"
        raise invalid(
            "total-mismatch",
            detail,
            pointer="/totals/total",
            client=payload.totals.total,
            server=order.totals.total,
        )
    return order


def draft_of(payload: ChannelOrder, customer_no: str, refs: References) -> NewOrder:
    """The order as any caller would ask for it: till's line numbers kept, charges as lines after them."""
    faults = Violations()
    lines = [_line(line, index, payload, refs, faults) for index, line in enumerate(payload.lines)]
    lines += _charges(payload, faults)
    ship_to_code, ship_to = _delivery(payload, faults)
    store = refs.stores.get(payload.transaction.store_no)
    if store is None:
        faults.unknown("store", payload.transaction.store_no, "/transaction/store_no", copy_of="store")
    faults.refuse_if_any()
    dates = [line.requested_date for line in payload.lines if line.requested_date]
    return NewOrder(
        customer_no=customer_no,
        order_date=payload.transaction.business_date,
        requested_delivery_date=min(dates, default=None),
        ship_to_code=ship_to_code,
        ship_to=ship_to,
        location_code=store.location_code if store and store.location_code else None,
        currency_code=payload.currency_code,
        confirmation_no=payload.confirmation_no,
        external_document_no=payload.confirmation_no,
        prepaid_amount=payload.prepaid_amount,
        lines=tuple(lines),
    )


def _line(
    line: TransactionLine, index: int, payload: ChannelOrder, refs: References, faults: Violations
) -> NewLine:
    return NewLine(
        line_no=line.line_no,
        item_no=line.item_no,
        quantity=line.quantity,
        unit_of_measure_code=line.unit_of_measure_code or None,
        unit_price=line.unit_price,
        line_discount_amount=line.discount or None,
        tax_pct=line.tax_pct,
        location_code=_location(line, index, payload, refs, faults),
        purchasing_code="" if line.mode == CARRY_OUT else line.purchasing_code or None,
        shipment_date=None,
    )


def _location(
    line: TransactionLine, index: int, payload: ChannelOrder, refs: References, faults: Violations
) -> str | None:
    """Where the goods leave: the line's location, else the store's that hands them over (POS-20, POS-27)."""
    if line.location_code:
        return line.location_code
    store_no = payload.transaction.store_no
    if line.mode == PICKUP and line.pickup_store_no:
        store_no = line.pickup_store_no
    store = refs.stores.get(store_no)
    if store is None and store_no != payload.transaction.store_no:
        faults.unknown("store", store_no, f"/lines/{index}/pickup_store_no", copy_of="store")
    return store.location_code if store and store.location_code else None


def _charges(payload: ChannelOrder, faults: Violations) -> list[NewLine]:
    """Shipping charges as charge lines after all item lines: the order's own, then those of its lines (POS-29)."""
    amounts = [payload.shipping_charge, *(line.shipping_charge for line in payload.lines)]
    wanted = [amount for amount in amounts if amount > 0]
    if wanted and not payload.shipping_charge_code:
        detail = "a shipping charge is given, but no charge code is configured"
        faults.invalid("charge-code-not-configured", detail, "/shipping_charge")
    highest = max((line.line_no for line in payload.lines), default=0)
    first = highest // LINE_NO_STEP + 1
    return [
        NewLine(
            line_no=(first + index) * LINE_NO_STEP,
            type="charge",
            charge_code=payload.shipping_charge_code,
            quantity=Decimal(1),
            unit_price=amount,
        )
        for index, amount in enumerate(wanted)
    ]


def _delivery(payload: ChannelOrder, faults: Violations) -> tuple[str | None, Address | None]:
    """The one address that everything shipped of this order goes to; picked-up goods need none."""
    shipped = [(i, line) for i, line in enumerate(payload.lines) if line.mode == SHIP]
    wanted = {(line.address_code, line.address) for _, line in shipped if line.address_code or line.address}
    if not wanted:
        return None, None
    if len(wanted) > 1:
        detail = "lines of one order ship to different addresses"
        faults.invalid("ship-to-mismatch", detail, f"/lines/{shipped[-1][0]}/address")
    code, address = next(iter(wanted))
    return (None, address) if address is not None else (code, None)


def customer_of_till(new: NewCustomer, no: str) -> Customer:
    """The customer that a till made, under the number that sales gives (POS-99)."""
    place = new.address
    return Customer(
        version=1,
        happened=("created",),
        no=no,
        name=new.name,
        address=place.address,
        address_2=place.address_2,
        city=place.city,
        post_code=place.post_code,
        region=place.region,
        country_code=place.country_code,
        contact=place.contact,
        phone=new.phone or place.phone,
        email=new.email,
        customer_type="person",
    )


def succeeded(known: Transaction, sales_order_no: str, customer_no: str, at: datetime) -> Transaction:
    """The transaction once its order exists."""
    return replace(
        known,
        version=known.version + 1,
        status=SUCCEEDED,
        sales_order_no=sales_order_no,
        customer_no=customer_no,
        fault_class="",
        errors=(),
        attempts=known.attempts + 1,
        next_attempt_at=None,
        synchronized_at=at,
    )


def failed(known: Transaction, why: Refusal, at: datetime, jitter: float) -> Transaction:
    """The transaction after an attempt that was refused; `dead` after the last one (POS-106).

    `jitter` in 0..1 spreads the retries of many that failed together.
    """
    attempts = known.attempts + 1
    dead = attempts >= MAX_ATTEMPTS
    return replace(
        known,
        version=known.version + 1,
        status=DEAD if dead else FAILED,
        fault_class=fault_class(why),
        errors=why.problems(),
        attempts=attempts,
        next_attempt_at=None if dead else at + timedelta(seconds=retry_after_s(attempts, jitter)),
    )


def fault_class(why: Refusal) -> str:
    """Whose fault it is: the set-up's (all orders alike) or this transaction's data (POS-100)."""
    codes = {violation.code for violation in why.violations}
    return CONFIGURATION if codes <= CONFIGURATION_CODES else DATA


def retry_after_s(attempts: int, jitter: float) -> float:
    """How long to wait before the next attempt: growing, capped, up to a quarter longer by chance."""
    pause = min(RETRY_CAP_S, FIRST_RETRY_S * RETRY_FACTOR ** (attempts - 1))
    return pause * (1 + jitter / 4)
