"""Work lists know whether the vendor has the order, and has confirmed or refused a line."""

from __future__ import annotations

from alembic import op

revision = "0015"
down_revision = "0014"

# The columns are added at the end, so that the view is replaced and what reads it stays.
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
       coalesce(l.body ->> 'refusal_reason', '') <> '' AS refused
FROM purchase_order o
CROSS JOIN LATERAL (SELECT CAST(o.body AS jsonb) AS body OFFSET 0) d
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
