"""Quotes: POS-13, POS-55, POS-56, B15."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from msgspec.structs import replace

from pos_gateway.domain.orders.context import TillSettings
from pos_gateway.domain.orders.order import CustomerOrder
from pos_gateway.domain.setup.records import CHANGE_QUOTE_EXPIRY
from tests.unit.pos_gateway.samples import STORE, WORKER, decide, line, new_order, reasons, refused, settings

MAY = replace(settings(), worker=replace(WORKER, permissions=(*WORKER.permissions, CHANGE_QUOTE_EXPIRY)))
TEN_PCT = settings(default_deposit_pct=Decimal(10))


def quote(at: TillSettings | None = None, mode: str = "ship", **changes: Any) -> CustomerOrder:
    return decide(new_order(line(mode), kind="quote", **changes), at)


def test_pos_55_a_quote_takes_no_money() -> None:
    made = quote(TEN_PCT)

    assert (made.kind, made.deposit_required, made.settlement.due) == ("quote", 0, 0)
    assert made.totals.total == made.settlement.total == Decimal("100.00")


def test_b15_a_quote_with_payment_deposit_card_or_carried_out_goods_is_refused() -> None:
    """POS-55, B11."""
    new = new_order(
        line(),
        line("carry_out"),
        kind="quote",
        payments=[{"method": "cash", "amount": "10.00"}],
        balance_cards=[{"card_token": "t"}],
        deposit_override="5.00",
    )

    assert reasons(refused(new)) == [
        ("payment-not-allowed", "/payments"),
        ("payment-not-allowed", "/balance_cards"),
        ("deposit-override-not-allowed", "/deposit_override"),
        ("carry-out-not-allowed", "/lines/1/fulfilment/mode"),
    ]


def test_pos_13_a_quote_without_a_day_holds_for_the_usual_time() -> None:
    """POS-56: until the last second of the day in the store's zone."""
    made = quote(replace(settings(), parameters=replace(TEN_PCT.parameters, quote_expiration_days=30)))

    assert made.expiry_date == date(2026, 4, 1)
    assert made.expires_at == datetime(2026, 4, 1, 21, 59, 59, tzinfo=UTC)


def test_pos_56_the_last_day_is_the_store_s() -> None:
    tokyo = replace(settings(), store=replace(STORE, time_zone="Asia/Tokyo"))

    assert quote(tokyo, "pickup").expires_at == datetime(2026, 4, 1, 14, 59, 59, tzinfo=UTC)


def test_pos_56_another_day_than_the_usual_needs_its_permission() -> None:
    asked = new_order(line(), kind="quote", expiry_date="2026-03-09")

    assert reasons(refused(asked)) == [("permission-missing", "/expiry_date")]
    assert decide(asked, MAY).expiry_date == date(2026, 3, 9)
    assert quote(expiry_date="2026-04-01").expiry_date == date(2026, 4, 1)


@pytest.mark.parametrize(
    ("expiry", "kept"),
    [("2026-03-02", "2026-03-02"), ("2999-12-31", "2036-02-28"), ("9999-12-31", "2036-02-28")],
)
def test_b15_a_quote_holds_for_ten_years_at_most(expiry: str, kept: str) -> None:
    assert quote(MAY, expiry_date=expiry).expiry_date == date.fromisoformat(kept)


def test_b15_a_quote_does_not_expire_in_the_past() -> None:
    asked = new_order(line(), kind="quote", expiry_date="2026-03-01")

    assert reasons(refused(asked, MAY)) == [("date-in-the-past", "/expiry_date")]


def test_pos_09_the_parameters_say_what_is_made_by_default() -> None:
    at = replace(settings(), parameters=replace(TEN_PCT.parameters, default_order_type="quote"))

    assert decide(new_order(line()), at).kind == "quote"
    assert decide(new_order(line(), payments=[{"method": "cash", "amount": "0.01"}]), settings()).kind == (
        "customer_order"
    )
