"""The index of lines that are planned for a sale leaves the lines of sales orders out before it parses their bodies."""

from __future__ import annotations

from alembic import op

revision = "0023"
down_revision = "0022"

INDEX = """
DROP INDEX requisition_line_planned_for;
CREATE INDEX requisition_line_planned_for ON requisition_line ((body -> 'planned_for' ->> 'sales_order_no'))
    WHERE sales_order_no = '' AND body -> 'planned_for' IS NOT NULL;
"""


def upgrade() -> None:
    op.execute(INDEX)


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead")
