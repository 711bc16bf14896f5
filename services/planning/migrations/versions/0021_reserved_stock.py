"""Stock says how much of it is reserved, so that all who look at it see the same."""

from __future__ import annotations

from alembic import op

revision = "0021"
down_revision = "0020"

PLANNING = """
ALTER TABLE stock ADD COLUMN reserved numeric NOT NULL DEFAULT 0 CHECK (reserved >= 0);
COMMENT ON COLUMN stock.reserved IS 'Sum of the active reservations of this stock, changed in their transaction.';
UPDATE stock s SET reserved = r.quantity
FROM (SELECT item_no, location_code, sum(stock_quantity) AS quantity
      FROM reservation WHERE status = 'active' GROUP BY item_no, location_code) r
WHERE r.item_no = s.item_no AND r.location_code = s.location_code;
"""


def upgrade() -> None:
    op.execute(PLANNING)


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead")
