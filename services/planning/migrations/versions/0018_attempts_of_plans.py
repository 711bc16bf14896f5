"""How often a planning run was begun."""

from __future__ import annotations

from alembic import op

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    op.execute("ALTER TABLE plan_run ADD COLUMN attempts int NOT NULL DEFAULT 0")


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead")
