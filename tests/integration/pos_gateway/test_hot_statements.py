"""The statements of every order find their rows by index, also when most orders are done."""

from __future__ import annotations

from sqlalchemy import text

from pos_gateway.store import acts, acts_due, changing, creation, orders, stages
from tests.integration.pos_gateway.shop import Gateway
from tests.support.plans import read_whole

DONE = text("""
WITH n AS (SELECT generate_series(1, 20000) AS n), o AS (
    INSERT INTO customer_order (confirmation_no, version, transaction_id, store_no, terminal_no, business_date,
                                sequence, content, customer_no, body, received_at)
    SELECT 'H-' || n, 1, gen_random_uuid(), 'S1', 'S1-1', '2026-01-01', n, '', 'C100', '{}', now() FROM n
)
INSERT INTO order_stage (confirmation_no, transaction_id, status, mode, store_no, carried_out, received_at, attempts,
                         updated_at)
SELECT 'H-' || n, gen_random_uuid(), 'synchronized', 'asynchronous', 'S1', false, now(), 0, now() FROM n
""")
ACTS = text("""
INSERT INTO till_act (act_id, confirmation_no, number, operation, store_no, terminal_no, business_date, sequence,
                      content, status, body, received_at)
SELECT gen_random_uuid(), 'H-' || n, 1, 'pickup', 'S1', 'S1-1', '2026-01-02', n, '', 'done', '{}', now()
FROM generate_series(1, 20000) AS n
""")
YOUNG = text("TRUNCATE order_stage, till_act")
"""Takes the statistics too: autovacuum may have counted the few rows of other tests."""
SMALL = {
    "till_act_in_progress",
    "till_act_due",
    "order_stage_pending",
    "order_stage_submitting",
    "configuration",
    "master",
    "master_pkey",
}
"""Indexes of orders that still have to go on, and tables of few rows; they may be read from end to end."""


async def test_hot_statements_read_no_table_from_end_to_end(gateway: Gateway) -> None:
    hot = (
        creation.BEGIN,
        stages.PULL,
        stages.BODIES,
        stages.FOLLOW,
        stages.ASK_AGAIN,
        orders.INSERT,
        orders.BY_IDENTITY,
        orders.BY_NUMBER,
        acts.BY_IDENTITY,
        acts_due.ASK_AGAIN,
        acts.FOLLOW,
        changing.LOCK,
        changing.LOCK_OLDER,
        changing.READ,
        changing.SAVE_ORDERS,
        changing.SAVE_STAGES,
    )
    async with gateway.database.begin() as tx:
        await tx.run(DONE)
        await tx.run(ACTS)
        await tx.run(text("ANALYZE till_act"))
        await tx.run(text("ANALYZE customer_order"))
        await tx.run(text("ANALYZE order_stage"))
        read = {str(statement): await read_whole(tx, statement) - SMALL for statement in hot}
    assert {f"{found} {statement}" for statement, found in read.items() if found} == set()


async def test_following_sales_finds_the_rows_of_its_batch_in_a_young_table(gateway: Gateway) -> None:
    """Without statistics a filter seems to leave one row; read first, the table would meet the batch once per row."""
    async with gateway.database.begin() as tx:
        await tx.run(text("ANALYZE order_stage, till_act"))
        await tx.run(YOUNG)
        assert await read_whole(tx, stages.FOLLOW) | await read_whole(tx, acts.FOLLOW) == set()
