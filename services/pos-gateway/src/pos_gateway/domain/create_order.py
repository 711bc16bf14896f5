"""Decides about a new customer order: what is agreed with a till's wish, or all reasons why not (1B, 1C)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from decimal import Decimal

import msgspec

from contracts.pos import Payment, TransactionIdentity
from contracts.refusals import forbidden
from pos_gateway.domain import deliveries
from pos_gateway.domain.amounts import (
    Amounts,
    amounts_of,
    card_hold,
    deposit_pct_for,
    net_of_change,
    required_deposit,
    settle,
)
from pos_gateway.domain.availability import stock_key
from pos_gateway.domain.buyers import Buyer, buyer_of
from pos_gateway.domain.case import Case, Occasion, Place, Till
from pos_gateway.domain.configuration import Configuration, FunctionalityProfile
from pos_gateway.domain.known import Known, Wanted
from pos_gateway.domain.lines import build_line, check_count, is_amount, positions
from pos_gateway.domain.money import ZERO, rounded
from pos_gateway.domain.new_order import NewOrder, no
from pos_gateway.domain.order import (
    CardHold,
    Collector,
    CustomerOrder,
    Mode,
    OrderLine,
    Override,
    Settlement,
    Terms,
)
from pos_gateway.domain.payments import cards_of, check_card, check_paid, has_card, payments_of

CLOCK_SKEW_LIMIT = timedelta(minutes=5)
ISSUED_PREFIX = "K-"
"""Confirmation numbers that the gateway issues begin so; a till's receipt number may not."""


class Money(msgspec.Struct, frozen=True, kw_only=True):
    """What must be paid of the order, and what was."""

    deposit_pct: Decimal
    deposit: Decimal
    payments: tuple[Payment, ...]
    cards: tuple[CardHold, ...]
    settlement: Settlement
    overrides: tuple[Override, ...]


def wanted_of(new: NewOrder, configuration: Configuration) -> Wanted:
    """Which copies `decide_order` asks for, and `shortages` of the order that it makes."""
    customer_no = no(new.customer_no)
    codes = {no(f.address_code) for f in (new.fulfilment, *(line.fulfilment for line in new.lines)) if f}
    wanted = {("customer", customer_no)}
    wanted |= {("ship-to-address", f"{customer_no}/{code}") for code in codes if code}
    wanted |= {("item", no(line.item_no)) for line in new.lines}
    wanted |= {("purchasing-code", no(line.purchasing_code)) for line in new.lines}
    wanted |= set(_stock_of(new, configuration))
    wanted.add(("charge-code", configuration.parameters.shipping_charge_code))
    return Wanted(
        copies=frozenset(w for w in wanted if w[1]),
        till_customers=frozenset({new.customer_id} if new.customer_id else ()),
    )


def _stock_of(new: NewOrder, configuration: Configuration) -> Iterator[tuple[str, str]]:
    store = configuration.stores.get(no(new.transaction.store_no))
    if store is None:
        return
    for line in new.lines:
        wish = deliveries.inherited(new.fulfilment, line.fulfilment)
        location_code = deliveries.location_of(wish, store, configuration.stores)
        yield "stock", stock_key(no(line.item_no), location_code)


def identity_of(new: NewOrder) -> TransactionIdentity:
    """The identity of the transaction, as it is stored (POS-86)."""
    said = new.transaction
    return TransactionIdentity(
        store_no=no(said.store_no),
        terminal_no=no(said.terminal_no),
        business_date=said.business_date,
        sequence=said.sequence,
    )


def mode_of(configuration: Configuration, store_no: str) -> Mode:
    """How orders of a store reach sales (POS-15, POS-16)."""
    store = configuration.stores.get(store_no)
    profile = configuration.profile_of(store) if store else FunctionalityProfile()
    if not profile.create_customer_order_in_async_mode:
        return "synchronous"
    return "backup" if profile.realtime_with_async_backup else "asynchronous"


def place_of(new: NewOrder, till: Till, mode: Mode, configuration: Configuration) -> Place:
    """The settings for this till; 403 if it speaks for another one or its worker may not create orders."""
    said = identity_of(new)
    is_its_own = (said.store_no, said.terminal_no) == (till.store_no, till.terminal_no)
    if not is_its_own or configuration.terminals.get(till.terminal_no) != till.store_no:
        detail = f"this token is of terminal {till.terminal_no} of store {till.store_no}"
        raise forbidden("terminal-mismatch", detail, pointer="/transaction")
    worker = configuration.workers.get(till.worker_id)
    if worker is None or not worker.works_at(till.store_no):
        raise forbidden("worker-not-of-store", f"{till.worker_id} does not work here")
    if not worker.may("create_order"):
        detail = f"{till.worker_id} may not create orders"
        raise forbidden("permission-missing", detail, permission="create_order")
    store = configuration.stores[till.store_no]
    return Place(
        store=store,
        stores=configuration.stores,
        profile=configuration.profile_of(store),
        parameters=configuration.parameters,
        worker=worker,
        version=configuration.version,
        mode=mode,
    )


def decide_order(new: NewOrder, place: Place, known: Known, occasion: Occasion) -> CustomerOrder:
    """The order that is agreed with this wish; raises the Refusal with every reason against it."""
    case = Case.open(new, place, known, occasion)
    _check_header(case)
    buyer = buyer_of(case)
    check_count(case)
    lines = _lines(case, buyer)
    _check_charge_code(case)
    charge = _header_charge(case, lines)
    payments = payments_of(case)
    case.found.refuse_if_any()  # amounts of something invalid would only repeat what is wrong
    amounts = amounts_of(lines, charge, _charge_tax_pct(case), case.unit)
    money = _money(case, buyer, amounts, payments)
    case.found.refuse_if_any()
    return _order(case, buyer, lines, amounts, money)


def _check_header(case: Case) -> None:
    new, store, found = case.new, case.place.store, case.found
    kind = (new.kind or case.place.parameters.default_order_type).strip().lower()
    if kind == "quote":
        found.invalid("quotes-not-offered", "quotes are not offered by this version", "/kind")
    elif kind != "customer_order":
        found.invalid("invalid-kind", "kind must be customer_order or quote", "/kind")
    currency = no(new.currency_code)
    if currency and currency != store.currency_code:
        detail = f"store {store.no} sells in {store.currency_code}"
        found.invalid(
            "currency-mismatch", detail, "/currency_code", client=currency, server=store.currency_code
        )
    if new.expiry_date is not None and kind == "customer_order":
        found.invalid("expiry-date-not-allowed", "only a quote expires", "/expiry_date")
    if no(new.receipt_no).startswith(ISSUED_PREFIX):
        found.invalid(
            "receipt-no-reserved", f"numbers {ISSUED_PREFIX}… are issued by the gateway", "/receipt_no"
        )
    if new.approval_ids:
        detail = "no approval with this id is open for this worker and order"
        found.forbidden("manager-approval-required", detail, "/approval_ids")


def _lines(case: Case, buyer: Buyer) -> tuple[OrderLine, ...]:
    new = case.new
    built: list[OrderLine | None] = []
    carried_out = 0
    for line, at in zip(new.lines, positions(new.lines), strict=True):
        wish = deliveries.inherited(new.fulfilment, line.fulfilment)
        way = deliveries.resolve(case, wish, buyer.addressee, f"{at.pointer}/fulfilment")
        carried_out += way is not None and way.mode == "carry_out"
        built.append(build_line(case, line, at, way))
    if built and carried_out == len(built):
        detail = "goods that are all carried out are a sale, not an order"
        case.found.invalid("cash-and-carry", detail, "/lines")
    return tuple(line for line in built if line is not None)


def _header_charge(case: Case, lines: Sequence[OrderLine]) -> Decimal:
    """The header's shipping charge: never beside charges on lines, never without a shipped line (POS-29)."""
    charge = case.new.shipping_charge
    if not charge or not is_amount(case, charge, "/shipping_charge"):
        return ZERO
    if any(line.shipping_charge for line in case.new.lines):
        detail = "shipping is charged on the header or on lines, not on both"
        case.found.invalid("shipping-charge-twice", detail, "/shipping_charge")
    if len(lines) == len(case.new.lines) and all(line.mode != "ship" for line in lines):
        detail = "nothing is shipped that could bear a shipping charge"
        case.found.invalid("shipping-charge-not-allowed", detail, "/shipping_charge")
    return rounded(charge, case.unit)


def _check_charge_code(case: Case) -> None:
    """A shipping amount needs the code it is charged under (POS-04)."""
    charges = (case.new.shipping_charge, *(line.shipping_charge for line in case.new.lines))
    if any(charges) and not case.place.parameters.shipping_charge_code:
        detail = "no shipping charge code is configured"
        case.found.invalid("charge-code-not-configured", detail, "/shipping_charge")


def _charge_tax_pct(case: Case) -> Decimal:
    code = case.known.charge_codes.get(case.place.parameters.shipping_charge_code)
    return code.tax_pct if code else ZERO


def _money(case: Case, buyer: Buyer, amounts: Amounts, payments: tuple[Payment, ...]) -> Money:
    _check_totals(case, amounts)
    override = _override(case, amounts)
    pct = deposit_pct_for(buyer.customer, case.place.parameters.default_deposit_pct)
    asked = required_deposit(amounts, pct, None, case.unit)
    deposit = asked if override is None else required_deposit(amounts, pct, override, case.unit)
    total, due = amounts.totals.total, deposit + amounts.carried_out
    cards = cards_of(case)
    if not case.occasion.dry_run:
        check_paid(case, payments, due)
        check_card(case, amounts, total - due, card_known=has_card(cards, payments))
    return Money(
        deposit_pct=pct,
        deposit=deposit,
        payments=payments,
        cards=cards,
        settlement=settle(total, due, payments),
        overrides=() if override is None else (_override_record(case, asked, deposit),),
    )


def _check_totals(case: Case, amounts: Amounts) -> None:
    """The till's amounts must be the server's, as far as it states them (B5)."""
    stated = case.new.totals
    for field in ("net", "tax", "charges", "total") if stated is not None else ():
        client, server = getattr(stated, field), getattr(amounts.totals, field)
        if client is not None and client != server:
            pointer = f"/totals/{field}"
            case.found.invalid(
                "total-mismatch", f"{field} is {server}", pointer, client=client, server=server
            )


def _override(case: Case, amounts: Amounts) -> Decimal | None:
    """The deposit that the worker sets instead; needs the right to (POS-39, POS-117, B11)."""
    override = case.new.deposit_override
    if override is None:
        return None
    most = amounts.to_fulfil
    if not override.is_finite() or not 0 <= override <= most:
        detail = f"a deposit is from 0 to {most}"
        case.found.invalid("deposit-override-out-of-range", detail, "/deposit_override", maximum=most)
        return None
    if not is_amount(case, override, "/deposit_override"):
        return None
    if not case.place.worker.may("deposit_override"):
        detail = "a manager must approve another deposit"
        case.found.forbidden(
            "manager-approval-required", detail, "/deposit_override", operation="deposit_override"
        )
    return override


def _override_record(case: Case, asked: Decimal, deposit: Decimal) -> Override:
    return Override(
        operation="deposit_override",
        requested_by=case.place.worker.id,
        from_amount=asked,
        to_amount=deposit,
        at=case.occasion.received_at,
    )


def _order(
    case: Case, buyer: Buyer, lines: tuple[OrderLine, ...], amounts: Amounts, money: Money
) -> CustomerOrder:
    new, place, occasion = case.new, case.place, case.occasion
    receipt_no = no(new.receipt_no)
    shipping = rounded(new.shipping_charge, case.unit) if new.shipping_charge else ZERO
    return CustomerOrder(
        version=1,
        confirmation_no=receipt_no or occasion.issued_no,
        transaction_id=occasion.transaction_id,
        transaction=identity_of(new),
        mode=place.mode,
        receipt_no=receipt_no,
        customer_no=buyer.customer_no,
        new_customer=buyer.new_customer,
        currency_code=place.store.currency_code,
        occurred_at=new.occurred_at,
        received_at=occasion.received_at,
        clock_skew=abs(new.occurred_at - occasion.received_at) > CLOCK_SKEW_LIMIT,
        config_version=place.version,
        config_stale=new.config_version is not None and new.config_version != place.version,
        worker_id=place.worker.id,
        lines=lines,
        shipping_charge=shipping,
        shipping_charge_code=place.parameters.shipping_charge_code if amounts.totals.charges else "",
        totals=amounts.totals,
        deposit_required=money.deposit,
        prepaid_amount=money.settlement.paid,
        payments=net_of_change(money.payments, money.settlement.change),
        balance_cards=money.cards,
        card_hold=_held(case, amounts, money),
        settlement=money.settlement,
        overrides=money.overrides,
        collector=_collector(case),
        terms=_terms(case, money),
    )


def _held(case: Case, amounts: Amounts, money: Money) -> Decimal:
    """Nothing is held when all is paid (POS-34) or no card is known."""
    open_balance = amounts.totals.total > money.settlement.due
    if not open_balance or not has_card(money.cards, money.payments):
        return rounded(ZERO, case.unit)
    return card_hold(amounts, money.deposit, case.unit)


def _collector(case: Case) -> Collector | None:
    new = case.new.collector
    if new is None:
        return None
    return Collector(
        name=new.name.strip(), phone=(new.phone or "").strip(), pickup_code=case.occasion.pickup_code
    )


def _terms(case: Case, money: Money) -> Terms:
    parameters = case.place.parameters
    return Terms(
        deposit_pct=money.deposit_pct,
        cancellation_pct=parameters.cancellation_charge_pct,
        cancellation_charge_code=parameters.cancellation_charge_code,
        shipping_charge_code=parameters.shipping_charge_code,
        minor_unit=case.unit,
    )
