"""What a till has sold is demand until its sales order is (POS-98, P5)."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any, Final
from uuid import UUID, uuid4

from msgspec.structs import replace

from contracts.channel import ChannelAct, ChannelOrder
from contracts.planning.masters import ItemUnit
from contracts.pos import Totals, TransactionIdentity, TransactionLine
from planning.domain.demand.channel_orders import KEPT_DAYS, channel_line_id, open_channel_lines
from planning.domain.stock.availability import OpenLine
from tests.unit.planning.samples import DUE, KAYAK, NOW, ROPE, references

PLAIN: Final = replace(ROPE, units_of_measure=(ItemUnit(code="BOX", qty_per=Decimal(12)),))
SERVICE: Final = replace(ROPE, no="9000", type="service")
MARKED: Final = replace(KAYAK, purchasing_code="DROP")
SOLD_ON: Final = TransactionIdentity(store_no="S1", terminal_no="T1", business_date=DUE, sequence=1)


def line(item_no: str = "1100", quantity: str = "3", **more: Any) -> TransactionLine:
    given: dict[str, Any] = {"line_no": 10000, "mode": "pickup", "location_code": "NORTH", **more}
    return TransactionLine(item_no=item_no, quantity=Decimal(quantity), unit_price=Decimal(1), **given)


def order(*lines: TransactionLine, **more: Any) -> ChannelOrder:
    given: dict[str, Any] = {"occurred_at": NOW, "received_at": NOW, **more}
    return ChannelOrder(
        version=1,
        confirmation_no="K-1",
        transaction_id=UUID(int=7),
        transaction=SOLD_ON,
        lines=lines,
        customer_no="C1",
        currency_code="EUR",
        totals=Totals(net=Decimal(3), tax=Decimal(0), charges=Decimal(0), total=Decimal(3)),
        **given,
    )


def demand(of: ChannelOrder) -> list[OpenLine]:
    return open_channel_lines(of, references(items=(PLAIN, MARKED, SERVICE)), NOW)


def test_pos_98_a_till_s_line_takes_its_quantity_in_base_units_on_its_day() -> None:
    wanted = DUE + timedelta(days=4)
    first, second = demand(
        order(line(unit_of_measure_code="BOX"), line(line_no=20000, requested_date=wanted))
    )
    assert (first.quantity, first.due_date, first.location_code) == (36, DUE, "NORTH")
    assert (second.quantity, second.due_date) == (3, wanted)
    assert first.line_id == channel_line_id(UUID(int=7), 10000) != second.line_id


def test_what_is_bought_for_the_order_or_has_no_stock_takes_nothing() -> None:
    """Goods that a customer carries out come from stock, also of an item with a purchasing code."""
    assert demand(order(line("1200"), line(purchasing_code="SPEC"), line("9000"), line("404"))) == []
    assert demand(order(line(quantity="0"))) == []
    assert [each.item_no for each in demand(order(line("1200", mode="carry_out")))] == ["1200"]


def test_quotes_cancelled_and_old_orders_take_nothing() -> None:
    cancelled = ChannelAct(
        act_id=uuid4(), operation="cancel", transaction=SOLD_ON, occurred_at=NOW, received_at=NOW
    )
    assert demand(order(line(), kind="quote")) == []
    assert demand(order(line(), acts=(cancelled,))) == []
    assert demand(replace(order(line()), deleted=True)) == []
    age = timedelta(days=KEPT_DAYS - 1)
    assert len(demand(order(line(), received_at=NOW - age))) == 1
    assert demand(order(line(), received_at=NOW - age - timedelta(seconds=1))) == []
