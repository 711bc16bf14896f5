"""Requests to change lines that are being bought: what was asked for. How they end stands in their operations."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Column, FromClause, Integer, Select, Table, Text, select, text
from sqlalchemy.dialects.postgresql import UUID as ID

from eventkit.transaction import Transaction, json_rows, json_texts
from sales.domain.orders.change_requests import WantedChange
from sales.store.tables import METADATA

INSERT = text("""
INSERT INTO change_request (id, sales_order_no, line_no, body)
SELECT id, sales_order_no, line_no, body
FROM ROWS FROM (json_to_recordset(CAST(:rows AS json)) AS (id uuid, sales_order_no text, line_no int),
                unnest(CAST(:bodies AS json[]))) AS r(id, sales_order_no, line_no, body)
""")

CHANGE_REQUEST = Table(
    "change_request",
    METADATA,
    Column("id", ID(as_uuid=True), primary_key=True),
    Column("sales_order_no", Text),
    Column("line_no", Integer),
    Column("body", Text),
)


class ChangeRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A request to change a line; `id` is its operation's id."""

    id: UUID
    sales_order_no: str
    line_no: int
    wanted: WantedChange


async def insert(tx: Transaction, requests: Sequence[ChangeRequest]) -> None:
    """Insert new change requests; their outcome is joined when they are read."""
    rows = [
        {"id": each.id, "sales_order_no": each.sales_order_no, "line_no": each.line_no} for each in requests
    ]
    bodies = json_texts([each.wanted for each in requests])
    await tx.run(INSERT, rows=json_rows(rows), bodies=bodies)


def query(operation: FromClause, sales_order_no: str, line_no: int) -> Select[Any]:
    """The requests about one line, with their operations: filter, order and page it."""
    request = CHANGE_REQUEST.c
    return (
        select(*operation.c, request.sales_order_no, request.line_no, request.body)
        .join_from(CHANGE_REQUEST, operation, request.id == operation.c.id)
        .where(request.sales_order_no == sales_order_no, request.line_no == line_no)
    )
