"""Requests of planning can move a purchase line to another day."""

from __future__ import annotations

from alembic import op

revision = "0016"
down_revision = "0015"

OUTCOMES = """
ALTER TABLE purchase_request DROP CONSTRAINT purchase_request_outcome_check;
ALTER TABLE purchase_request ADD CONSTRAINT purchase_request_outcome_check
    CHECK (outcome IN ('created', 'skipped', 'refused', 'superseded', 'rescheduled'));
"""


def upgrade() -> None:
    op.execute(OUTCOMES)


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead")
