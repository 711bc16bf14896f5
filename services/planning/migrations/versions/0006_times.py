"""Records say when they were created, and are listed by time of change."""

from __future__ import annotations

from alembic import op

revision = "0006"
down_revision = "0005"

# What is older counts as created when it last changed.
MASTERS = """
ALTER TABLE master ADD COLUMN created_at timestamptz;
UPDATE master SET created_at = updated_at;
ALTER TABLE master ALTER COLUMN created_at SET NOT NULL;
"""

LINES = """
ALTER TABLE requisition_line ADD COLUMN created_at timestamptz;
UPDATE requisition_line SET created_at = updated_at;
ALTER TABLE requisition_line ALTER COLUMN created_at SET NOT NULL;
CREATE INDEX requisition_line_updated ON requisition_line USING brin (updated_at);
"""


def upgrade() -> None:
    op.execute(MASTERS)
    op.execute(LINES)


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead")
