"""A timeline has a row for each event that tells of it, instead of one for each entry: half the work."""

from __future__ import annotations

from alembic import op

from servicekit.schema import TIMELINE_BY_EVENT

revision = "0025"
down_revision = "0024"


def upgrade() -> None:
    op.execute(TIMELINE_BY_EVENT)


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead")
