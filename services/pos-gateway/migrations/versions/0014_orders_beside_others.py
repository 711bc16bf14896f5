"""Orders that a till took offline under the identity of another order are kept beside it."""

from __future__ import annotations

from alembic import op

revision = "0014"
down_revision = "0013"

BESIDE = """
ALTER TABLE customer_order ALTER COLUMN sequence DROP NOT NULL;
CREATE UNIQUE INDEX customer_order_beside ON customer_order (store_no, terminal_no, business_date, content)
    WHERE sequence IS NULL;
COMMENT ON TABLE customer_order IS
    'What was agreed at the till. content: hash of the request, tells a repetition from another transaction '
    'under the same identity. sequence: null beside an order that has the identity or the receipt number.';
"""


def upgrade() -> None:
    op.execute(BESIDE)


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead")
