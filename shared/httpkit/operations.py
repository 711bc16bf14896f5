"""Operations: acts that another service decides; callers read them or wait for their end."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Annotated, Any, ClassVar, Final
from uuid import UUID

import msgspec
from msgspec import Meta
from sqlalchemy import column, select, table, text
from sqlalchemy import types as t
from starlette.responses import Response

from contracts.fields import No, Timestamp, choice
from contracts.fields import text as text_of
from contracts.refusals import Reason, Violation
from eventkit.transaction import Database
from httpkit import problems
from httpkit.limits import Limits
from httpkit.lists import Columns, Listing, PageFilters, Several
from httpkit.responses import Headers, Json, json_response
from httpkit.schemas import REF
from httpkit.waiting import Waiters

READ_OPERATIONS = text("""
SELECT id, kind, status, result, problem, started_at, ended_at FROM operation
WHERE id = ANY(CAST(:ids AS uuid[]))
""")

RUNNING: Final = "running"
_DONE: Final = frozenset({"succeeded", "partly_failed"})
_REFUSED: Final = frozenset({"refused", "failed"})
_STATUS_OF_A_REFUSAL: Final = problems.STATUS_OF[Reason.CONFLICT]
"""What another service refuses later was right when it was asked: the state of things forbade it."""
_OWN_MEMBERS: Final = frozenset({"type", "title", "status", "code", "detail", "pointer", "errors"})


OperationStatus = Annotated[
    str,
    choice("running", "succeeded", "partly_failed", "refused", "failed"),
    Meta(description="How far it is.", examples=["succeeded"]),
]


class Operation(msgspec.Struct):
    """An act that another service decides, with its state and result."""

    id: Annotated[
        UUID, Meta(description="Id of the operation.", examples=["01930000-0000-7000-8000-000000000001"])
    ]
    kind: Annotated[str, Meta(description="Which act it is.", examples=["post-sales-order"])]
    status: OperationStatus
    result: Annotated[
        Annotated[msgspec.Raw, Meta(extra_json_schema={"type": "object", "additionalProperties": True})]
        | None,
        Meta(description="What it ended with, null until then.", examples=[{"shipment_no": "SS-1001"}]),
    ]
    problem: Annotated[
        Annotated[msgspec.Raw, Meta(extra_json_schema={"$ref": REF.format(name="Problem")})] | None,
        Meta(description="Why it was refused or failed: a problem document.", examples=[None]),
    ]
    started_at: Annotated[Timestamp, Meta(description="When it began.", examples=["2026-03-31T12:00:00Z"])]
    ended_at: Annotated[
        Timestamp | None, Meta(description="When it ended; null: not yet.", examples=["2026-03-31T12:00:01Z"])
    ]


class Operations:
    """Reads operations and waits for their end."""

    def __init__(self, database: Database, limits: Limits) -> None:
        self._database = database
        self._limits = limits
        self._waiters: Waiters[UUID, Operation] = Waiters(
            "operations",
            self.read,
            interval_s=limits.poll_interval_s,
            most=limits.operation_waiters_max,
            most_of_a_caller=limits.operation_waiters_per_caller_max,
        )

    async def read(self, ids: Collection[UUID]) -> Mapping[UUID, Operation]:
        """Operations by id; unknown ones are absent."""
        async with self._database.read() as conn:
            rows = (await conn.execute(READ_OPERATIONS, {"ids": list(ids)})).all()
        return {row.id: operation_of(row) for row in rows}

    async def find(self, id_: UUID) -> Operation | None:
        """The operation with this id; None if there is none."""
        return (await self.read([id_])).get(id_)

    async def ended(self, id_: UUID, timeout_s: float, caller: str) -> Operation | None:
        """The operation once it has ended; None if it does not in time, at once if too many wait already."""
        timeout_s = min(timeout_s, self._limits.prefer_wait_max_s)
        with self._waiters.slot(caller) as may_wait:
            if not may_wait:
                return None  # waiting is a preference: the caller gets the operation as it is
            found = await self._waiters.until(
                [id_], lambda now: id_ in now and now[id_].status != RUNNING, timeout_s
            )
        return found[id_] if found else None

    async def close(self) -> None:
        await self._waiters.close()


def operation_of(row: Any) -> Operation:
    """An operation of a row of `OPERATIONS`."""
    result, problem = _raw(row.result), _problem(row)
    return Operation(row.id, row.kind, row.status, result, problem, row.started_at, row.ended_at)


class OperationFilters(PageFilters, frozen=True, kw_only=True):
    """Filters of the list of operations."""

    status: Several[OperationStatus] = ()
    kind: Several[
        Annotated[str, text_of(40), Meta(description="Which act it is.", examples=["post-sales-order"])]
    ] = ()
    subject_no: Several[
        Annotated[No, Meta(description="The document that it is about.", examples=["S-1001"])]
    ] = ()

    sorts: ClassVar = ("started_at", "kind", "status")


OPERATIONS: Final = table(
    "operation",
    column("id", t.Uuid()),
    column("kind", t.Text()),
    column("subject_no", t.Text()),
    column("status", t.Text()),
    column("result", t.Text()),
    column("problem", t.Text()),
    column("started_at", t.DateTime(timezone=True)),
    column("ended_at", t.DateTime(timezone=True)),
)
LISTING: Final = Listing(
    query=select(OPERATIONS),
    key=(OPERATIONS.c.id,),  # their ids are in the order of time
    item=operation_of,
    columns=Columns({**OPERATIONS.c}),
    descending=True,
)


def _raw(value: str | None) -> msgspec.Raw | None:
    return None if value is None else msgspec.Raw(value.encode())


def accepted(operation: Operation, headers: Headers) -> Json:
    """202 with the operation, and its address in Location."""
    location = (b"location", f"/v1/operations/{operation.id}".encode())
    return json_response(operation, 202, [*headers, location])


def end_result(operation: Operation, status: int, headers: Headers) -> Response:
    """The answer of an ended operation to a caller that waited: its result, or its problem."""
    location = (b"location", f"/v1/operations/{operation.id}".encode())
    if operation.status in _DONE:
        body = bytes(operation.result) if operation.result is not None else b"{}"
        return Json(body, status, [*headers, location])
    answer = problems.respond_document(_STATUS_OF_A_REFUSAL, operation.problem)
    answer.raw_headers.extend([*headers, location])
    return answer


def _problem(row: Any) -> msgspec.Raw | None:
    """The problem document of an operation that was refused or failed, made of the reasons that are stored with it."""
    if row.status not in _REFUSED:
        return None
    document = problems.document(_STATUS_OF_A_REFUSAL, _reasons(row))
    return msgspec.Raw(msgspec.json.encode(document))


def _reasons(row: Any) -> list[Violation]:
    """The stored reasons (`{"errors": [{code, detail, …}]}`, or one of them alone); there is always one."""
    stored: Any = msgspec.json.decode(row.problem) if row.problem is not None else None
    if not isinstance(stored, dict):
        stored = {}
    found = [_reason(error) for error in stored.get("errors") or [stored] if error.get("code")]
    return found or [Violation(row.status, f"{row.kind} was {row.status}")]


def _reason(error: Mapping[str, Any]) -> Violation:
    members = {name: value for name, value in error.items() if name not in _OWN_MEMBERS}
    return Violation(
        str(error["code"]),
        str(error.get("detail") or error["code"]),
        str(error.get("pointer") or ""),
        members,
    )
