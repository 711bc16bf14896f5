"""The search over customer orders (POS-60; contract point 29)."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row, Select, or_, select

from httpkit.fields import Date, No20OrBlank
from httpkit.lists import Page
from pos_gateway.domain.answer import CustomerOrderView, view
from pos_gateway.domain.order import Status
from pos_gateway.store.orders import stored_of
from pos_gateway.store.tables import ORDER, PICKUP, STAGE


class Orders(Page):
    """`order_no`: confirmation, receipt or sales order number; `date`: the earliest wanted date."""

    order_no: No20OrBlank = ""
    customer_no: No20OrBlank = ""
    status: Status | None = None
    pickup_store: No20OrBlank = ""
    date: Date | None = None


def orders_query(page: Orders, store_no: str | None) -> Select[Any]:
    """The orders that the filters name, among those that a store sees (None: all)."""
    query = select(
        ORDER.c.content,
        ORDER.c.body,
        STAGE.c.status,
        STAGE.c.attempts,
        STAGE.c.sales_order_no,
        STAGE.c.customer_no,
        STAGE.c.errors,
        STAGE.c.updated_at,
    ).join_from(ORDER, STAGE, ORDER.c.confirmation_no == STAGE.c.confirmation_no)
    if store_no is not None:
        query = query.where(or_(ORDER.c.store_no == store_no, _waits_at(store_no)))
    if page.order_no:
        query = query.where(
            or_(ORDER.c.confirmation_no == page.order_no, STAGE.c.sales_order_no == page.order_no)
        )
    if page.customer_no:
        query = query.where(STAGE.c.customer_no == page.customer_no)
    if page.status is not None:
        query = query.where(STAGE.c.status == page.status)
    if page.pickup_store:
        query = query.where(_waits_at(page.pickup_store))
    if page.date is not None:
        query = query.where(ORDER.c.wanted_date == page.date)
    return query


def _waits_at(store_no: str) -> Any:
    return ORDER.c.confirmation_no.in_(select(PICKUP.c.confirmation_no).where(PICKUP.c.store_no == store_no))


def order_item(row: Row[Any]) -> CustomerOrderView:
    """One found order."""
    stored = stored_of(row)
    return view(stored.order, stored.stage)
