"""Documents are stored as json: they are read whole and never searched, and json takes a third of the time."""

from __future__ import annotations

from alembic import op

from servicekit.schema import DDL_0002

revision = "0002"
down_revision = "0001"

DOCUMENTS = "ALTER TABLE customer_order ALTER COLUMN body TYPE json"


def upgrade() -> None:
    op.execute(DDL_0002)
    op.execute(DOCUMENTS)


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead")
