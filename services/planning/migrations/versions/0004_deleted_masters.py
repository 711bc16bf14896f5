"""Master data in all services has the same columns: a deleted record stays and is marked."""

from __future__ import annotations

from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.execute("ALTER TABLE master ADD COLUMN deleted boolean NOT NULL DEFAULT false")


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead")
