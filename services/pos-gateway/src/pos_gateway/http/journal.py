"""What a terminal did: its journal, and the transactions that are missing."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter
from starlette.responses import Response

from contracts.refusals import not_found
from domainkit.money import currency
from eventkit.transaction import Queryable
from httpkit.auth import requires
from httpkit.bodies import Filters
from httpkit.openapi import answers
from httpkit.paths import RecordNo
from httpkit.reads import ReadMany
from httpkit.responses import json_response
from pos_gateway.domain.journal.entries import totals_of
from pos_gateway.domain.setup.records import Store
from pos_gateway.http.answers.journal import JournalAnswer, SequenceGapAnswer
from pos_gateway.http.dependencies import MANAGE, TERMINAL, GatewayParts, Parts, VisibleStore
from pos_gateway.http.filters import GapFilters, JournalFilters
from pos_gateway.store import journal

router = APIRouter(prefix="/v1/terminals/{no}", tags=["terminals"], dependencies=[requires(TERMINAL, MANAGE)])
GAPS_MAX: Final = 1000


@router.get("/sequence-gaps", responses=answers(SequenceGapAnswer, items=True, refuses=[404]))
async def list_sequence_gaps(
    reading: ReadMany, no: RecordNo, filters: Filters[GapFilters], parts: GatewayParts, seen_by: VisibleStore
) -> Response:
    """Numbers between a day's first and last transaction that never came, at most 1,000, the newest days first.

    A till sees those of its store's terminals.
    """
    async with reading.runner.database.read() as conn:
        store = await _store_of(conn, no, parts, seen_by)
        gaps = await journal.gaps(conn, store.no, no, filters.business_date, GAPS_MAX)
    return json_response({"items": gaps, "next_cursor": None})


@router.get("/journal", responses=answers(JournalAnswer, refuses=[404]))
async def get_journal(
    reading: ReadMany,
    no: RecordNo,
    filters: Filters[JournalFilters],
    parts: GatewayParts,
    seen_by: VisibleStore,
) -> Response:
    """What the terminal took and gave back on a business day; it adds up to the drawer."""
    async with reading.runner.database.read() as conn:
        store = await _store_of(conn, no, parts, seen_by)
        entries = await journal.entries(conn, store.no, no, filters.business_date)
    return json_response(JournalAnswer(tuple(entries), totals_of(entries, currency(store.currency_code))))


async def _store_of(conn: Queryable, terminal_no: str, parts: Parts, seen_by: str | None) -> Store:
    """The terminal's store; another store's terminal does not exist for a till."""
    configuration = await parts.configurations.current(conn)
    store_no = configuration.terminals.get(terminal_no)
    if store_no is None or seen_by not in (None, store_no):
        raise not_found("terminal", terminal_no)
    return configuration.stores[store_no]
