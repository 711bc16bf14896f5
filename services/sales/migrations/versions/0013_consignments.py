"""Shipments of several orders leave together under one consignment number."""

from __future__ import annotations

from alembic import op

revision = "0013"
down_revision = "0012"

SERIES = "INSERT INTO number_series (code, prefix, next_no) VALUES ('consignment', 'CN-', 1001)"


def upgrade() -> None:
    op.execute(SERIES)


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead")
