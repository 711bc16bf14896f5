"""Records say when they were created, and are listed by time of change."""

from __future__ import annotations

from alembic import op

revision = "0009"
down_revision = "0008"

# What is older counts as created when it last changed.
MASTERS = """
ALTER TABLE master ADD COLUMN created_at timestamptz;
UPDATE master SET created_at = updated_at;
ALTER TABLE master ALTER COLUMN created_at SET NOT NULL;
"""

POSTED = """
ALTER TABLE posted_sales_{kind} ADD COLUMN created_at timestamptz;
UPDATE posted_sales_{kind} SET created_at = updated_at;
ALTER TABLE posted_sales_{kind} ALTER COLUMN created_at SET NOT NULL;
CREATE INDEX posted_sales_{kind}_updated ON posted_sales_{kind} (updated_at, no);
"""

# Rows of channel_transaction are added in the order of time, and read by it rarely: a few pages of index are enough.
INDEXES = """
DROP INDEX master_updated;
CREATE INDEX master_updated ON master (kind, updated_at, no);
DROP INDEX sales_order_updated;
CREATE INDEX sales_order_updated ON sales_order (updated_at, no);
CREATE INDEX sales_order_date ON sales_order (order_date, no);
CREATE INDEX channel_transaction_updated ON channel_transaction USING brin (updated_at);
"""


def upgrade() -> None:
    op.execute(MASTERS)
    for kind in ("shipment", "invoice"):
        op.execute(POSTED.format(kind=kind))
    op.execute(INDEXES)


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead")
