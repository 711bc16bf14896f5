"""The statements of the hot handlers use their indexes also when the tables are large."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import text

from planning.store import demand, ledger, open_lines, references, requisitions
from tests.integration.planning.rig import Rig

ROWS = 20_000
FILL = f"""
INSERT INTO demand_order (sales_order_no, updated_at) SELECT 'S-' || i, now() FROM generate_series(1, {ROWS}) i;
INSERT INTO demand (sales_line_id, generation, body)
SELECT gen_random_uuid(), 1, jsonb_build_object('sales_order_no', 'S-' || i, 'state', 'ordered')
FROM generate_series(1, {ROWS}) i;
INSERT INTO requisition_line (id, body, updated_at)
SELECT gen_random_uuid(), jsonb_build_object('sales_order_no', 'S-' || i, 'status', 'carried_out', 'worksheet',
    'DEFAULT', 'item_no', 'I-' || i % 100, 'sales_line_id', gen_random_uuid()), now()
FROM generate_series(1, {ROWS}) i;
INSERT INTO purchase_request (id, status, body, updated_at)
SELECT gen_random_uuid(), 'created', '{{"lines": []}}', now() FROM generate_series(1, {ROWS}) i;
INSERT INTO allocation SELECT gen_random_uuid(), 'S-' || i, 'I', '', 0, true FROM generate_series(1, {ROWS}) i;
INSERT INTO open_line SELECT gen_random_uuid(), 'sale', 'S-' || i, 10000, 'I-' || i % 1000, '', now(), 1
FROM generate_series(1, {ROWS}) i;
INSERT INTO master (kind, no, version, body, updated_at)
SELECT 'item', 'I-' || i, 1, '{{}}', now() FROM generate_series(1, {ROWS}) i;
INSERT INTO copy (kind, no, version, body, received_at)
SELECT 'vendor', 'V-' || i, 1, '{{}}', now() FROM generate_series(1, {ROWS}) i
"""
NOS = ["S-7", "S-19999"]
IDS = ["01930000-0000-7000-8000-000000000001"]
KEYS = '[{"kind": "item", "no": "I-1"}, {"kind": "vendor", "no": "V-1"}]'
STORED = {
    "demands": "[]",
    "lines": "[]",
    "request_ids": [],
    "requests": [],
    "opened": "[]",
    "closed": IDS,
    "orders": "[]",
    "now": None,
    "decided": '[{"id": "01930000-0000-7000-8000-000000000001", "status": "created", "purchase_order_no": "P-1"}]',
}

HOT: dict[str, tuple[Any, dict[str, Any], str]] = {
    "lock demand": (demand.LOCK, {"nos": NOS}, "demand_order"),
    "demand rows": (demand.LOAD_ROWS, {"nos": NOS}, "demand"),
    "live requisition lines": (demand.LOAD_LINES, {"nos": NOS}, "requisition_line"),
    "gettable": (
        demand.GETTABLE,
        {"sales_order_no": "", "customer_no": "", "limit": 10},
        "demand_order",
    ),
    "masters": (references.LOOK_UP, {"rows": KEYS}, "master"),
    "copies": (references.LOOK_UP, {"rows": KEYS}, "copy"),
    "what a batch decided": (demand.STORE, STORED, "purchase_request"),
    "closed lines": (demand.STORE, STORED, "open_line"),
    "changed demands": (demand.STORE, STORED, "demand_order"),
    "lines by id": (requisitions.LOCK_LINES, {"ids": IDS}, "requisition_line"),
    "accepted lines": (
        requisitions.ACCEPTED_LINES,
        {"worksheet": "DEFAULT", "limit": 10},
        "requisition_line",
    ),
    "allocations": (ledger.LOCK_ALLOCATIONS, {"nos": NOS}, "allocation"),
    "availability": (open_lines.SUM, {"item_no": "I-1", "location_code": "", "day": None}, "open_line"),
}


async def test_hot_statements_read_no_table_from_end_to_end(large: Rig) -> None:
    for name, (statement, params, table) in HOT.items():
        async with large.database.begin() as tx:
            rows = (await tx.conn.execute(text(f"EXPLAIN {statement.text}"), params)).all()
        plan = "\n".join(row[0] for row in rows)
        assert f"Seq Scan on {table}" not in plan, f"{name}: {plan}"
        assert name != "live requisition lines" or "requisition_line_of_order" in plan, plan


@pytest.fixture
async def large(rig: Rig) -> Rig:
    """Planning after twenty thousand orders."""
    async with rig.database.begin() as tx:
        for statement in FILL.split(";\n"):
            await tx.conn.execute(text(statement))
        await tx.conn.execute(text("ANALYZE"))
    return rig
