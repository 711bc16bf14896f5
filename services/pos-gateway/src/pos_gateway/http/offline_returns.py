"""Returns that tills carried out while they were offline, and their repair."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

import msgspec
from fastapi import APIRouter
from sqlalchemy import Row, select
from starlette.responses import Response

from eventkit.transaction import Queryable
from httpkit.acts import DocumentAct, PatchAct
from httpkit.auth import requires
from httpkit.bodies import Filters
from httpkit.lists import Columns, Listing
from httpkit.openapi import answers
from httpkit.paths import IdInPath
from httpkit.reads import ReadMany, ReadOne
from httpkit.responses import Resource, Shown
from httpkit.till_bodies import TillBody
from pos_gateway.domain.acts.act import TillAct
from pos_gateway.domain.acts.return_repairs import KIND, ActOnReturn, RepairReturn, ReturnRepair
from pos_gateway.http.answers.offline_returns import OfflineReturnAnswer, offline_return_answer
from pos_gateway.http.dependencies import MANAGE, GatewayParts
from pos_gateway.http.filters import OfflineReturnFilters
from pos_gateway.store import acts
from pos_gateway.store.tables import OFFLINE_ACT
from pos_gateway.use_cases.repair_returns import resubmit_returns, void_returns

router = APIRouter(prefix="/v1/offline-returns", tags=["acts"], dependencies=[requires(MANAGE)])
_CHANGED: Final = answers(OfflineReturnAnswer, refuses=[404, 409])


def _item(row: Row[Any]) -> OfflineReturnAnswer:
    return offline_return_answer(msgspec.json.decode(row.body, type=TillAct), row.status)


_LISTING: Final = Listing(
    query=select(OFFLINE_ACT).where(OFFLINE_ACT.c.body.op("->>")("taken_offline").is_not(None)),
    key=(OFFLINE_ACT.c.received_at, OFFLINE_ACT.c.act_id),
    item=_item,
    columns=Columns(
        {
            "confirmation_no": OFFLINE_ACT.c.confirmation_no,
            "status": OFFLINE_ACT.c.status,
            "store_no": OFFLINE_ACT.c.store_no,
        }
    ),
)


async def read_return(conn: Queryable, id_: str) -> Shown | None:
    """A return that was taken offline, by its id."""
    stored = (await acts.by_id(conn, [UUID(id_)])).get(UUID(id_))
    if stored is None or stored.act.taken_offline is None:
        return None
    return Shown(offline_return_answer(stored.act, stored.status), stored.act.version)


OFFLINE_RETURN: Final = Resource(KIND, read_return)


@router.get("", responses=answers(OfflineReturnAnswer, items=True))
async def list_offline_returns(reading: ReadMany, page: Filters[OfflineReturnFilters]) -> Response:
    """Returns in the order in which they came; those with status `failed` wait for a person."""
    return await reading.page(page, _LISTING)


@router.get("/{id}", responses=answers(OfflineReturnAnswer, refuses=[404]))
async def get_offline_return(reading: ReadOne, id: IdInPath) -> Response:  # noqa: A002 - the API's name
    """One return with all that the till sent."""
    return await reading.one(OFFLINE_RETURN, str(id))


@router.patch("/{id}", responses=_CHANGED)
async def change_offline_return(
    act: PatchAct,
    id: IdInPath,  # noqa: A002 - the API's name
    body: TillBody[ReturnRepair],
    parts: GatewayParts,
) -> Response:
    """Change what a return names that failed: its order, invoice, lines or shipping refund; each field is audited.

    A return that sales could not be asked for is refused. It is `editing` until it is sent again. The money that went
    back stays as it is. With `dry_run` nothing is kept.
    """
    act.dry_run = body.dry_run
    use_case = parts.return_repairs.repair_returns
    return await act.answer(await act.run(use_case, RepairReturn(id, body), resource=OFFLINE_RETURN))


@router.post("/{id}/resubmit", responses=_CHANGED)
async def resubmit_offline_return(act: DocumentAct, id: IdInPath) -> Response:  # noqa: A002
    """Have it decided again: it is `waiting` until sales can be asked. What was given back too much stays owed."""
    return await act.answer(await act.run(resubmit_returns, ActOnReturn(id), resource=OFFLINE_RETURN))


@router.post("/{id}/void", responses=_CHANGED)
async def void_offline_return(act: DocumentAct, id: IdInPath) -> Response:  # noqa: A002
    """Give it up: sales is never asked for it, and what went back stays owed."""
    return await act.answer(await act.run(void_returns, ActOnReturn(id), resource=OFFLINE_RETURN))
