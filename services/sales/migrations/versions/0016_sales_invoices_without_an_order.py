"""Sales invoices without an order are documents too."""

from __future__ import annotations

from alembic import op

revision = "0016"
down_revision = "0015"

TYPES = """
ALTER TABLE sales_document DROP CONSTRAINT sales_document_type_check;
ALTER TABLE sales_document ADD CHECK (type IN ('sales-quote', 'sales-invoice', 'sales-return-order'));
INSERT INTO number_series (code, prefix, next_no) VALUES
    ('sales-invoice', 'SIV-', 1001), ('sales-return-order', 'SR-', 1001), ('posted-sales-credit-memo', 'SC-', 1001);
"""


def upgrade() -> None:
    op.execute(TYPES)


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead")
