"""POS-38 to POS-42, POS-51: amounts in decimals, rounded half away from zero."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.pos import LinePrice, Payment
from domainkit.money import currency
from pos_gateway.domain.orders.amounts import line_money, net_of_change, settle
from tests.unit.pos_gateway.samples import line, rehearse, settings

EUR = currency("EUR")
CENT = EUR.minor_unit
amounts = st.decimals(min_value=0, max_value=100_000, places=2)
percentages = st.decimals(min_value=0, max_value=100, places=3)
payments = st.lists(
    st.builds(
        Payment,
        method=st.sampled_from(["cash", "card", "account"]),
        amount=st.decimals(min_value=CENT, max_value=1000, places=2),
    ),
    max_size=5,
)
lines = st.lists(
    st.tuples(
        st.sampled_from(["ship", "pickup", "carry_out"]),
        st.decimals(min_value="0.001", max_value=999, places=3),
        st.decimals(min_value=0, max_value=9999, places=2),
        st.decimals(min_value=0, max_value=30, places=1),
    ),
    min_size=1,
    max_size=8,
)


def test_0_1_and_0_2_are_0_3() -> None:
    price = LinePrice(quantity=Decimal(1), unit_price=Decimal("0.1") + Decimal("0.2"))
    assert line_money(price, EUR)[0] == Decimal("0.30")


def test_tax_is_rounded_per_line() -> None:
    order = rehearse(*(line(price="0.05", tax_pct="10") for _ in range(3)))

    assert order.totals.tax == Decimal("0.03")


def test_a_discount_is_off_the_whole_line() -> None:
    order = rehearse(line(quantity="3", price="10.00", discount="5.00", tax_pct="20"))

    assert (order.lines[0].net, order.lines[0].tax) == (Decimal("25.00"), Decimal("5.00"))


def test_a_charge_bears_the_tax_of_its_code() -> None:
    order = rehearse(line("ship"), shipping_charge="10.00")

    assert (order.totals.charges, order.totals.tax) == (Decimal("10.00"), Decimal("1.90"))
    assert order.totals.total == Decimal("111.90")


@pytest.mark.parametrize(
    ("pct", "deposit"), [("0", "0.00"), ("10", "33.34"), ("12.5", "41.67"), ("100", "333.35")]
)
def test_pos_38_the_deposit_is_a_rounded_share_of_the_total(pct: str, deposit: str) -> None:
    order = rehearse(line(price="333.35"), at=settings(default_deposit_pct=Decimal(pct)))

    assert order.deposit_required == Decimal(deposit)


def test_pos_39_an_override_replaces_it() -> None:
    order = rehearse(line(), at=settings(default_deposit_pct=Decimal(10)), deposit_override="0")

    assert order.deposit_required == 0
    assert order.overrides[0].from_amount == Decimal("10.00")


def test_pos_40_what_is_carried_out_is_due_in_full() -> None:
    order = rehearse(
        line("carry_out", "30.00"), line(price="50.00"), at=settings(default_deposit_pct=Decimal(10))
    )

    assert (order.deposit_required, order.settlement.due) == (Decimal("5.00"), Decimal("35.00"))


def test_pos_41_a_business_customer_pays_none_unless_it_is_overridden() -> None:
    at = settings(default_deposit_pct=Decimal(10))

    assert rehearse(line(), at=at, customer_no="C2").deposit_required == 0
    assert rehearse(line(), at=at, customer_no="C2", deposit_override="7.00").deposit_required == Decimal(
        "7.00"
    )


def test_pos_51_the_card_is_asked_for_the_ship_part_less_its_share_of_the_deposit() -> None:
    order = rehearse(
        line("ship", "60.00"),
        line("pickup", "40.00"),
        at=settings(default_deposit_pct=Decimal(10)),
        balance_cards=[{"card_token": "t"}],
    )

    assert order.card_hold == Decimal("54.00")


@given(lines=lines, pct=percentages, charge=amounts)
def test_amounts_add_up(
    lines: list[tuple[str, Decimal, Decimal, Decimal]], pct: Decimal, charge: Decimal
) -> None:
    ways = {mode for mode, *_ in lines}
    if ways == {"carry_out"}:
        return
    order = rehearse(
        *(
            line(mode, str(price), quantity=str(quantity), tax_pct=str(tax))
            for mode, quantity, price, tax in lines
        ),
        at=settings(default_deposit_pct=pct),
        shipping_charge=charge if "ship" in ways else None,
        balance_cards=[{"card_token": "t"}],
    )
    totals = order.totals
    assert totals.total == totals.net + totals.tax + totals.charges
    assert totals.net == sum(x.net for x in order.lines)
    carried_out = sum(x.net + x.tax for x in order.lines if x.mode == "carry_out")
    assert order.deposit_required == EUR.share(totals.total - carried_out, pct)
    assert order.settlement.due == order.deposit_required + carried_out
    assert 0 <= order.deposit_required <= totals.total - carried_out
    assert 0 <= order.card_hold <= totals.total - order.deposit_required
    assert not any(map(EUR.too_precise, (totals.net, totals.tax, totals.total, order.deposit_required)))


@given(payments=payments, due=amounts)
def test_pos_36_what_is_paid_and_what_is_given_back_is_what_was_given(
    payments: list[Payment], due: Decimal
) -> None:
    given = sum((p.amount for p in payments), Decimal(0))
    cash = sum((p.amount for p in payments if p.method == "cash"), Decimal(0))
    if given < due or given - cash > due:
        return
    settled = settle(Decimal(0), due, payments)
    kept = net_of_change(payments, settled.change)

    assert settled.paid == due
    assert settled.paid + settled.change == given
    assert sum((p.amount for p in kept), Decimal(0)) == due
    assert all(p.amount > 0 for p in kept)
    assert [p for p in kept if p.method != "cash"] == [p for p in payments if p.method != "cash"]
