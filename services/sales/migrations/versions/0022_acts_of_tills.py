"""What tills do later with their orders, what sales reports of it, and repairs of transactions that failed."""

from __future__ import annotations

from alembic import op

revision = "0022"
down_revision = "0021"

# Defaults that are constants do not rewrite the table.
COLUMNS = """
ALTER TABLE channel_transaction
    ADD COLUMN sales_quote_no text NOT NULL DEFAULT '',
    ADD COLUMN acts json NOT NULL DEFAULT '[]',
    ADD COLUMN acts_open boolean NOT NULL DEFAULT false,
    ADD COLUMN progress json NOT NULL DEFAULT '{}',
    ADD COLUMN hold_code text NOT NULL DEFAULT '',
    ADD COLUMN repaired boolean NOT NULL DEFAULT false,
    ADD COLUMN audit json NOT NULL DEFAULT '[]'
"""
# Few rows have open acts: a job looks for them often.
DUE = """
CREATE INDEX channel_transaction_acts ON channel_transaction (transaction_id)
WHERE acts_open AND status = 'succeeded'
"""


def upgrade() -> None:
    op.execute(COLUMNS)
    op.execute(DUE)


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead")
