"""The statements of the hot handlers use their indexes also when the tables are large."""

from __future__ import annotations

import pytest

from planning.store import demand, ledger, open_lines, references, requisitions, unit_of_work
from tests.integration.planning.rig import Planning
from tests.support.plans import indexes_of, read_whole

ROWS = 20_000
FILL = f"""
INSERT INTO demand_order (sales_order_no, updated_at) SELECT 'S-' || i, now() FROM generate_series(1, {ROWS}) i;
INSERT INTO demand (sales_line_id, generation, sales_order_no, state, body)
SELECT gen_random_uuid(), 1, 'S-' || i, 'ordered', '{{}}' FROM generate_series(1, {ROWS}) i;
INSERT INTO requisition_line (id, worksheet, status, action_message, item_no, vendor_no, sales_order_no,
    sales_line_id, body, created_at, updated_at)
SELECT gen_random_uuid(), 'DEFAULT', 'carried_out', 'new', 'I-' || i % 100, '', 'S-' || i, gen_random_uuid(), '{{}}',
    now(), now()
FROM generate_series(1, {ROWS}) i;
INSERT INTO purchase_request (id, body, updated_at)
SELECT gen_random_uuid(), '{{"lines": []}}', now() FROM generate_series(1, {ROWS}) i;
INSERT INTO allocation SELECT gen_random_uuid(), 'S-' || i, 'I', '', 0, true FROM generate_series(1, {ROWS}) i;
INSERT INTO open_line SELECT gen_random_uuid(), 'sale', 'S-' || i, 10000, 'I-' || i % 1000, '', now(), 1
FROM generate_series(1, {ROWS}) i;
INSERT INTO master (kind, no, version, body, created_at, updated_at)
SELECT 'item', 'I-' || i, 1, '{{}}', now(), now() FROM generate_series(1, {ROWS}) i;
INSERT INTO copy (kind, no, version, body, received_at)
SELECT 'vendor', 'V-' || i, 1, '{{}}', now() FROM generate_series(1, {ROWS}) i
"""
HOT = {
    "lock demand": demand.LOCK,
    "demand and live requisition lines": demand.LOAD_ROWS_AND_LINES,
    "gettable": demand.GETTABLE,
    "masters and copies": references.LOOK_UP,
    "what a batch decided": unit_of_work.STORE,
    "lines by id": requisitions.LOCK_LINES,
    "accepted lines": requisitions.ACCEPTED_LINES,
    "allocations": ledger.LOCK_ALLOCATIONS,
    "availability": open_lines.SUM,
}
SMALL = {"demand_order_gettable"}
"""Indexes of what is still to be done; they may be read from end to end."""


async def test_hot_statements_read_no_table_from_end_to_end(large: Planning) -> None:
    async with large.database.begin() as tx:
        read = {name: await read_whole(tx, statement) - SMALL for name, statement in HOT.items()}
        by = await indexes_of(tx, demand.LOAD_ROWS_AND_LINES)
    assert {name: found for name, found in read.items() if found} == {}
    assert "requisition_line_of_order" in by


@pytest.fixture
async def large(planning: Planning) -> Planning:
    """Planning after twenty thousand orders."""
    await planning.script(FILL)
    await planning.script("ANALYZE")
    return planning
