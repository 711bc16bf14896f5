"""Workers say in the database that they live."""

from __future__ import annotations

from alembic import op

from servicekit.schema import DDL_0004

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.execute(DDL_0004)


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead")
