"""Sales may ask to give up what is bought for it: its requests have further outcomes."""

from __future__ import annotations

from alembic import op

revision = "0010"
down_revision = "0009"

OUTCOMES = """
ALTER TABLE posting_request DROP CONSTRAINT posting_request_outcome_check;
COMMENT ON TABLE posting_request IS 'Receipts and withdrawals that sales asked for: decided once, never deleted.';
"""


def upgrade() -> None:
    op.execute(OUTCOMES)


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead")
