"""Promises that sales has not decided yet."""

from __future__ import annotations

from alembic import op

revision = "0016"
down_revision = "0015"

PLANNING = """
CREATE TABLE order_promise (
    id             uuid PRIMARY KEY,
    sales_order_no text NOT NULL UNIQUE,
    body           json NOT NULL,
    created_at     timestamptz NOT NULL
);
COMMENT ON TABLE order_promise IS 'Promised dates that sales has not decided yet, one promise of an order at a time.';
"""


def upgrade() -> None:
    op.execute(PLANNING)


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead")
