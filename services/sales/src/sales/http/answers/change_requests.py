"""Requests to change lines that are being bought: what was asked for, and what became of it."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar
from uuid import UUID

import msgspec
from msgspec import Meta
from sqlalchemy.ext.asyncio import AsyncConnection

from contracts import fields
from contracts.refusals import not_found
from contracts.values import AddressAnswer
from domainkit.structs import extended
from httpkit.lists import Columns, Listing, PageFilters, Several
from httpkit.operations import OPERATIONS, OperationStatus, operation_of
from httpkit.schemas import REF
from sales.domain.orders.change_requests import WantedChange
from sales.store import change_requests

AcceptedAsLine = Annotated[
    int,
    Meta(
        description="The new line that sells what the purchase could not take any more; null without one.",
        examples=[20000],
    ),
]

_WANTED = msgspec.json.Decoder(WantedChange)


class ChangedLineAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Which line was changed, and which new line sells what its purchase could not take."""

    sales_order_no: fields.SalesOrderNo
    line_no: fields.LineNo
    accepted_as_line: AcceptedAsLine | None = None


class ChangeRequestAnswer(WantedChange, frozen=True, kw_only=True, omit_defaults=False):
    """A request to change a line; it is an operation, whose members come first."""

    id: Annotated[
        UUID, Meta(description="Id of the request and of its operation.", examples=[fields.EXAMPLE_ID])
    ]
    kind: Annotated[str, Meta(description="Which act it is.", examples=["change-request"])]
    status: OperationStatus
    result: Annotated[
        Annotated[msgspec.Raw, Meta(extra_json_schema={"type": "object", "additionalProperties": True})]
        | None,
        Meta(
            description="What it ended with, null until then.",
            examples=[{"sales_order_no": "S-1001", "line_no": 10000, "accepted_as_line": None}],
        ),
    ]
    problem: Annotated[
        Annotated[msgspec.Raw, Meta(extra_json_schema={"$ref": REF.format(name="Problem")})] | None,
        Meta(description="Why it was refused: a problem document.", examples=[None]),
    ]
    started_at: Annotated[fields.Timestamp, Meta(description="When it was asked for.")]
    ended_at: Annotated[fields.Timestamp, Meta(description="When it ended; null: not yet.")] | None
    sales_order_no: fields.SalesOrderNo
    line_no: fields.LineNo
    accepted_as_line: AcceptedAsLine | None = None
    ship_to: AddressAnswer | None = None


class ChangeRequestFilters(PageFilters, frozen=True, kw_only=True):
    """Filters of the list of requests about a line."""

    status: Several[OperationStatus] = ()

    sorts: ClassVar = ("started_at", "status")


class _Result(msgspec.Struct):
    accepted_as_line: int | None = None


def _answer(row: Any) -> ChangeRequestAnswer:
    operation = operation_of(row)
    result = msgspec.json.decode(operation.result, type=_Result) if operation.result else _Result()
    wanted = _WANTED.decode(row.body)
    members = msgspec.structs.asdict(wanted)
    if wanted.ship_to is not None:
        members["ship_to"] = extended(AddressAnswer, wanted.ship_to)
    return extended(
        ChangeRequestAnswer,
        operation,
        **members,
        sales_order_no=row.sales_order_no,
        line_no=row.line_no,
        accepted_as_line=result.accepted_as_line,
    )


def change_requests_of(sales_order_no: str, line_no: int) -> Listing:
    """The requests about one line, the newest first."""
    return Listing(
        query=change_requests.query(OPERATIONS, sales_order_no, line_no),
        key=(OPERATIONS.c.id,),  # their ids are in the order of time
        item=_answer,
        columns=Columns({**OPERATIONS.c}),
        descending=True,
    )


async def find_change_request(
    conn: AsyncConnection, sales_order_no: str, line_no: int, id_: UUID
) -> ChangeRequestAnswer:
    """The change request `id_` about a line; `not-found` if the line has none with this id."""
    query = change_requests.query(OPERATIONS, sales_order_no, line_no).where(OPERATIONS.c.id == id_)
    row = (await conn.execute(query)).one_or_none()
    if row is None:
        raise not_found("change-request", str(id_))
    return _answer(row)
