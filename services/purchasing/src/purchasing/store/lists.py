"""Queries behind lists, and the filters that are more than the comparison of a column."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any, Final

from sqlalchemy import Select, Text, and_, false, func, select
from sqlalchemy.sql.expression import ColumnElement

from contracts.keys import item_vendor_no
from domainkit.references import ReferenceQuery
from eventkit.transaction import Queryable
from purchasing.store.kinds import KINDS_OF_PURCHASING
from purchasing.store.tables import INVOICES, LINES, LINKS, ORDERS, RECEIPTS
from recordkit import references
from recordkit.records import MASTER


def _problems_of_order() -> ColumnElement[Any]:
    """The noted problems of an order's lines, as one JSON array."""
    one = func.json_build_array(LINKS.c.line_id, LINKS.c.problem_code, LINKS.c.problem_detail)
    return (
        select(func.json_agg(one, type_=Text))
        .where(LINKS.c.purchase_order_no == ORDERS.c.no, LINKS.c.active, LINKS.c.problem_code != "")
        .scalar_subquery()
        .label("problems")
    )


ORDERS_QUERY: Final[Select[Any]] = select(
    ORDERS.c.body, ORDERS.c.created_at, ORDERS.c.updated_at, _problems_of_order()
)
"""Purchase orders with the noted problems of their lines, deleted ones too."""

ORDERS_SEARCHED: Final = (
    ORDERS.c.no,
    ORDERS.c.vendor_no,
    ORDERS.c.sell_to_customer_no,
    *(ORDERS.c.body.op("->>")(name) for name in ("your_reference", "external_reference")),
)
"""Where a search looks: the number, the parties and the references."""


def serves(sales_order_nos: Sequence[str]) -> ColumnElement[bool]:
    """Of orders: a line is linked to one of these sales orders."""
    return ORDERS.c.no.in_(_linked_to(sales_order_nos))


def _linked_to(sales_order_nos: Sequence[str]) -> Select[Any]:
    return select(LINKS.c.purchase_order_no).where(
        LINKS.c.sales_order_no.in_(sales_order_nos), LINKS.c.active
    )


async def today(conn: Queryable) -> date:
    """Today in the company's time zone: what is overdue depends on it."""
    found = await references.load(conn, ReferenceQuery(), KINDS_OF_PURCHASING, datetime.now(UTC))
    return found.today


def lines(today: date) -> Select[Any]:
    """Lines of purchase orders; `overdue`: expected before `today` and still outstanding."""
    overdue = func.coalesce(_is_late(today), false()).label("overdue")
    return select(LINES, overdue)


def is_overdue(today: date, *, wanted: bool) -> ColumnElement[bool]:
    """The condition that lines are overdue, or, not `wanted`, that they are not."""
    if not wanted:
        return ~func.coalesce(_is_late(today), false())
    # The order's next date first: it has an index, and leaves few orders to look into.
    return and_(LINES.c.next_receipt_date < today, _is_late(today))


def _is_late(today: date) -> ColumnElement[bool]:
    return and_(LINES.c.expected < today, LINES.c.outstanding > 0, LINES.c.status != "closed")


def answered(*, sent: bool | None, confirmed: bool | None, refused: bool | None) -> list[ColumnElement[bool]]:
    """Of lines: what the vendor has, and has said about it; None where it does not matter (E2)."""
    wanted = ((LINES.c.sent, sent), (LINES.c.confirmed, confirmed), (LINES.c.refused, refused))
    return [column.is_(value) for column, value in wanted if value is not None]


def is_outstanding(*, wanted: bool) -> ColumnElement[bool]:
    """Of lines: something is still to come, or nothing is."""
    return LINES.c.outstanding > 0 if wanted else LINES.c.outstanding <= 0


def is_received_not_invoiced(*, wanted: bool) -> ColumnElement[bool]:
    """Of lines: goods came that the vendor has not invoiced, or none did (G13)."""
    if not wanted:
        return LINES.c.not_invoiced <= 0
    # The order's own column first: it has an index, and leaves few orders to look into.
    return and_(LINES.c.received_not_invoiced, LINES.c.not_invoiced > 0)


def line_serves(sales_order_nos: Sequence[str]) -> ColumnElement[bool]:
    """Of lines: linked to a line of one of these sales orders."""
    linked = select(LINKS.c.line_id).where(LINKS.c.sales_order_no.in_(sales_order_nos), LINKS.c.active)
    return and_(LINES.c.purchase_order_no.in_(_linked_to(sales_order_nos)), LINES.c.id.in_(linked))


def of_vendor(vendor_no: str) -> ColumnElement[bool]:
    """Of catalogue entries: those of a vendor, the range of keys that begin with its number and "/", before "0"."""
    first = item_vendor_no(vendor_no, "")
    return and_(MASTER.c.no > first, MASTER.c.no < f"{first[:-1]}0")


def invoiced_for(purchase_order_nos: Sequence[str]) -> list[ColumnElement[bool]]:
    """Of posted invoices: with a line of one of these purchase orders.

    The last release, while it still runs, notes one of them alone.
    """
    columns, nos = INVOICES.c, list(purchase_order_nos)
    return [columns.purchase_order_nos.overlap(nos) | columns.purchase_order_no.in_(nos)] if nos else []


def received_for(sales_order_nos: Sequence[str]) -> ColumnElement[bool]:
    """Of posted receipts: with a line for one of these sales orders."""
    found: ColumnElement[bool] = RECEIPTS.c.sales_order_nos.overlap(list(sales_order_nos))
    return found
