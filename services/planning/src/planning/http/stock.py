"""Item journal, ledger, stock, availability and order tracking."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from fastapi import APIRouter
from sqlalchemy import select
from starlette.responses import Response

from contracts.refusals import invalid
from domainkit.money import plain_quantity
from domainkit.structs import extended
from httpkit.acts import CreateAct
from httpkit.auth import requires
from httpkit.bodies import Body, Filters
from httpkit.lists import Columns, Listing
from httpkit.openapi import answers
from httpkit.reads import ReadMany
from planning.domain.stock.availability import Availability
from planning.domain.stock.journal import PostItemJournal
from planning.domain.tracking import Graph
from planning.http.answers import LedgerEntryAnswer, PostedJournal, PostedJournalLine, StockAnswer
from planning.http.filters import AvailabilityFilters, LedgerEntryFilters, StockFilters, TrackingFilters
from planning.store.tables import ENTRIES, STOCK
from planning.use_cases.post_item_journals import PostedEntry, post_item_journals
from planning.use_cases.read_tracking import (
    read_availability,
    track_item,
    track_purchase_order,
    track_sales_order,
)

router = APIRouter(prefix="/v1", tags=["stock"])
_READING: Final = [requires("planning:read")]
_WRITING: Final = [requires("planning:write")]


@router.post(
    "/item-journal",
    status_code=201,
    responses=answers(PostedJournal, 201, refuses=[409]),
    dependencies=_WRITING,
)
async def post_item_journal(act: CreateAct, body: Body[PostItemJournal]) -> Response:
    """Adjust stock by hand, all lines or none. What is allocated to special orders or reserved cannot be taken."""
    return await act.answer(await act.run(post_item_journals, body, present=_posted_journal, status=201))


def _posted_journal(posted: Iterable[PostedEntry]) -> PostedJournal:
    lines = (extended(PostedJournalLine, one.entry, entry_no=one.entry_no) for one in posted)
    return PostedJournal(lines=tuple(lines))


def _entry(row: Any) -> LedgerEntryAnswer:
    # Movements that were stored before quantities were rounded may have ten decimals.
    return extended(LedgerEntryAnswer, row, quantity=plain_quantity(row.quantity))


def _stock(row: Any) -> StockAnswer:
    # Movements that were stored before quantities were rounded may have ten decimals.
    figures = {name: plain_quantity(getattr(row, name)) for name in ("stock", "allocated", "reserved")}
    free = plain_quantity(row.stock - row.allocated)
    return extended(StockAnswer, row, **figures, free=free)


_ENTRIES: Final = Listing(
    query=select(ENTRIES),
    key=(ENTRIES.c.entry_no,),
    item=_entry,
    columns=Columns({**ENTRIES.c}),
    updated=ENTRIES.c.posted_at,
)
_STOCK: Final = Listing(
    query=select(STOCK).where(STOCK.c.version > 0),
    key=(STOCK.c.item_no, STOCK.c.location_code),
    item=_stock,
    columns=Columns({**STOCK.c}),
    updated=STOCK.c.updated_at,
)


@router.get(
    "/item-ledger-entries",
    responses=answers(LedgerEntryAnswer, items=True),
    dependencies=_READING,
)
async def list_item_ledger_entries(reading: ReadMany, page: Filters[LedgerEntryFilters]) -> Response:
    """Movements of goods, the oldest first."""
    return await reading.page(page, _ENTRIES)


@router.get("/stock", responses=answers(StockAnswer, items=True), dependencies=_READING)
async def list_stock(reading: ReadMany, page: Filters[StockFilters]) -> Response:
    """Stock by item and location; a pair that never moved is not in it."""
    return await reading.page(page, _STOCK)


@router.get("/availability", responses=answers(Availability, refuses=[404]), dependencies=_READING)
async def get_availability(reading: ReadMany, asked: Filters[AvailabilityFilters]) -> Response:
    """What is available of an item up to a day; without a location of all locations together."""
    return await reading.answer(
        lambda conn: read_availability(conn, asked.item_no, asked.location_code, asked.date)
    )


@router.get("/order-tracking", responses=answers(Graph, refuses=[404]), dependencies=_READING)
async def get_order_tracking(reading: ReadMany, asked: Filters[TrackingFilters]) -> Response:
    """What serves what, from the sales line over requisition and purchase line to postings.

    Give exactly one of the three parameters.
    """
    if sum(map(bool, (asked.sales_order_no, asked.purchase_order_no, asked.item_no))) != 1:
        raise invalid("one-filter-required", "give one of sales_order_no, purchase_order_no and item_no")
    if asked.sales_order_no:
        return await reading.answer(lambda conn: track_sales_order(conn, asked.sales_order_no))
    if asked.purchase_order_no:
        return await reading.answer(lambda conn: track_purchase_order(conn, asked.purchase_order_no))
    return await reading.answer(lambda conn: track_item(conn, asked.item_no))
