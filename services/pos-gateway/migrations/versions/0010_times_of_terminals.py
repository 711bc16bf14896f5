"""Terminals say when they were created; what is older counts as created when it last changed."""

from __future__ import annotations

from alembic import op

revision = "0010"
down_revision = "0009"

TERMINALS = """
ALTER TABLE terminal ADD COLUMN created_at timestamptz;
UPDATE terminal SET created_at = updated_at;
ALTER TABLE terminal ALTER COLUMN created_at SET NOT NULL;
"""


def upgrade() -> None:
    op.execute(TERMINALS)


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead")
