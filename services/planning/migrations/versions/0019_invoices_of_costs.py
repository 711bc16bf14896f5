"""Which invoice an item's last direct cost is from: an older one that arrives later does not replace it."""

from __future__ import annotations

from alembic import op

revision = "0019"
down_revision = "0018"

TABLE = """
CREATE TABLE item_cost (
    item_no text PRIMARY KEY,
    posted_at timestamptz NOT NULL,
    invoice_no text NOT NULL
);
COMMENT ON TABLE item_cost IS 'The purchase invoice that was posted last for an item, of those that have arrived.';
"""


def upgrade() -> None:
    op.execute(TABLE)


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead")
