"""Changing lines together with their purchases: what sales asks, and what it makes of the answer (G5)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from msgspec.structs import replace

from contracts.purchasing.outcomes import ChangedLine
from contracts.refusals import Refusal, Violations
from domainkit.changes import AddressChanges
from sales.domain.orders.change_requests import (
    ChangeAsked,
    request_address,
    request_change,
    request_fields,
)
from sales.domain.orders.commands import HeaderChanges, LineChanges, LineChangeWanted
from sales.domain.orders.context import Sourcings
from sales.domain.orders.ending_changes import EndedChange, end_change
from sales.domain.orders.order import Order, check_not_held, snapshot
from sales.domain.orders.procured_changes import needs_address_request, needs_request
from sales.domain.orders.releasing import as_released
from tests.unit.sales.samples import NOW, context, linked, made, shipped, sold


def released(*item_nos: str) -> Order:
    return as_released(made(*(sold(no) for no in item_nos or ("SPECIAL",))))


def asked(order: Order, known: Sourcings | None = None, index: int = 0, **wanted: Any) -> ChangeAsked:
    return request_change(order, order.lines[index], LineChangeWanted(**wanted), context(known))


def codes(order: Order, known: Sourcings | None = None, index: int = 0, **wanted: Any) -> list[str]:
    with pytest.raises(Refusal) as refused:
        asked(order, known, index, **wanted)
    return [violation.code for violation in refused.value.violations]


def ended(order: Order, known: Sourcings | None = None, **answer: Any) -> EndedChange:
    (pending,) = order.requested_changes
    lines = [
        ChangedLine(sales_line_id=line.sales_line_id, quantity=Decimal(0), **answer) for line in pending.lines
    ]
    free = replace(order, requested_changes=())
    return end_change(free, pending, lines, known or {}, new_id=lambda: UUID(int=99), at=NOW)


def test_g5_purchasing_is_asked_for_what_the_purchase_shall_bring() -> None:
    order = released()
    after = asked(order, linked(order), quantity=Decimal(7), location_code="SHOP").order
    (change,) = snapshot(after).requested_changes
    (line,) = change.lines
    assert (change.kind, change.unbought_only, change.ship_to) == ("change", False, None)
    assert (line.quantity, line.quantity_before, line.location_code, line.generation) == (7, 5, "SHOP", 1)
    assert after.lines == order.lines, "nothing changes before the answer"
    found = Violations()
    check_not_held(found, after, after.lines[0])
    with pytest.raises(Refusal, match="waits for purchasing"):
        found.refuse_if_any()
    assert codes(after, linked(order), quantity=Decimal(8)) == ["change-pending"]


def test_g5_a_date_needs_nobody_else() -> None:
    order = released()
    done = asked(order, linked(order), shipment_date=date(2026, 6, 1))
    assert (done.is_pending, done.order.lines[0].shipment_date) == (False, date(2026, 6, 1))


def test_g5_what_sales_knows_is_refused_at_once() -> None:
    order = as_released(made(sold("STOCK"), sold("SPECIAL")))
    assert codes(order, quantity=Decimal(7)) == ["order-not-open"]
    assert codes(order, index=1) == ["nothing-to-change"]
    assert codes(order, index=1, location_code="NOWHERE") == ["unknown-location"]
    assert codes(replace(order, status="closed"), index=1, quantity=Decimal(1)) == ["order-not-open"]
    from_stock = replace(order, lines=(order.lines[0], shipped(order.lines[1], "3")))
    assert codes(from_stock, index=1, quantity=Decimal(2)) == ["quantity-below-shipped"]
    gone = replace(order, lines=(order.lines[0], shipped(order.lines[1])))
    assert codes(gone, index=1, quantity=Decimal(0)) == ["line-completely-shipped"]


def test_g5_an_accepted_change_is_applied_to_the_line() -> None:
    order = released()
    known = linked(order)
    after = ended(asked(order, known, quantity=Decimal(7), shipment_date=date(2026, 6, 1)).order, known)
    (line,) = after.order.lines
    assert (line.quantity, line.demand and line.demand.quantity, line.shipment_date) == (
        7,
        7,
        date(2026, 6, 1),
    )
    assert line.demand is not None
    assert (line.demand.generation, after.accepted_as_line) == (1, None)


def test_g5_what_the_purchase_cannot_take_is_a_line_of_its_own() -> None:
    order = released()
    known = linked(order)
    after = ended(asked(order, known, quantity=Decimal(8)).order, known, not_taken=True)
    first, more = after.order.lines
    assert (first.quantity, more.quantity, after.accepted_as_line) == (5, 3, more.line_no)
    assert (more.purchasing_code, more.special_order, more.unit_price) == ("SPEC", True, first.unit_price)
    assert more.demand is not None
    assert (more.demand.released, more.demand.generation, more.postings) == (True, 1, ())


def test_g5_a_line_that_nothing_was_bought_for_is_procured_anew() -> None:
    """The purchase request on its way carries the old quantity: its generation is never bought."""
    order = released()
    after = ended(asked(order, quantity=Decimal(8)).order, unbought=True)
    (line,) = after.order.lines
    assert line.demand is not None
    assert (line.demand.generation, line.demand.quantity, line.demand.released) == (2, 8, True)


def test_g5_a_deleted_purchase_is_not_bought_again_by_a_change() -> None:
    order = released()
    known = {
        id_: replace(each, links=tuple(replace(link, active=False, deleted=True) for link in each.links))
        for id_, each in linked(order).items()
    }
    after = ended(asked(order, known, quantity=Decimal(8)).order, known, unbought=True)
    (line,) = after.order.lines
    assert line.demand is not None
    assert (line.demand.generation, line.quantity) == (1, 8)


def test_g5_quantity_0_gives_the_line_up() -> None:
    order = released()
    known = linked(order)
    asking = asked(order, known, quantity=Decimal(0)).order
    assert snapshot(asking).requested_changes[0].lines[0].quantity == 0
    after = ended(asking, known)
    (line,) = after.order.lines
    assert (line.quantity, line.demand and line.demand.quantity) == (0, 0)
    assert after.sourcings[line.id].is_given_up


def test_g5_an_address_concerns_every_drop_shipment_of_the_order() -> None:
    order = released("DROPPED", "SPECIAL", "DROPPED")
    asking = asked(order, linked(order), 1, ship_to=AddressChanges(city="Ulm")).order
    (change,) = snapshot(asking).requested_changes
    assert [line.sales_line_id for line in change.lines] == [order.lines[0].id, order.lines[2].id]
    assert change.ship_to is not None
    assert (change.ship_to.city, change.lines[0].quantity) == ("Ulm", None)
    assert ended(asking, linked(order)).order.ship_to.city == "Ulm"


def test_g5_a_line_lowered_meanwhile_stays_low() -> None:
    """Purchasing closed it short while the request was on its way."""
    order = released()
    known = linked(order)
    asking = asked(order, known, quantity=Decimal(4)).order
    short = asking.with_line(replace(asking.lines[0], quantity=Decimal(2)))
    assert ended(short, known).order.lines[0].quantity == 2


@pytest.mark.parametrize(
    ("changes", "in_released", "in_open"),
    [
        (LineChanges(quantity=Decimal(7)), True, True),
        (LineChanges(item_no="STOCK"), True, True),
        (LineChanges(shipment_date=date(2026, 6, 1)), True, False),
        (LineChanges(unit_price=Decimal(9)), False, False),
        (LineChanges(quantity=Decimal(7), unit_price=Decimal(9)), False, True),
        (LineChanges(quantity=Decimal(5)), False, False),
        (LineChanges(type="comment"), False, False),
    ],
)
def test_g5_a_procured_line_changes_by_request(
    changes: LineChanges,
    in_released: bool,  # noqa: FBT001 - a case
    in_open: bool,  # noqa: FBT001 - a case
) -> None:
    order = released()
    reopened = replace(order, status="open")
    found = [needs_request(each, each.lines[0], changes, context()) for each in (order, reopened)]
    assert found == [in_released, in_open]
    bought = linked(order)
    assert not needs_request(reopened, order.lines[0], changes, context(bought))


def test_bc_so_37_another_item_is_bought_only_while_nothing_is() -> None:
    order = released()
    asking = request_fields(order, order.lines[0], LineChanges(purchasing_code=""), context()).order
    (change,) = snapshot(asking).requested_changes
    assert change.unbought_only
    (line,) = ended(asking, unbought=True).order.lines
    assert (line.flagged, line.demand, line.last_generation) == (False, None, 1)


def test_bc_ds_32_the_address_of_a_procured_drop_shipment_changes_by_request() -> None:
    order = released("DROPPED")
    changes = HeaderChanges(ship_to_code="SHED")
    line = needs_address_request(order, changes, context())
    assert line == order.lines[0]
    asking = request_address(order, order.lines[0], changes, context())
    assert asking.is_pending
    assert ended(asking.order, unbought=True).order.ship_to_code == "SHED"
    assert needs_address_request(order, changes, context(linked(order))) is None
    assert needs_address_request(order, HeaderChanges(ship_to_code=""), context()) is None


def test_bc_ds_32_the_rest_of_the_header_changes_at_once() -> None:
    order = replace(released("DROPPED"), status="open")
    changes = HeaderChanges(ship_to_code="SHED", your_reference="Anniversary")
    assert needs_address_request(order, changes, context()) == order.lines[0]
    asking = request_address(order, order.lines[0], changes, context()).order
    assert (asking.your_reference, asking.ship_to_code) == ("Anniversary", "")
    assert ended(asking, unbought=True).order.ship_to_code == "SHED"
    other = HeaderChanges(ship_to_code="SHED", customer_no="C2")
    assert needs_address_request(order, other, context()) is None
