"""From which purchase invoice an item has its last direct cost."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import text

from eventkit.transaction import Transaction, json_rows
from planning.domain.stock.purchase_invoices import LastCost

TAKE_NEWER = text("""
INSERT INTO item_cost AS c (item_no, posted_at, invoice_no)
SELECT item_no, posted_at, invoice_no
FROM json_to_recordset(CAST(:rows AS json)) AS r(item_no text, posted_at timestamptz, invoice_no text)
ORDER BY item_no
ON CONFLICT (item_no) DO UPDATE SET posted_at = excluded.posted_at, invoice_no = excluded.invoice_no
WHERE (c.posted_at, c.invoice_no) < (excluded.posted_at, excluded.invoice_no)
RETURNING item_no
""")


async def take_newer(tx: Transaction, costs: Collection[LastCost]) -> list[LastCost]:
    """Keep where these costs are from; those of older invoices than one that came before are left out."""
    if not costs:
        return []
    newer = {no for (no,) in await tx.all(TAKE_NEWER, rows=json_rows(costs))}
    return [cost for cost in costs if cost.item_no in newer]
