"""Records say when they were created, and are listed by time of change."""

from __future__ import annotations

from alembic import op

revision = "0007"
down_revision = "0006"

# What is older counts as created when it last changed.
MASTERS = """
ALTER TABLE master ADD COLUMN created_at timestamptz;
UPDATE master SET created_at = updated_at;
ALTER TABLE master ALTER COLUMN created_at SET NOT NULL;
"""

INDEX = "CREATE INDEX master_updated ON master (kind, updated_at, no)"


def upgrade() -> None:
    op.execute(MASTERS)
    op.execute(INDEX)


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead")
