"""POS-38 to POS-54: worked figures of the money of acts."""

from __future__ import annotations

from decimal import Decimal

import pytest
from msgspec.structs import replace

from contracts.pos import LinePrice
from contracts.refusals import Violations
from domainkit.money import Currency, currency
from pos_gateway.domain.acts.amounts import NetAndTax, charged, part_of, part_of_line
from pos_gateway.domain.acts.bills import (
    bill_of_cancellation,
    bill_of_edit,
    bill_of_pickup,
    bill_of_return,
    cancellation_charge,
)
from pos_gateway.domain.acts.deposits import DepositUse, check_applied, deposit_share, proposed_deposit
from pos_gateway.domain.acts.remaining import available_deposit, to_fulfil, value_left
from pos_gateway.domain.orders.order import CustomerOrder
from pos_gateway.domain.orders.order_money import OrderMoney
from pos_gateway.domain.orders.quantities import LineQuantities
from tests.unit.pos_gateway.samples import decide, found_in, line, new_order, settings

EUR, JPY, KWD = currency("EUR"), currency("JPY"), currency("KWD")
D = Decimal


def price(quantity: str, unit_price: str, tax_pct: str = "0", discount: str = "0") -> LinePrice:
    return LinePrice(quantity=D(quantity), unit_price=D(unit_price), tax_pct=D(tax_pct), discount=D(discount))


def an_order(*, override: str | None = None, pct: str = "10") -> CustomerOrder:
    """Two lines to pick up, 100.00 and 33.35; 10 % of them is 13.34."""
    at = settings(default_deposit_pct=D(pct))
    lines = (line(price="50.00", quantity="2"), line(price="33.35"))
    paid = "13.34" if override is None else override
    given = {"deposit_override": override} if override else {}
    return decide(new_order(*lines, payments=[{"method": "cash", "amount": paid}], **given), at)


def use(order: CustomerOrder, total: str, available: str, *, completes: bool = False) -> DepositUse:
    return DepositUse(total=D(total), to_fulfil=to_fulfil(order), available=D(available), completes=completes)


def quantities(ordered: str, **done: str) -> LineQuantities:
    """Of a line; what is not named is 0."""
    amounts = dict.fromkeys(LineQuantities.__struct_fields__, Decimal(0))
    amounts |= {name: D(value) for name, value in done.items()}
    amounts["ordered"] = D(ordered)
    amounts["open"] = D(ordered) - amounts["picked_up"] - amounts["shipped"] - amounts["cancelled"]
    return LineQuantities(**amounts)


def test_parts_of_a_line_are_what_sales_invoices_and_add_up_to_it() -> None:
    """POS-53: three thirds of 100.00 with 19 % tax."""
    whole = price("3", "33.34", "19", "0.02")
    parts = [part_of_line(whole, D(str(i)), D(str(i + 1)), EUR) for i in range(3)]

    assert [p.net for p in parts] == [D("33.33"), D("33.34"), D("33.33")]
    assert [p.tax for p in parts] == [D("6.33"), D("6.34"), D("6.33")]
    assert sum((p.total for p in parts), D("0")) == D("119.00")


@pytest.mark.parametrize(
    ("money", "unit_price", "net", "tax"),
    [(EUR, "10.01", "10.01", "1.90"), (JPY, "1001", "1001", "190"), (KWD, "1.005", "1.005", "0.191")],
)
def test_amounts_are_rounded_half_away_from_zero_to_the_currency(
    money: Currency, unit_price: str, net: str, tax: str
) -> None:
    """POS-38, choice 10: 0.19095 of a dinar is 0.191."""
    assert part_of_line(price("1", unit_price, "19"), D("0"), D("1"), money) == NetAndTax(D(net), D(tax))


def test_a_partial_pick_up_uses_the_percentage_of_what_is_picked_up() -> None:
    """POS-44: 10 % of 50.00, but no more than is left."""
    order = an_order()

    assert proposed_deposit(order, use(order, "50.00", "13.34"), EUR) == D("5.00")
    assert proposed_deposit(order, use(order, "50.00", "3.00"), EUR) == D("3.00")


def test_the_last_pick_up_uses_all_that_is_left_and_gives_back_what_it_does_not_need() -> None:
    """POS-45, POS-46: 8.34 is left for goods of 5.00."""
    order = an_order()

    applied = proposed_deposit(order, use(order, "5.00", "8.34", completes=True), EUR)

    assert applied == D("8.34")
    assert bill_of_pickup(NetAndTax(D("5.00")), applied).due == D("-3.34")


def test_due_at_a_pick_up_is_its_total_less_what_is_applied() -> None:
    """POS-46."""
    bill = bill_of_pickup(NetAndTax(D("50.00"), D("9.50")), D("5.95"))

    assert (bill.totals.total, bill.due, bill.deposit_used) == (D("59.50"), D("53.55"), D("5.95"))


def test_a_set_deposit_must_be_stated_at_a_partial_pick_up() -> None:
    """POS-47: nothing is applied by itself; a rehearsal proposes the share (P11)."""
    order, found = an_order(override="60.00"), Violations()
    wanted = use(order, "50.00", "60.00")

    check_applied(found, order, wanted, None, EUR)

    assert found_in(found) == [("deposit-application-required", "/deposit_applied")]
    assert deposit_share(order, D("50.00"), to_fulfil(order), EUR) == D("22.50")
    assert check_applied(Violations(), order, wanted, None, EUR, dry_run=True) == D("22.50")
    assert check_applied(Violations(), order, wanted, D("50"), EUR) == D("50.00")


@pytest.mark.parametrize(
    ("stated", "available"), [("50.01", "60.00"), ("20.01", "20.00"), ("-0.01", "60.00")]
)
def test_no_more_can_be_applied_than_is_available_or_picked_up(stated: str, available: str) -> None:
    """POS-47."""
    order, found = an_order(override="60.00"), Violations()

    check_applied(found, order, use(order, "50.00", available), D(stated), EUR)

    assert found_in(found) == [("deposit-override-out-of-range", "/deposit_applied")]


@pytest.mark.parametrize(("override", "completes"), [(None, False), ("60.00", True)])
def test_what_the_rules_say_cannot_be_changed(override: str | None, *, completes: bool) -> None:
    """POS-47: neither without a set deposit nor when the pick-up completes the order."""
    order, found = an_order(override=override), Violations()
    wanted = use(order, "50.00", "13.34", completes=completes)

    check_applied(found, order, wanted, D("1.00"), EUR)

    assert found_in(found) == [("deposit-application-not-allowed", "/deposit_applied")]
    assert check_applied(Violations(), order, wanted, None, EUR) == (D("13.34") if completes else D("5.00"))


def test_the_charge_for_cancelling_is_on_the_total_with_tax_and_shipping() -> None:
    """POS-48: 5 % of 1434.56."""
    assert cancellation_charge(D("1434.56"), D("5"), EUR) == D("71.73")
    assert cancellation_charge(D("1434"), D("5"), JPY) == D("72")
    assert cancellation_charge(D("1434.567"), D("5"), KWD) == D("71.728")


@pytest.mark.parametrize(
    ("prepaid", "due"), [("200.00", "-114.64"), ("85.36", "0.00"), ("50.00", "35.36"), ("0", "85.36")]
)
def test_the_charge_with_its_tax_is_kept_of_the_deposit(prepaid: str, due: str) -> None:
    """POS-49: what is missing is paid (choice 5), what is left goes back."""
    bill = bill_of_cancellation(D("1434.56"), charged(D("71.73"), D("19"), EUR), D(prepaid))

    assert bill.charge == NetAndTax(D("71.73"), D("13.63"))
    assert (bill.totals.total, bill.due, bill.deposit_used) == (D("85.36"), D(due), D(prepaid))


def test_what_is_left_is_open_lines_and_the_charge_of_what_no_part_was_shipped_of() -> None:
    """P13: the value that cancelling the rest is charged on."""
    order = decide(
        new_order(
            line(price="50.00", quantity="2", tax_pct="19"),
            line("ship", "30.00", quantity="3"),
            shipping_charge="10.00",
            balance_cards=[{"card_token": "t"}],
        )
    )
    picked_up = quantities("2", picked_up="1")

    nothing_shipped = {10000: picked_up, 20000: quantities("3")}
    one_shipped = {10000: picked_up, 20000: quantities("3", shipped="1")}

    assert value_left(order, nothing_shipped, EUR).total == D("59.50") + D("90.00") + D("11.90")
    assert value_left(order, one_shipped, EUR).total == D("59.50") + D("60.00")


def test_shipments_use_their_share_of_the_deposit() -> None:
    """POS-43: available is what pick-ups and shipments have not used."""
    at = settings(default_deposit_pct=D("10"))
    order = decide(
        new_order(
            line(price="50.00", quantity="2"),
            line("ship", "30.00", quantity="3"),
            payments=[{"method": "card", "amount": "19.00", "card_token": "t"}],
        ),
        at,
    )

    assert available_deposit(order, {10000: quantities("2"), 20000: quantities("3")}, EUR) == D("19.00")
    shipped = {10000: quantities("2"), 20000: quantities("3", shipped="2")}
    assert available_deposit(order, shipped, EUR) == D("13.00")


def test_a_return_gives_back_goods_and_charges() -> None:
    """POS-50."""
    bill = bill_of_return(NetAndTax(D("100.00"), D("19.00")), NetAndTax(D("10.00"), D("1.90")))

    assert (bill.totals.net, bill.totals.charges, bill.totals.tax) == (D("-100.00"), D("-10.00"), D("-20.90"))
    assert bill.due == bill.totals.total == D("-130.90")
    assert bill.charges_refunded.net == D("10.00")


def test_a_charge_of_a_line_goes_back_in_proportion() -> None:
    """POS-52: 25.00 on 5 pieces, of which 3 come back, then the other 2."""
    charge = charged(D("25.00"), D("19"), EUR)

    first, rest = (part_of(charge, D("5"), D(a), D(b), EUR) for a, b in (("0", "3"), ("3", "5")))

    assert (first.net, rest.net) == (D("15.00"), D("10.00"))
    assert first + rest == charge


def test_an_edit_asks_for_the_difference_of_the_deposit() -> None:
    """POS-42, POS-66: up, and down again."""
    money = OrderMoney(paid=D("13.34"), deposit_paid=D("13.34"))
    totals = an_order().totals

    assert bill_of_edit(totals, D("20.00"), money).due == D("6.66")
    assert bill_of_edit(totals, D("10.00"), money).due == D("-3.34")


def test_an_edit_gives_back_no_more_than_pick_ups_have_left() -> None:
    """POS-43, POS-66."""
    money = replace(OrderMoney(paid=D("60.00"), deposit_paid=D("60.00")), deposit_used=D("50.00"))

    assert bill_of_edit(an_order().totals, D("20.00"), money).due == D("-10.00")
