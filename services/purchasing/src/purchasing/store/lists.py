"""Queries behind lists. Filters are given by name; those that are absent filter nothing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import Select, TableClause, Text, func, select
from sqlalchemy.sql.expression import ColumnElement

from contracts.purchasing import ItemVendor
from purchasing.store.kinds import KINDS_OF_PURCHASING
from purchasing.store.tables import EXCEPTIONS, INVOICES, LINES, LINKS, ORDERS, RECEIPTS
from recordkit.records import MASTER, listed

Filters = Mapping[str, Any]


def _problems_of_order() -> ColumnElement[Any]:
    """The noted problems of an order's lines, as one JSON array."""
    one = func.json_build_array(LINKS.c.line_id, LINKS.c.problem_code, LINKS.c.problem_detail)
    return (
        select(func.json_agg(one, type_=Text))
        .where(LINKS.c.purchase_order_no == ORDERS.c.no, LINKS.c.active, LINKS.c.problem_code != "")
        .scalar_subquery()
        .label("problems")
    )


def orders(filters: Filters) -> Select[Any]:
    """Purchase orders; filters: vendor_no, status, sell_to_customer_no, sales_order_no."""
    query: Select[Any] = select(ORDERS.c.body, _problems_of_order()).where(~ORDERS.c.deleted)
    query = _equal(query, ORDERS, filters, "vendor_no", "status", "sell_to_customer_no")
    if "sales_order_no" in filters:
        query = query.where(ORDERS.c.no.in_(_linked_to(filters["sales_order_no"])))
    return query


def _equal(query: Select[Any], table: TableClause, filters: Filters, *names: str) -> Select[Any]:
    """The query with those of the filters that compare a column of the same name."""
    return query.where(*(table.c[name] == filters[name] for name in names if name in filters))


def _linked_to(sales_order_no: str) -> Select[Any]:
    return select(LINKS.c.purchase_order_no).where(LINKS.c.sales_order_no == sales_order_no, LINKS.c.active)


def lines(today: date, filters: Filters) -> Select[Any]:
    """Lines of purchase orders.

    Filters: vendor_no, status, sell_to_customer_no, sales_order_no, `outstanding`, `overdue` (expected before `today`
    and still outstanding).
    """
    late = (LINES.c.expected < today) & (LINES.c.outstanding > 0) & (LINES.c.status != "closed")
    query = select(LINES, func.coalesce(late, False).label("overdue"), _problem_of_line())
    query = _equal(query, LINES, filters, "vendor_no", "status", "sell_to_customer_no")
    overdue, outstanding = filters.get("overdue"), filters.get("outstanding")
    if overdue:
        # The order's next date first: it has an index, and leaves few orders to look into.
        query = query.where(LINES.c.next_receipt_date < today, late)
    elif overdue is False:
        query = query.where(~func.coalesce(late, False))
    if outstanding is not None:
        query = query.where(LINES.c.outstanding > 0 if outstanding else LINES.c.outstanding <= 0)
    if "sales_order_no" in filters:
        query = _linked_lines(query, filters["sales_order_no"])
    return query


def _problem_of_line() -> ColumnElement[Any]:
    """The noted problem of a line, as a JSON array of code and detail."""
    return (
        select(func.json_build_array(LINKS.c.problem_code, LINKS.c.problem_detail, type_=Text))
        .where(
            LINKS.c.purchase_order_no == LINES.c.purchase_order_no,
            LINKS.c.line_id == LINES.c.id,
            LINKS.c.active,
            LINKS.c.problem_code != "",
        )
        .scalar_subquery()
        .label("problem")
    )


def _linked_lines(query: Select[Any], sales_order_no: str) -> Select[Any]:
    linked = select(LINKS.c.line_id).where(LINKS.c.sales_order_no == sales_order_no, LINKS.c.active)
    return query.where(LINES.c.purchase_order_no.in_(_linked_to(sales_order_no)), LINES.c.id.in_(linked))


def exceptions(filters: Filters) -> Select[Any]:
    """Linked lines whose sales line went away, and refused requests; filter: sales_order_no."""
    return _equal(select(EXCEPTIONS), EXCEPTIONS, filters, "sales_order_no")


def item_vendors(vendor_no: str) -> Select[Any]:
    """A vendor's catalogue: the range of keys that begin with its number and "/", which "0" follows."""
    return listed(KINDS_OF_PURCHASING, ItemVendor).where(
        MASTER.c.no > f"{vendor_no}/", MASTER.c.no < f"{vendor_no}0"
    )


def receipts(filters: Filters) -> Select[Any]:
    """Posted receipts; filters: purchase_order_no, vendor_no, sales_order_no, posting_date."""
    query = select(RECEIPTS.c.body)
    query = _equal(query, RECEIPTS, filters, "purchase_order_no", "vendor_no", "posting_date")
    if "sales_order_no" in filters:
        query = query.where(RECEIPTS.c.sales_order_nos.contains([filters["sales_order_no"]]))
    return query


def invoices(filters: Filters) -> Select[Any]:
    """Posted invoices; filters: purchase_order_no, vendor_no, vendor_invoice_no, posting_date."""
    names = ("purchase_order_no", "vendor_no", "vendor_invoice_no", "posting_date")
    return _equal(select(INVOICES.c.body), INVOICES, filters, *names)
