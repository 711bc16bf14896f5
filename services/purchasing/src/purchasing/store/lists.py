"""Queries behind lists: filters as people ask them, in an order that pages can rely on."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import Boolean, Date, DateTime, Integer, Select, String, Text, column, func, select, table
from sqlalchemy import Uuid as UuidType
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.sql.expression import ColumnElement

ORDERS = table(
    "purchase_order",
    column("no", String),
    column("status", String),
    column("vendor_no", String),
    column("sell_to_customer_no", String),
    column("deleted", Boolean),
    column("body", Text),
    column("updated_at", DateTime(timezone=True)),
)
LINKS = table(
    "purchase_link",
    column("sales_order_no", String),
    column("purchase_order_no", String),
    column("line_id", UuidType),
    column("active", Boolean),
    column("problem_code", String),
    column("problem_detail", String),
)
LINES = table(
    "purchase_line",
    column("purchase_order_no", String),
    column("line_no", Integer),
    column("id", UuidType),
    column("status", String),
    column("vendor_no", String),
    column("sell_to_customer_no", String),
    column("next_receipt_date", Date),
    column("currency_code", String),
    column("expected", Date),
    column("outstanding", Integer),
    column("body", Text),
)
EXCEPTIONS = table(
    "purchase_exception",
    column("since", DateTime(timezone=True)),
    column("id", UuidType),
    column("code", String),
    column("detail", String),
    column("errors", Text),
    column("purchase_order_no", String),
    column("line_no", Integer),
    column("sales_order_no", String),
    column("purchase_request_id", UuidType),
)
MASTERS = table(
    "master",
    column("kind", String),
    column("no", String),
    column("deleted", Boolean),
    column("body", Text),
    column("updated_at", DateTime(timezone=True)),
)
RECEIPTS = table(
    "posted_purchase_receipt",
    column("no", String),
    column("purchase_order_no", String),
    column("sales_order_nos", ARRAY(Text)),
    column("vendor_no", String),
    column("posting_date", Date),
    column("body", Text),
    column("posted_at", DateTime(timezone=True)),
)
INVOICES = table(
    "posted_purchase_invoice",
    column("no", String),
    column("purchase_order_no", String),
    column("vendor_no", String),
    column("vendor_invoice_no", String),
    column("posting_date", Date),
    column("body", Text),
    column("posted_at", DateTime(timezone=True)),
)


def _problems_of_order() -> ColumnElement[Any]:
    """The noted problems of an order's lines, as one JSON array."""
    one = func.json_build_array(LINKS.c.line_id, LINKS.c.problem_code, LINKS.c.problem_detail)
    return (
        select(func.json_agg(one, type_=Text))
        .where(LINKS.c.purchase_order_no == ORDERS.c.no, LINKS.c.active, LINKS.c.problem_code != "")
        .scalar_subquery()
        .label("problems")
    )


def orders(**filters: str) -> Select[Any]:
    """Purchase orders, filtered by vendor_no, status, sell_to_customer_no, sales_order_no (each if not blank)."""
    query = select(ORDERS.c.body, _problems_of_order()).where(~ORDERS.c.deleted)
    for name in ("vendor_no", "status", "sell_to_customer_no"):
        if filters.get(name):
            query = query.where(ORDERS.c[name] == filters[name])
    if sales_order_no := filters.get("sales_order_no"):
        query = query.where(ORDERS.c.no.in_(_linked_to(sales_order_no)))
    return query


def _linked_to(sales_order_no: str) -> Select[Any]:
    return select(LINKS.c.purchase_order_no).where(LINKS.c.sales_order_no == sales_order_no, LINKS.c.active)


def lines(
    today: date, *, overdue: bool | None, outstanding: bool | None, sales_order_no: str, **filters: str
) -> Select[Any]:
    """Lines of purchase orders; `overdue`: expected before `today` and still outstanding."""
    late = (LINES.c.expected < today) & (LINES.c.outstanding > 0) & (LINES.c.status != "closed")
    problem = (
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
    query = select(LINES, func.coalesce(late, False).label("overdue"), problem)
    for name in ("vendor_no", "status", "sell_to_customer_no"):
        if filters.get(name):
            query = query.where(LINES.c[name] == filters[name])
    if overdue:
        # The order's next date first: it has an index, and leaves few orders to look into.
        query = query.where(LINES.c.next_receipt_date < today, late)
    elif overdue is False:
        query = query.where(~func.coalesce(late, False))
    if outstanding is not None:
        query = query.where(LINES.c.outstanding > 0 if outstanding else LINES.c.outstanding <= 0)
    if sales_order_no:
        linked = select(LINKS.c.line_id).where(LINKS.c.sales_order_no == sales_order_no, LINKS.c.active)
        query = query.where(LINES.c.purchase_order_no.in_(_linked_to(sales_order_no)), LINES.c.id.in_(linked))
    return query


def exceptions(sales_order_no: str) -> Select[Any]:
    """What needs a person."""
    query = select(EXCEPTIONS)
    return query.where(EXCEPTIONS.c.sales_order_no == sales_order_no) if sales_order_no else query


def vendors() -> Select[Any]:
    """All vendors."""
    return select(MASTERS.c.body).where(MASTERS.c.kind == "vendor", ~MASTERS.c.deleted)


def item_vendors(vendor_no: str) -> Select[Any]:
    """A vendor's catalogue: the range of keys that begin with its number and "/", which "0" follows."""
    return select(MASTERS.c.body).where(
        MASTERS.c.kind == "item-vendor",
        MASTERS.c.no > f"{vendor_no}/",
        MASTERS.c.no < f"{vendor_no}0",
        ~MASTERS.c.deleted,
    )


def receipts(*, sales_order_no: str, posting_date: date | None, **filters: str) -> Select[Any]:
    """Posted receipts, filtered by purchase_order_no, vendor_no, sales_order_no, posting_date."""
    query = select(RECEIPTS.c.body)
    for name in ("purchase_order_no", "vendor_no"):
        if filters.get(name):
            query = query.where(RECEIPTS.c[name] == filters[name])
    if posting_date is not None:
        query = query.where(RECEIPTS.c.posting_date == posting_date)
    if sales_order_no:
        query = query.where(RECEIPTS.c.sales_order_nos.contains([sales_order_no]))
    return query


def invoices(*, posting_date: date | None, **filters: str) -> Select[Any]:
    """Posted invoices, filtered by purchase_order_no, vendor_no, vendor_invoice_no, posting_date."""
    query = select(INVOICES.c.body)
    for name in ("purchase_order_no", "vendor_no", "vendor_invoice_no"):
        if filters.get(name):
            query = query.where(INVOICES.c[name] == filters[name])
    if posting_date is not None:
        query = query.where(INVOICES.c.posting_date == posting_date)
    return query
