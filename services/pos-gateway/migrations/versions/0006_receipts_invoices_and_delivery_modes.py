"""Receipt numbers are unique per store; orders know their invoice and modes of delivery; workers keep what they may."""

from __future__ import annotations

from alembic import op

revision = "0006"
down_revision = "0005"

RECEIPTS = """
ALTER TABLE customer_order ADD COLUMN receipt_no text NOT NULL DEFAULT '';
UPDATE customer_order SET receipt_no = body ->> 'receipt_no' WHERE COALESCE(body ->> 'receipt_no', '') <> '';
CREATE UNIQUE INDEX customer_order_receipt ON customer_order (store_no, receipt_no) WHERE receipt_no <> '';
"""

INVOICES = "ALTER TABLE order_stage ADD COLUMN invoice_no text NOT NULL DEFAULT ''"

DELIVERY_MODES = """
ALTER TABLE order_stage ADD COLUMN ship_modes text[] NOT NULL DEFAULT '{}';
UPDATE order_stage s SET ship_modes = used.modes
FROM (
    SELECT o.confirmation_no, array_agg(DISTINCT l ->> 'delivery_mode') AS modes
    FROM customer_order o CROSS JOIN LATERAL json_array_elements(o.body -> 'lines') AS l
    WHERE l ->> 'mode' = 'ship' AND COALESCE(l ->> 'delivery_mode', '') <> ''
    GROUP BY o.confirmation_no
) AS used
WHERE s.confirmation_no = used.confirmation_no;
"""

# Until now whoever might create orders might also ship and pick up: that is asked for from here on.
PERMISSIONS = """
UPDATE master SET version = version + 1, updated_at = now(), body = CAST(
    CAST(body AS jsonb) || jsonb_build_object('version', version + 1, 'permissions', (
        SELECT jsonb_agg(DISTINCT permission) FROM jsonb_array_elements_text(
            CAST(body AS jsonb) -> 'permissions' || '["pickup_lines", "ship_lines"]') AS permission)) AS json)
WHERE kind = 'worker' AND CAST(body AS jsonb) -> 'permissions' ? 'create_order';
UPDATE configuration SET revision = revision + 1;
"""


def upgrade() -> None:
    op.execute(RECEIPTS)
    op.execute(INVOICES)
    op.execute(DELIVERY_MODES)
    op.execute(PERMISSIONS)


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead")
