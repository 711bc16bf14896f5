"""The statements of every order find their rows by index, also when most orders are done."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import TextClause, text

from eventkit.transaction import json_rows
from pos_gateway.store import orders, stages
from tests.integration.pos_gateway.shop import Gateway

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
MOVE = {
    "confirmation_no": "H-7",
    "transaction_id": "01930000-0000-7000-8000-000000000100",
    "version": 2,
    "status": "synchronized",
    "sales_order_no": "S-1",
    "customer_no": "",
    "errors": None,
}
IDENTITY = {"store_no": "S1", "terminal_no": "S1-1", "business_date": "2026-01-01", "sequence": 7}


@pytest.mark.parametrize(
    ("statement", "parameters"),
    [
        (stages.PULL, {"most": 500, "stores": None}),
        (stages.FOLLOW, {"rows": json_rows([MOVE]), "replaceable": ["pulled"]}),
        (stages.ASK_AGAIN, {"most": 50, "backoff_s": 2.0, "most_s": 60.0}),
        (orders.BY_IDENTITY, {"rows": json_rows([IDENTITY])}),
        (orders.BY_NUMBER, {"nos": ["H-7"]}),
    ],
)
async def test_a_hot_statement_scans_no_table(
    gateway: Gateway, statement: TextClause, parameters: dict[str, Any]
) -> None:
    async with gateway.database.begin() as tx:
        await tx.run(DONE)
        await tx.run(text("ANALYZE customer_order"))
        await tx.run(text("ANALYZE order_stage"))
        now = {"now": tx.now} if ":now" in str(statement) else {}
        plan = await tx.all(text(f"EXPLAIN {statement}"), **parameters, **now)

    lines = [row[0] for row in plan]
    assert not [x for x in lines if "Seq Scan on customer_order" in x or "Seq Scan on order_stage" in x], (
        "\n".join(lines)
    )
