"""Approvals of managers."""

from __future__ import annotations

from alembic import op

revision = "0012"
down_revision = "0011"

APPROVALS = """
CREATE TABLE approval (
    id         uuid PRIMARY KEY,
    body       json NOT NULL,
    expires_at timestamptz NOT NULL,
    spent_on   uuid
);
CREATE INDEX approval_expiry ON approval (expires_at);
COMMENT ON TABLE approval IS
    'What managers approved, until it expires. spent_on: the id of the transaction that used it, once.';
"""


def upgrade() -> None:
    op.execute(APPROVALS)


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead")
