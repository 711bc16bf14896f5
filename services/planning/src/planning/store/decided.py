"""All that a batch decided, but for stock and runs, stored in one statement."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any
from uuid import UUID

import asyncpg
import msgspec
from sqlalchemy import text

from contracts.planning import PurchaseRequest
from eventkit.errors import OvertakenError
from eventkit.transaction import Transaction, json_fields, json_rows, json_texts
from planning.domain.availability import OpenLine
from planning.domain.demand import DemandRow, OrderDemand
from planning.domain.requisition import RequisitionLine
from planning.store.requisitions import INSERT_LINES, new_lines

# Each part is empty where nothing changed. Who decides knows which rows there are, since the lock of their sales order
# guards them: new ones are inserted and changed ones updated, without looking for the others.
#
# Sales orders that nobody had demand for are inserted here, unlocked until then. Where two do that at once, the second
# is overtaken and decides again. Requisition lines are inserted after the changed ones, which may make room in the
# unique index of live lines.
STORE = text(f"""
WITH new_orders AS (
    INSERT INTO demand_order (sales_order_no, customer_no, version, gettable, updated_at)
    SELECT r.*, :now
    FROM json_to_recordset(CAST(:new_orders AS json))
         AS r(sales_order_no text, customer_no text, version int, gettable boolean)
    ORDER BY sales_order_no
), new_rows AS (
    INSERT INTO demand (sales_line_id, generation, sales_order_no, state, body)
    SELECT r.*
    FROM ROWS FROM (json_to_recordset(CAST(:new_rows AS json)) AS (
        sales_line_id uuid, generation int, sales_order_no text, state text),
        unnest(CAST(:new_row_bodies AS json[]))) AS r
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
    SELECT id, body, :now FROM unnest(CAST(:request_ids AS uuid[]), CAST(:requests AS json[])) AS r(id, body)
), closed AS (
    DELETE FROM open_line WHERE line_id = ANY(CAST(:closed AS uuid[]))
), opened AS (
    INSERT INTO open_line (line_id, source, document_no, line_no, item_no, location_code, due_date, quantity)
    SELECT line_id, source, document_no, line_no, item_no, location_code, due_date, quantity
    FROM json_to_recordset(CAST(:opened AS json)) AS r(
        line_id uuid, source text, document_no text, line_no int, item_no text, location_code text, due_date date,
        quantity numeric)
    ORDER BY line_id
    ON CONFLICT (line_id) DO UPDATE
    SET item_no = excluded.item_no, location_code = excluded.location_code, due_date = excluded.due_date,
        quantity = excluded.quantity
)
UPDATE demand_order o
SET customer_no = r.customer_no, version = r.version, gettable = r.gettable, updated_at = :now
FROM unnest(CAST(:orders AS text[]), CAST(:customers AS text[]), CAST(:versions AS int[]),
            CAST(:gettables AS boolean[])) AS r(sales_order_no, customer_no, version, gettable)
WHERE o.sales_order_no = r.sales_order_no
""")


class Decided:
    """What a batch decided, collected to be stored with one statement.

    `made`: sales orders whose demand is not in the database yet; it gets there with the first decision about it.
    """

    def __init__(self, made: Collection[str] = ()) -> None:
        self._made = made
        self._before: dict[str, OrderDemand] = {}
        self._after: dict[str, OrderDemand] = {}
        self._requests: list[PurchaseRequest] = []
        self._lines: dict[UUID, RequisitionLine] = {}
        self._opened: list[OpenLine] = []
        self._closed: set[UUID] = set()

    def add(self, before: OrderDemand, after: OrderDemand, requests: Iterable[PurchaseRequest] = ()) -> None:
        """A decision; the next one about the same order starts from `after`."""
        self._before.setdefault(before.sales_order_no, before)
        self._after[after.sales_order_no] = after
        self._requests += requests

    def ask(self, requests: Iterable[PurchaseRequest]) -> None:
        """Purchase requests over several sales orders."""
        self._requests += requests

    def change(self, lines: Iterable[RequisitionLine]) -> None:
        """Changed requisition lines that serve no sales order."""
        self._lines |= {line.id: line for line in lines}

    def move(self, opened: Iterable[OpenLine], closed: Iterable[UUID]) -> None:
        """Lines of orders that have something to move, and those that have nothing any more."""
        self._opened += opened
        self._closed.update(closed)

    def told(self) -> list[tuple[OrderDemand, OrderDemand]]:
        """(before, after) of those that planning itself changed."""
        pairs = ((self._before[no], self._final(no)) for no in self._after)
        return [(before, after) for before, after in pairs if before.version != after.version]

    def changed_lines(self) -> list[tuple[RequisitionLine | None, RequisitionLine]]:
        """(before, after) of requisition lines."""
        found = []
        for no, after in self._after.items():
            known = self._before[no].lines
            found += [
                (known.get(id_), line) for id_, line in after.lines.items() if known.get(id_) is not line
            ]
        return found

    async def store(self, tx: Transaction) -> None:
        """Write what changed. Raises OvertakenError if another transaction made the demand of the same sales order."""
        made = [self._final(no) for no in self._after if no in self._made]
        orders = [self._final(no) for no in self._after if no not in self._made and self._head_changed(no)]
        rows = self._changed_rows()
        lines = self.changed_lines()
        if any((made, orders, rows, lines, self._lines, self._requests, self._opened, self._closed)):
            changed = [line for known, line in lines if known is not None]
            params = {
                **_orders(made, orders),
                **_rows([row for new, row in rows if not new], [row for new, row in rows if new]),
                **_changed_lines([*changed, *self._lines.values()]),
                **new_lines([line for known, line in lines if known is None]),
                "request_ids": [request.id for request in self._requests],
                "requests": json_texts(self._requests),
                "opened": json_rows(self._opened),
                "closed": sorted(self._closed),
                "now": tx.now,
            }
            try:
                await tx.run(STORE, **params)
            except asyncpg.UniqueViolationError as e:
                if e.constraint_name != "demand_order_pkey":
                    raise
                raise OvertakenError("somebody else made the demand of a sales order meanwhile") from e

    def _changed_rows(self) -> list[tuple[bool, DemandRow]]:
        """(is new, row) of demand."""
        found: list[tuple[bool, DemandRow]] = []
        for no, after in self._after.items():
            known = self._before[no].rows
            found += [(key not in known, row) for key, row in after.rows.items() if known.get(key) is not row]
        return found

    def _final(self, no: str) -> OrderDemand:
        """However often a batch acted on a demand, its version goes up by one: it is told once."""
        before, after = self._before[no], self._after[no]
        if after.version <= before.version + 1:
            return after
        return msgspec.structs.replace(after, version=before.version + 1)

    def _head_changed(self, no: str) -> bool:
        before, after = self._before[no], self._after[no]
        return (before.version, before.gettable, before.customer_no) != (
            after.version,
            after.gettable,
            after.customer_no,
        )


def _orders(made: Sequence[OrderDemand], changed: Sequence[OrderDemand]) -> dict[str, Any]:
    return {
        "new_orders": json_fields(made, "sales_order_no", "customer_no", "version", "gettable"),
        "orders": [order.sales_order_no for order in changed],
        "customers": [order.customer_no for order in changed],
        "versions": [order.version for order in changed],
        "gettables": [order.gettable for order in changed],
    }


def _rows(changed: Sequence[DemandRow], new: Sequence[DemandRow]) -> dict[str, Any]:
    return {
        "new_rows": json_fields(new, "sales_line_id", "generation", "sales_order_no", "state"),
        "new_row_bodies": json_texts(new),
        "row_ids": [row.sales_line_id for row in changed],
        "row_generations": [row.generation for row in changed],
        "row_states": [row.state for row in changed],
        "row_bodies": json_texts(changed),
    }


def _changed_lines(lines: Sequence[RequisitionLine]) -> dict[str, Any]:
    return {
        "line_ids": [line.id for line in lines],
        "line_statuses": [line.status for line in lines],
        "line_action_messages": [line.action_message for line in lines],
        "line_vendors": [line.vendor_no for line in lines],
        "line_bodies": json_texts(lines),
    }
