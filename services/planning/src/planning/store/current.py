"""Current snapshots of what planning owns, for republication."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from eventkit.kinds import Snapshot
from eventkit.republish import SnapshotReader
from eventkit.transaction import Queryable
from planning.domain.demand import snapshot
from planning.domain.masters import item_snapshot, location_snapshot, setup_snapshot, unit_snapshot
from planning.store import demand, ledger, masters, requisitions

Found = AsyncIterator[tuple[str, Snapshot]]


def _of_master(kind: str, tell: Callable[[Any, str], Snapshot]) -> SnapshotReader:
    async def current(
        conn: Queryable,
        nos: Sequence[str] | None,
        since: datetime | None,
        open_only: bool,  # noqa: ARG001, FBT001 - masters are never finished, so this leaves none out
    ) -> Found:
        for no, record in await masters.current(conn, kind, nos, since):
            yield no, tell(record, "")

    return current


async def _demands(
    conn: Queryable,
    nos: Sequence[str] | None,
    since: datetime | None,
    open_only: bool,  # noqa: FBT001
) -> Found:
    for found in await demand.current(conn, nos, since, open_only=open_only):
        yield found.sales_order_no, snapshot(found)


async def _requests(
    conn: Queryable,
    nos: Sequence[str] | None,
    since: datetime | None,
    open_only: bool,  # noqa: FBT001
) -> Found:
    for no, request in await requisitions.current_requests(conn, nos, since, open_only=open_only):
        yield no, request


async def _stock(
    conn: Queryable,
    nos: Sequence[str] | None,
    since: datetime | None,
    open_only: bool,  # noqa: ARG001, FBT001 - stock is never finished
) -> Found:
    for level in await ledger.current_stock(conn, nos, since):
        yield f"{level.item_no}/{level.location_code}", level


CURRENT: Final[Mapping[str, SnapshotReader]] = {
    "item": _of_master(masters.ITEM, item_snapshot),
    "location": _of_master(masters.LOCATION, location_snapshot),
    "stockkeeping-unit": _of_master(masters.STOCKKEEPING_UNIT, unit_snapshot),
    "planning-setup": _of_master(masters.SETUP, setup_snapshot),
    "demand": _demands,
    "purchase-request": _requests,
    "stock": _stock,
}
"""Kind → how to read its snapshots."""
