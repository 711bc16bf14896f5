"""Postings are records: the base rule, and what a receipt does to its order."""

from __future__ import annotations

from decimal import Decimal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.purchasing.masters import Vendor
from contracts.refusals import Refusal
from purchasing.domain.orders.order import Order
from purchasing.domain.orders.receipts import LineToReceive, covering, receive, same_delivery
from tests.unit.purchasing import examples as x

DROP, SPECIAL = "drop_shipment", "special_order"


def received(
    order: Order, quantity: int | str, base: int | str | None = None, vendor: Vendor = x.VENDOR
) -> Order:
    wanted = LineToReceive(
        line=order.lines[0], quantity=Decimal(quantity), base=None if base is None else Decimal(base)
    )
    done = receive(order, [wanted], x.delivery(), x.context(x.references(vendors=[vendor])))
    return done.order.replaced(version=order.version + (1 if done.document else 0))


def test_five_here_and_five_there_is_five() -> None:
    once = received(x.order(x.line(DROP)), 5, base=0)
    wanted = LineToReceive(line=once.lines[0], quantity=Decimal(5), base=Decimal(0))
    again = receive(once, [wanted], x.delivery("sales"), x.context())
    assert again.document is None
    assert again.order.lines[0].quantity_received == 5
    assert again.postings[once.lines[0].id] == once.lines[0].receipts


def test_two_here_and_three_there_is_a_question_with_both_figures() -> None:
    once = received(x.order(x.line(DROP)), 2, base=0)
    with pytest.raises(Refusal) as refused:
        received(once, 3, base=0)
    assert refused.value.code == "received-meanwhile"
    members = refused.value.violations[0].members
    assert (members["quantity_received"], members["posted_before"], members["qty_to_receive"]) == (2, 0, 3)


def test_a_delivery_that_the_other_side_posted_in_parts_is_the_same() -> None:
    partly = received(received(x.order(x.line(DROP)), 2, base=0), 3, base=2)
    assert same_delivery(partly.lines[0], Decimal(0), Decimal(5))
    assert len(covering(partly.lines[0], Decimal(0))) == 2
    assert [r.quantity for r in covering(partly.lines[0], Decimal(2))] == [3]


def test_a_base_above_the_total_is_refused() -> None:
    with pytest.raises(Refusal, match="0 are received now"):
        received(x.order(x.line(DROP)), 1, base=2)


@given(
    st.lists(st.integers(1, 20), min_size=0, max_size=6),
    st.integers(0, 120),
    st.integers(1, 120),
)
def test_base_rule_posts_answers_or_asks_and_never_counts_twice(
    parts: list[int], base: int, quantity: int
) -> None:
    order = x.order(x.line(DROP, quantity=1000))
    for part in parts:
        order = received(order, part, base=sum(parts[: len(order.lines[0].receipts)]))
    total = sum(parts)
    wanted = LineToReceive(line=order.lines[0], quantity=Decimal(quantity), base=Decimal(base))
    if base == total:
        assert (
            receive(order, [wanted], x.delivery(), x.context()).order.lines[0].quantity_received
            == total + quantity
        )
    elif base < total and quantity == total - base:
        again = receive(order, [wanted], x.delivery(), x.context())
        assert (again.document, again.order) == (None, order)
    else:
        with pytest.raises(Refusal) as refused:
            receive(order, [wanted], x.delivery(), x.context())
        assert refused.value.code == "received-meanwhile"


@given(st.lists(st.integers(1, 9), min_size=1, max_size=5))
def test_posting_a_delivery_again_with_its_base_changes_nothing(parts: list[int]) -> None:
    order = x.order(x.line(DROP, quantity=1000))
    for part in parts:
        base = order.lines[0].quantity_received
        once = received(order, part, base=str(base))
        assert received(once, part, base=str(base)) == once
        order = once
    assert order.lines[0].quantity_received == sum(parts)


def test_bc_ds_21_receiving_releases_the_order() -> None:
    assert received(x.order(x.line(SPECIAL)), 2).status == "released"


def test_a_posting_says_what_was_there_before_it_and_who_started_it() -> None:
    order = received(received(x.order(x.line(SPECIAL)), 2), 3)
    first, second = order.lines[0].receipts
    assert (first.base, second.base, second.origin, second.order_version) == (0, 2, "purchasing", 3)
    assert order.lines[0].link is not None
    assert second.link_id == order.lines[0].link.link_id


def test_a_posted_receipt_names_its_sources() -> None:
    order = x.order(x.line(SPECIAL))
    wanted = LineToReceive(line=order.lines[0], quantity=Decimal(2))
    done = receive(order, [wanted], x.delivery(), x.context())
    assert done.document is not None
    line = done.document.lines[0]
    assert (line.purchase_order_no, line.purchase_order_line_no) == ("P-1001", 10000)
    assert (line.sales_order_no, line.sales_order_line_no, line.quantity) == ("S-1001", 20000, 2)
    assert line.posting_id == done.order.lines[0].receipts[0].posting_id


def test_more_than_outstanding_is_refused_for_all_lines_at_once() -> None:
    order = x.order(x.line(), x.line(line_no=20000))
    wanted = [LineToReceive(line=line, quantity=Decimal(6)) for line in order.lines]
    with pytest.raises(Refusal) as refused:
        receive(order, wanted, x.delivery(), x.context())
    assert [v.code for v in refused.value.violations] == ["quantity-exceeds-outstanding"] * 2
    assert {v.members["line_no"] for v in refused.value.violations} == {10000, 20000}


@pytest.mark.parametrize(
    ("kind", "quantity", "accepted"),
    [("", "5.5", True), (SPECIAL, "5.5", True), ("", "5.6", False), (DROP, "5.1", False)],
)
def test_e4_over_receipt_within_the_vendors_tolerance_but_never_of_drop_shipments(
    kind: str, quantity: str, *, accepted: bool
) -> None:
    vendor = Vendor(version=1, no="V10", over_receipt_pct=Decimal(10))
    order = x.order(x.line(kind))
    base = 0 if kind == DROP else None
    if accepted:
        line = received(order, quantity, base=base, vendor=vendor).lines[0]
        assert (line.quantity_received, line.outstanding_quantity) == (Decimal(quantity), 0)
    else:
        with pytest.raises(Refusal, match="outstanding"):
            received(order, quantity, base=base, vendor=vendor)


def test_undone_receipts_count_no_more() -> None:
    """G23."""
    order = received(x.order(x.line(DROP)), 2, base=0)
    line = order.lines[0]
    undone = msgspec.structs.replace(
        line, receipts=tuple(msgspec.structs.replace(r, undone=True) for r in line.receipts)
    )
    assert (undone.quantity_received, undone.outstanding_quantity, covering(undone, Decimal(0))) == (0, 5, ())


def test_an_order_closes_when_all_is_received_and_invoiced_and_keeps_its_links() -> None:
    order = received(x.order(x.line(SPECIAL)), 5)
    assert order.status == "released"
    invoiced = order.with_lines(
        [msgspec.structs.replace(order.lines[0], quantity_invoiced=Decimal(5))]
    ).settled()
    assert invoiced.status == "closed"
    assert invoiced.lines[0].active_link is not None


def test_the_snapshot_carries_sums_and_deleted_lines() -> None:
    order = received(x.order(x.line(SPECIAL)), 2)
    snapshot = order.stamped({r.document_id: "PR-1" for r in order.lines[0].receipts}).snapshot("received")
    assert (snapshot.lines[0].quantity_received, snapshot.happened) == (2, ("received",))
    assert snapshot.lines[0].receipts[0].document_no == "PR-1"
    assert not hasattr(snapshot.lines[0].receipts[0], "order_version")
