"""An invoice or credit memo of several sales orders is found by each of them."""

from __future__ import annotations

from alembic import op

revision = "0024"
down_revision = "0023"

# The default is for rows that the last release writes while both run.
ORDERS = """
ALTER TABLE {table} ADD COLUMN sales_order_nos text[] NOT NULL DEFAULT '{{}}';
UPDATE {table} SET sales_order_nos = ARRAY(
    SELECT DISTINCT l ->> 'sales_order_no' FROM json_array_elements(body -> 'lines') l
    WHERE coalesce(l ->> 'sales_order_no', '') <> '' ORDER BY 1);
CREATE INDEX {table}_orders ON {table} USING gin (sales_order_nos);
"""


def upgrade() -> None:
    for table in ("posted_sales_invoice", "posted_sales_credit_memo"):
        op.execute(ORDERS.format(table=table))


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead")
