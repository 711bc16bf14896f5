"""A posted receipt knows when it was last taken back, so that lists of what changed since show it."""

from __future__ import annotations

from alembic import op

revision = "0019"
down_revision = "0018"

# The default fills the rows that the last release writes while both run.
RECEIPTS = """
ALTER TABLE posted_purchase_receipt ADD updated_at timestamptz NOT NULL DEFAULT now();
UPDATE posted_purchase_receipt SET updated_at = posted_at;
CREATE INDEX posted_purchase_receipt_updated ON posted_purchase_receipt (updated_at, no);
"""


def upgrade() -> None:
    op.execute(RECEIPTS)


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead")
