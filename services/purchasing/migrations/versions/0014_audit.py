"""The audit trail: who changed what of documents and settings, from now on."""

from __future__ import annotations

from alembic import op

from servicekit.schema import DDL_0005

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    op.execute(DDL_0005)


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead")
