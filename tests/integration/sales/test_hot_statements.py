"""The statements that run for every order use their indexes also when the tables are large."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from eventkit.consumer import Batch, Change
from eventkit.context import Context
from sales.store import channel_transactions, order_locks, orders, references, sourcings
from sales.use_cases.follow_purchase_orders import follow_purchase_orders
from tests.integration.sales.rig import Sales
from tests.integration.sales.samples import SPECIAL, demand, purchase, purchase_line
from tests.support.plans import indexes_of, read_whole

ROWS = 20_000
FILL = f"""
INSERT INTO sales_order (no, version, status, customer_no, order_date, body, created_at, updated_at)
SELECT 'S-' || i, 2, 'released', 'C' || i % 100, now(), '{{}}', now(), now() FROM generate_series(1, {ROWS}) i;
INSERT INTO line_sourcing (sales_line_id, sales_order_no, special_order, state, revision, body, updated_at)
SELECT gen_random_uuid(), 'S-' || i, true, 'ordered', 1, '{{}}', now() FROM generate_series(1, {ROWS}) i;
INSERT INTO channel_transaction (transaction_id, confirmation_no, store_no, terminal_no, business_date, sequence,
                                 status, payload, context, next_attempt_at, received_at, updated_at)
SELECT gen_random_uuid(), 'CO-' || i, 'ST1', 'T1', now(), i, CASE WHEN i % 50 > 0 THEN 'succeeded' ELSE 'pulled' END,
       '{{}}', '{{}}', now(), now(), now() FROM generate_series(1, {ROWS}) i;
INSERT INTO master (kind, no, version, body, created_at, updated_at)
SELECT 'customer', 'C-' || i, 1, '{{}}', now(), now() FROM generate_series(1, {ROWS}) i;
INSERT INTO copy (kind, no, version, body, received_at)
SELECT 'item', 'I-' || i, 1, '{{}}', now() FROM generate_series(1, {ROWS}) i;
ANALYZE;
"""
HOT = {
    "orders with their lines' supply": order_locks.LOCK,
    "orders": orders.LOCK,
    "changed orders": orders.UPDATE,
    "masters and copies": references.LOAD,
    "supply by line": sourcings.LOCK,
    "learned of a line": sourcings.UPDATE,
    "transactions by id": channel_transactions.LOCK,
    "due transactions": channel_transactions.LOCK_DUE,
    "what became of transactions": channel_transactions.STORE,
    "other transactions of an identity": channel_transactions.IDENTITIES,
}
SMALL = {"synchronization"}
"""One row."""


@pytest.fixture
async def large(sales: Sales) -> Sales:
    """Sales after twenty thousand orders."""
    await sales.script(FILL)
    return sales


async def test_hot_statements_read_no_table_from_end_to_end(large: Sales) -> None:
    async with large.database.begin() as tx:
        read = {name: await read_whole(tx, statement) - SMALL for name, statement in HOT.items()}
        by = await indexes_of(tx, order_locks.LOCK)
        due = await indexes_of(tx, channel_transactions.LOCK_DUE)
    assert {name: found for name, found in read.items() if found} == {}
    assert "line_sourcing_order" in by
    assert due == {"channel_transaction_due"}, "the index that is in the order in which they are taken"


COUNT_UPDATES = text("""
SELECT pg_stat_get_xact_tuples_updated(c.oid) AS updated, pg_stat_get_xact_tuples_hot_updated(c.oid) AS hot
FROM pg_class c WHERE c.oid = 'line_sourcing'::regclass
""")


async def test_learning_more_of_a_line_touches_no_index(sales: Sales) -> None:
    order = await sales.released(SPECIAL)
    await sales.deliver(demand(order, 1, "requested"))
    kind, no, bought = purchase("P-1", 1, purchase_line(order))
    change = Change(kind=kind, no=no, version=1, new=bought, context=Context.new("tester"))
    async with sales.database.begin() as tx:
        # The counters are the connection's, and may still hold what it did in transactions before.
        ((updated, hot),) = await tx.all(COUNT_UPDATES)
        await follow_purchase_orders(tx, Batch([change]))
        (counted,) = await tx.all(COUNT_UPDATES)
    assert (counted.updated - updated, counted.hot - hot) == (1, 1)
