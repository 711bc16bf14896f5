"""Orders with goods that the vendor has not invoiced are found by an index, and so are their lines."""

from __future__ import annotations

from alembic import op

revision = "0013"
down_revision = "0012"

# New columns of a view stand at its end: the view of exceptions, which reads this one, need not be made again.
NOT_INVOICED = """
ALTER TABLE purchase_order ADD COLUMN received_not_invoiced boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN purchase_order.received_not_invoiced IS 'Goods came that the vendor has not invoiced.';
CREATE INDEX purchase_order_received_not_invoiced ON purchase_order (no) WHERE received_not_invoiced;

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
       r.received - coalesce(CAST(l.body ->> 'quantity_invoiced' AS numeric), 0) AS not_invoiced
FROM purchase_order o
CROSS JOIN LATERAL (SELECT CAST(o.body AS jsonb) AS body OFFSET 0) d
CROSS JOIN LATERAL jsonb_array_elements(d.body -> 'lines') l (body)
CROSS JOIN LATERAL (
    SELECT coalesce(sum(CAST(p.body ->> 'quantity' AS numeric)), 0) AS received
    FROM jsonb_array_elements(l.body -> 'receipts') p (body)
    WHERE NOT coalesce(CAST(p.body ->> 'undone' AS boolean), false)
) r
WHERE NOT o.deleted AND NOT coalesce(CAST(l.body ->> 'deleted' AS boolean), false);

UPDATE purchase_order SET received_not_invoiced = true
WHERE status <> 'closed' AND no IN (SELECT purchase_order_no FROM purchase_line WHERE not_invoiced > 0);
"""


def upgrade() -> None:
    op.execute(NOT_INVOICED)


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead")
