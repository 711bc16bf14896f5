"""What a transaction adds to timelines."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID

from contracts.sales.orders import SalesLine, SalesOrder
from contracts.topics import KINDS
from contracts.values import Posting
from domainkit.timelines import of_flagged_sales_order, of_sales_order
from eventkit.timeline import Timeline

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
LATER = datetime(2026, 3, 2, 10, tzinfo=UTC)
KIND = KINDS["sales-order"]
TOLD = {"sales-order": of_sales_order}


def line(line_no: int, **more: object) -> SalesLine:
    posting = Posting(
        posting_id=UUID(int=line_no),
        quantity=Decimal(1),
        posting_date=date(2026, 3, 2),
        document_no="SS-1",
        posted_at=AT,
        carrier="DHL",
        tracking_no="JD1",
    )
    return SalesLine(id=UUID(int=line_no), line_no=line_no, postings=(posting,), **more)  # type: ignore[arg-type]


def order(version: int, *happened: str, lines: tuple[SalesLine, ...] = ()) -> SalesOrder:
    return SalesOrder(
        version=version,
        happened=happened,
        no="S-1",
        status="released",
        customer_no="C1",
        order_date=date(2026, 3, 2),
        lines=lines,
    )


def test_a_posted_document_is_one_entry_however_many_lines_and_events_name_it() -> None:
    """P2: who reports a shipment later does not become the one who shipped."""
    timeline = Timeline(TOLD)
    lines = (line(10000), line(20000))
    timeline.add(KIND, "S-1", order(3, "changed", lines=lines), LATER, "ben")
    timeline.add(KIND, "S-1", order(2, "shipped", lines=lines), AT, "anna")
    shipping, changing = timeline.rows()
    assert [(e.document, e.happened) for e in changing.entries] == [("S-1", "changed"), ("SS-1", "shipped")]
    later, (first,) = changing.entries[1], shipping.entries
    assert (first.entry, first.at, first.by, first.detail) == (later.entry, AT, "anna", "DHL JD1")
    assert (later.at, later.by) == (AT, "")


def test_an_event_that_comes_again_adds_nothing() -> None:
    """P2: an act is identified by its event."""
    timeline = Timeline(TOLD)
    for _ in range(2):
        timeline.add(KIND, "S-1", order(1, "created", "released"), AT, "anna")
    (row,) = timeline.rows()
    assert (row.kind, row.no, row.event) == ("sales-order", "S-1", "sales-order/S-1/1/created/released")
    assert [(e.happened, e.entry) for e in row.entries] == [
        ("created", "sales-order/S-1/1"),
        ("released", "sales-order/S-1/1"),
    ]


def test_texts_that_a_database_does_not_take_are_replaced() -> None:
    """P2: an event of another service may hold anything; it must not stop what it tells."""
    timeline = Timeline(TOLD)
    timeline.add(KIND, "S-1", order(1, "a\x00b" + "c" * 1000), AT, "\x00")
    (row,) = timeline.rows()
    (entry,) = row.entries
    assert "\x00" not in entry.happened + entry.by
    assert len(entry.happened) == 200


def test_an_event_of_a_kind_without_a_rule_tells_nothing() -> None:
    """P2: a service keeps the timelines of its own documents."""
    timeline = Timeline({})
    timeline.add(KIND, "S-1", order(1, "created"), AT, "anna")
    assert timeline.rows() == []


def test_an_order_of_which_nothing_is_bought_has_no_history_in_purchasing() -> None:
    """P2: purchasing keeps what concerns its orders."""
    assert not list(of_flagged_sales_order(order(1, "created", lines=(line(10000),))))
    assert list(of_flagged_sales_order(order(1, "created", lines=(line(10000, special_order=True),))))
