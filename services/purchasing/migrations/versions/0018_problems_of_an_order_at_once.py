"""The noted problems of an order's lines are gathered once, not searched for each line of a list."""

from __future__ import annotations

from alembic import op

revision = "0018"
down_revision = "0017"

# OFFSET 0 keeps the planner from putting an expression in place of each use of it: it would be computed for each line.
VIEW = """
CREATE OR REPLACE VIEW purchase_line AS
SELECT o.no AS purchase_order_no,
       CAST(l.body ->> 'line_no' AS int) AS line_no,
       o.status,
       o.vendor_no,
       o.sell_to_customer_no,
       o.next_receipt_date,
       d.body ->> 'currency_code' AS currency_code,
       CAST(l.body ->> 'id' AS uuid) AS id,
       CAST(coalesce(l.body ->> 'confirmed_date', l.body ->> 'expected_receipt_date') AS date) AS expected,
       CAST(l.body ->> 'quantity' AS numeric) - r.received AS outstanding,
       l.body,
       l.body ->> 'item_no' AS item_no,
       d.body ->> 'vendor_name' AS vendor_name,
       CAST(d.body ->> 'order_date' AS date) AS order_date,
       o.received_not_invoiced,
       r.received - coalesce(CAST(l.body ->> 'quantity_invoiced' AS numeric), 0) AS not_invoiced,
       d.body ->> 'sent_at' IS NOT NULL AS sent,
       coalesce(l.body ->> 'confirmed_date', l.body ->> 'confirmed_quantity') IS NOT NULL AS confirmed,
       coalesce(l.body ->> 'refusal_reason', '') <> '' AS refused,
       d.problems -> (l.body ->> 'id') AS problem
FROM purchase_order o
CROSS JOIN LATERAL (
    SELECT CAST(o.body AS jsonb) AS body, (
        SELECT jsonb_object_agg(k.line_id, jsonb_build_array(k.problem_code, k.problem_detail))
        FROM purchase_link k
        WHERE k.purchase_order_no = o.no AND k.active AND k.problem_code <> '') AS problems
    OFFSET 0) d
CROSS JOIN LATERAL jsonb_array_elements(d.body -> 'lines') l (body)
CROSS JOIN LATERAL (
    SELECT coalesce(sum(CAST(p.body ->> 'quantity' AS numeric)), 0) AS received
    FROM jsonb_array_elements(l.body -> 'receipts') p (body)
    WHERE NOT coalesce(CAST(p.body ->> 'undone' AS boolean), false)
) r
WHERE NOT o.deleted AND NOT coalesce(CAST(l.body ->> 'deleted' AS boolean), false)
"""


def upgrade() -> None:
    op.execute(VIEW)


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead")
