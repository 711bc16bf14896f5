"""Unit of work over demand: what a batch decides, collected as it is decided and stored with one statement."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

import asyncpg
from msgspec.structs import replace
from sqlalchemy import text

from contracts.planning.requests import PurchaseRequest
from eventkit.context import Context
from eventkit.errors import OvertakenError
from eventkit.transaction import Transaction, json_fields, json_rows, json_texts
from planning.domain.demand.rows import DemandRow, OrderDemand
from planning.domain.requisitions.lines import RequisitionLine
from planning.domain.stock.availability import OpenLine
from planning.store.requisitions import INSERT_LINES, new_lines

# One statement for all tables, because a batch's latency is its round trips. Each part is empty where nothing changed.
#
# The lock of a sales order guards its demand and its requisition lines. So the unit of work knows which rows are there:
# new ones are inserted and changed ones updated, and nothing is upserted or looked for first.
#
# All parts see the tables as they were before the statement, and PostgreSQL runs them in no certain order. That is
# right for tables that only one part writes. `requisition_line` is written by two, `lines` and `new_lines`: a changed
# line may have to leave the unique index of live lines before its successor enters it, so `new_lines` counts what
# `lines` returned, and thereby waits for it.
#
# Sales orders without a demand are inserted here, unlocked until then. Where two transactions do that at once, the
# second fails on the primary key and decides again (OvertakenError).
STORE = text(f"""
WITH new_orders AS (
    INSERT INTO demand_order (sales_order_no, customer_no, version, gettable, updated_at)
    SELECT r.sales_order_no, r.customer_no, r.version, r.gettable, :now
    FROM json_to_recordset(CAST(:new_orders AS json))
         AS r(sales_order_no text, customer_no text, version int, gettable boolean)
    ORDER BY r.sales_order_no
), new_rows AS (
    INSERT INTO demand (sales_line_id, generation, sales_order_no, state, body)
    SELECT r.sales_line_id, r.generation, r.sales_order_no, r.state, r.body
    FROM ROWS FROM (
        json_to_recordset(CAST(:new_rows AS json))
            AS (sales_line_id uuid, generation int, sales_order_no text, state text),
        unnest(CAST(:new_row_bodies AS json[]))
    ) AS r(sales_line_id, generation, sales_order_no, state, body)
), rows AS (
    UPDATE demand d SET state = r.state, body = r.body
    FROM unnest(CAST(:row_ids AS uuid[]), CAST(:row_generations AS int[]), CAST(:row_states AS text[]),
                CAST(:row_bodies AS json[])) AS r(id, generation, state, body)
    WHERE d.sales_line_id = r.id AND d.generation = r.generation
), lines AS (
    UPDATE requisition_line l
    SET status = r.status, action_message = r.action_message, vendor_no = r.vendor_no, body = r.body, updated_at = :now
    FROM unnest(CAST(:line_ids AS uuid[]), CAST(:line_statuses AS text[]), CAST(:line_action_messages AS text[]),
                CAST(:line_vendors AS text[]), CAST(:line_bodies AS json[]))
         AS r(id, status, action_message, vendor_no, body)
    WHERE l.id = r.id
    RETURNING 1
), new_lines AS (
    {INSERT_LINES.text.strip()}
    WHERE (SELECT count(*) FROM lines) >= 0
), requests AS (
    INSERT INTO purchase_request (id, body, updated_at)
    SELECT r.id, r.body, :now FROM unnest(CAST(:request_ids AS uuid[]), CAST(:requests AS json[])) AS r(id, body)
), closed AS (
    DELETE FROM open_line WHERE line_id = ANY(CAST(:closed AS uuid[]))
), opened AS (
    -- A line that had something to move before is there already: only its quantity and dates are new.
    INSERT INTO open_line (line_id, source, document_no, line_no, item_no, location_code, due_date, quantity,
                           special_order)
    SELECT r.line_id, r.source, r.document_no, r.line_no, r.item_no, r.location_code, r.due_date, r.quantity,
           r.special_order
    FROM json_to_recordset(CAST(:opened AS json)) AS r(
        line_id uuid, source text, document_no text, line_no int, item_no text, location_code text, due_date date,
        quantity numeric, special_order boolean)
    ORDER BY r.line_id
    ON CONFLICT (line_id) DO UPDATE
    SET item_no = excluded.item_no, location_code = excluded.location_code, due_date = excluded.due_date,
        quantity = excluded.quantity, special_order = excluded.special_order
)
UPDATE demand_order o
SET customer_no = r.customer_no, version = r.version, gettable = r.gettable, updated_at = :now
FROM unnest(CAST(:orders AS text[]), CAST(:customers AS text[]), CAST(:versions AS int[]),
            CAST(:gettables AS boolean[])) AS r(sales_order_no, customer_no, version, gettable)
WHERE o.sales_order_no = r.sales_order_no
""")


class DemandUnitOfWork:
    """The demands and requisition lines that a transaction has locked, in their state after the decisions so far.

    It is no `LockedDocuments`: one decision touches rows, requisition lines, requests and open lines of one order, and
    a demand's version counts batches in which planning acted, not decisions.

    `demands`: by sales order; `new` names those that are not in the database yet. `lines`: requisition lines without a
    sales order, by id.
    """

    def __init__(
        self,
        demands: Mapping[str, OrderDemand],
        lines: Mapping[UUID, RequisitionLine] | None = None,
        *,
        new: Collection[str] = (),
    ) -> None:
        # Copies: what changed is found at the end by comparing with the rows as they were locked.
        self.demands: dict[str, OrderDemand] = dict(demands)
        self.lines: dict[UUID, RequisitionLine] = dict(lines or {})
        self._demands_before = demands
        self._lines_before: Mapping[UUID, RequisitionLine] = lines or {}
        self._new = new
        self._contexts: dict[str, Context] = {}
        self._requests: list[tuple[PurchaseRequest, Context]] = []
        self._opened: list[OpenLine] = []
        self._closed: set[UUID] = set()

    def find_line(self, line_id: UUID, sales_order_no: str) -> RequisitionLine | None:
        """A requisition line that is still live; `sales_order_no` is the order that it serves, or ""."""
        if not sales_order_no:
            return self.lines.get(line_id)
        demand = self.demands.get(sales_order_no)
        return demand.lines.get(line_id) if demand is not None else None

    def add_decision(self, demand: OrderDemand, context: Context) -> None:
        """A decision about an order's demand; the next one starts from it."""
        self.demands[demand.sales_order_no] = demand
        self._contexts[demand.sales_order_no] = context

    def add_requests(self, requests: Iterable[PurchaseRequest], context: Context) -> None:
        """What purchasing is asked for."""
        self._requests += ((request, context) for request in requests)

    def add_line(self, line: RequisitionLine) -> None:
        """A changed requisition line that serves no sales order."""
        self.lines[line.id] = line

    def add_open_lines(self, opened: Iterable[OpenLine], closed: Iterable[UUID]) -> None:
        """Sales and purchase lines that have something to move, and those that have nothing any more."""
        self._opened += opened
        self._closed.update(closed)

    def to_publish(self) -> list[tuple[OrderDemand, OrderDemand, Context]]:
        """(before, after, context) of the demands that planning itself changed."""
        found = [
            (self._demands_before[no], self._final(no), context) for no, context in self._contexts.items()
        ]
        return [
            (before, after, context) for before, after, context in found if before.version != after.version
        ]

    def requests(self) -> list[tuple[PurchaseRequest, Context]]:
        """What purchasing is asked for, and why."""
        return self._requests

    def changed_lines(self) -> list[tuple[RequisitionLine | None, RequisitionLine]]:
        """(before, after) of all requisition lines that changed; before is None for new ones."""
        return [*self._changed_lines_of_orders(), *self._changed_plain_lines()]

    async def store(self, tx: Transaction) -> None:
        """Write what changed. Raises OvertakenError if another transaction made the demand of the same sales order."""
        # Redelivered and replayed snapshots change nothing: then there is no round trip.
        parameters = self._parameters()
        if not any(parameters.values()):
            return
        try:
            await tx.run(STORE, **parameters, now=tx.now)
        except asyncpg.UniqueViolationError as e:
            # Only this one is a race: the order could not be locked before its row existed. A duplicate in another
            # table is an error of a decision and must not be retried.
            if e.constraint_name != "demand_order_pkey":
                raise
            raise OvertakenError("another transaction has made the demand of a sales order") from e

    def _final(self, no: str) -> OrderDemand:
        """Collapse a batch's changes into one version, since one event is published per batch."""
        before, after = self._demands_before[no], self.demands[no]
        if after.version <= before.version + 1:
            return after
        return replace(after, version=before.version + 1)

    def _changed_lines_of_orders(self) -> list[tuple[RequisitionLine | None, RequisitionLine]]:
        found: list[tuple[RequisitionLine | None, RequisitionLine]] = []
        for no in self._contexts:
            before = self._demands_before[no].lines
            after = self.demands[no].lines
            # By identity: a decision keeps an unchanged line as the same object.
            found += [(before.get(id_), line) for id_, line in after.items() if before.get(id_) is not line]
        return found

    def _changed_plain_lines(self) -> list[tuple[RequisitionLine | None, RequisitionLine]]:
        before = self._lines_before
        return [(before.get(id_), line) for id_, line in self.lines.items() if before.get(id_) is not line]

    def _changed_rows(self) -> list[tuple[DemandRow | None, DemandRow]]:
        found: list[tuple[DemandRow | None, DemandRow]] = []
        for no in self._contexts:
            before = self._demands_before[no].rows
            after = self.demands[no].rows
            found += [(before.get(key), row) for key, row in after.items() if before.get(key) is not row]
        return found

    def _head_changed(self, no: str) -> bool:
        before, after = self._demands_before[no], self.demands[no]
        return (before.version, before.gettable, before.customer_no) != (
            after.version,
            after.gettable,
            after.customer_no,
        )

    def _parameters(self) -> dict[str, Any]:
        """The parameters of STORE but for the time; all are empty if nothing changed."""
        decided = self._contexts
        rows, lines = self._changed_rows(), self.changed_lines()
        requests = [request for request, _ in self._requests]
        return {
            **_new_orders([self._final(no) for no in decided if no in self._new]),
            **_orders([self._final(no) for no in decided if no not in self._new and self._head_changed(no)]),
            **_new_rows([row for before, row in rows if before is None]),
            **_rows([row for before, row in rows if before is not None]),
            **new_lines([line for before, line in lines if before is None]),
            **_lines([line for before, line in lines if before is not None]),
            "request_ids": [request.id for request in requests],
            "requests": json_texts(requests),
            "opened": json_rows(self._opened),
            "closed": sorted(
                self._closed
            ),  # in one order in all transactions: two of them lock the rows alike
        }


def _new_orders(demands: Sequence[OrderDemand]) -> dict[str, Any]:
    return {"new_orders": json_fields(demands, "sales_order_no", "customer_no", "version", "gettable")}


def _orders(demands: Sequence[OrderDemand]) -> dict[str, Any]:
    return {
        "orders": [demand.sales_order_no for demand in demands],
        "customers": [demand.customer_no for demand in demands],
        "versions": [demand.version for demand in demands],
        "gettables": [demand.gettable for demand in demands],
    }


def _new_rows(rows: Sequence[DemandRow]) -> dict[str, Any]:
    return {
        "new_rows": json_fields(rows, "sales_line_id", "generation", "sales_order_no", "state"),
        "new_row_bodies": json_texts(rows),
    }


def _rows(rows: Sequence[DemandRow]) -> dict[str, Any]:
    return {
        "row_ids": [row.sales_line_id for row in rows],
        "row_generations": [row.generation for row in rows],
        "row_states": [row.state for row in rows],
        "row_bodies": json_texts(rows),
    }


def _lines(lines: Sequence[RequisitionLine]) -> dict[str, Any]:
    return {
        "line_ids": [line.id for line in lines],
        "line_statuses": [line.status for line in lines],
        "line_action_messages": [line.action_message for line in lines],
        "line_vendors": [line.vendor_no for line in lines],
        "line_bodies": json_texts(lines),
    }
