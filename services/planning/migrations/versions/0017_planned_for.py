"""Requisition lines that a planning run writes for one sales line are found by its order, for order tracking."""

from __future__ import annotations

from alembic import op

revision = "0017"
down_revision = "0016"

INDEX = """
CREATE INDEX requisition_line_planned_for ON requisition_line ((body -> 'planned_for' ->> 'sales_order_no'))
    WHERE body -> 'planned_for' IS NOT NULL;
"""


def upgrade() -> None:
    op.execute(INDEX)


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead")
