"""Projected inventory: stock over time, and what the worksheets' messages would make of it."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest

from contracts.refusals import Refusal
from planning.domain.requisitions.lines import CANCEL, CARRYING_OUT, NEW, RESCHEDULE, RequisitionLine
from planning.domain.stock.availability import CHANNEL, PURCHASE, SALE, OpenLine
from planning.domain.stock.projected_inventory import PlanningLevels, ProjectedInventory
from planning.domain.stock.projecting import ItemAtLocation, check_days, project
from planning.http.pictures import chart_of
from tests.unit.planning.samples import requisition_line

FIRST = date(2026, 3, 16)
ITEM = ItemAtLocation(
    item_no="1000",
    description="Rope",
    location_code="NORTH",
    levels=PlanningLevels(reordering_policy="maximum_qty", reorder_point=Decimal(6)),
    free=Decimal(20),
)


def day(offset: int) -> date:
    return FIRST + timedelta(days=offset)


def sale(no: str, quantity: int, offset: int) -> OpenLine:
    return _open_line(SALE, no, quantity, offset)


def purchase(no: str, quantity: int, offset: int) -> OpenLine:
    return _open_line(PURCHASE, no, quantity, offset)


def _open_line(source: str, no: str, quantity: int, offset: int) -> OpenLine:
    return OpenLine(
        line_id=uuid4(),
        source=source,
        document_no=no,
        line_no=10000,
        item_no="1000",
        location_code="NORTH",
        due_date=day(offset),
        quantity=Decimal(quantity),
    )


def message(
    action: str, quantity: int, offset: int, about: str | None = None, **fields: Any
) -> RequisitionLine:
    return requisition_line(
        action_message=action,
        item_no="1000",
        quantity=Decimal(quantity),
        due_date=day(offset),
        purchase_order_no=about,
        purchase_order_line_no=10000 if about else None,
        **fields,
    )


def projected(
    lines: list[OpenLine], messages: list[RequisitionLine] | None = None, last: int = 40
) -> ProjectedInventory:
    return project(ITEM, lines, messages or [], from_date=FIRST, to_date=day(last))


def stock(found: ProjectedInventory) -> list[tuple[int, int, int]]:
    """(days after the first, stock as things are, stock with the messages)."""
    return [((x.date - FIRST).days, int(x.projected_inventory), int(x.planned_inventory)) for x in found.days]


def test_what_is_overdue_is_counted_on_the_first_day() -> None:
    found = projected([sale("S-1", 5, -3), purchase("P-1", 2, -1), sale("S-2", 20, 10)])
    assert stock(found) == [(0, 17, 17), (10, -3, -3), (40, -3, -3)]
    assert [x.overdue for x in found.movements] == [True, True, False]
    assert found.shortage_date == day(10)


def test_supply_of_a_day_comes_before_its_demand() -> None:
    found = projected([sale("S-1", 25, 5), purchase("P-9", 10, 5)])
    assert [(x.document_no, int(x.projected_inventory)) for x in found.movements] == [("P-9", 30), ("S-1", 5)]


def test_messages_move_resize_cancel_and_add_supply() -> None:
    found = projected(
        [sale("S-1", 30, 10), purchase("P-1", 8, 20), purchase("P-2", 4, 25)],
        [message(NEW, 5, 10), message(RESCHEDULE, 8, 9, "P-1"), message(CANCEL, 0, 25, "P-2")],
    )
    assert stock(found) == [(0, 20, 20), (9, 20, 28), (10, -10, 3), (20, -2, 3), (25, 2, 3), (40, 2, 3)]
    assert (found.shortage_date, found.planned_shortage_date) == (day(10), None)


def test_a_message_about_a_supply_that_has_come_changes_nothing() -> None:
    found = projected([], [message(RESCHEDULE, 8, 9, "P-1")])
    assert stock(found) == [(0, 20, 20), (40, 20, 20)]


def test_what_purchasing_decides_now_is_supply() -> None:
    found = projected([], [message(NEW, 5, 10, status=CARRYING_OUT)])
    assert stock(found) == [(0, 20, 20), (10, 25, 25), (40, 25, 25)]
    assert (found.messages, found.movements[0].document_kind) == ((), "requisition")


def test_without_a_last_day_everything_is_shown() -> None:
    found = project(ITEM, [sale("S-1", 5, 90)], [], from_date=FIRST, to_date=None)
    assert found.to_date == day(97)


def test_days_in_the_wrong_order_are_refused() -> None:
    with pytest.raises(Refusal, match="before 2026-03-16"):
        check_days(FIRST, day(-1))


def test_the_picture_shows_lines_levels_bars_and_why() -> None:
    found = projected(
        [sale("S-1", 30, 10), purchase("P-1", 8, 20)],
        [message(RESCHEDULE, 8, 9, "P-1", explanation="S-1 needs it", warning="attention")],
    )
    chart = chart_of(found)
    assert [line.label for line in chart.lines] == ["projected inventory", "with the worksheets' messages"]
    assert [level.label for level in chart.levels] == ["reorder point 6"]
    assert [(bar.style, int(bar.value)) for bar in chart.bars] == [
        ("demand", -30),
        ("removed", 8),
        ("plan", 8),
    ]
    assert chart.notes == (f"Reschedule P-1 line 10000, 8 on {day(9)} (attention): S-1 needs it",)


def test_a_till_s_order_is_demand() -> None:
    found = projected([_open_line(CHANNEL, "K-1", 5, 3)])
    assert (found.movements[0].document_kind, stock(found)[1]) == ("channel_order", (3, 15, 15))
