"""An invoice for receipts of several purchase orders is found by each of them, and names none as its own."""

from __future__ import annotations

from alembic import op

revision = "0020"
down_revision = "0019"

# The default is for rows that the last release writes while both run.
ORDERS = """
ALTER TABLE posted_purchase_invoice ADD COLUMN purchase_order_nos text[] NOT NULL DEFAULT '{}';
UPDATE posted_purchase_invoice SET purchase_order_nos = ARRAY(
    SELECT DISTINCT l ->> 'purchase_order_no' FROM json_array_elements(body -> 'lines') l
    WHERE coalesce(l ->> 'purchase_order_no', '') <> '' ORDER BY 1);
UPDATE posted_purchase_invoice SET purchase_order_no = '' WHERE cardinality(purchase_order_nos) > 1;
CREATE INDEX posted_purchase_invoice_orders ON posted_purchase_invoice USING gin (purchase_order_nos);
"""


def upgrade() -> None:
    op.execute(ORDERS)


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead")
