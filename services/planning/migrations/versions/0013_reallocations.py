"""Goods that one special order gave to another: each is moved once between their allocations."""

from __future__ import annotations

from alembic import op

revision = "0013"
down_revision = "0012"

TABLE = """
CREATE TABLE reallocation (
    id            uuid PRIMARY KEY,
    from_line_id  uuid NOT NULL,
    to_line_id    uuid NOT NULL,
    item_no       text NOT NULL,
    location_code text NOT NULL,
    quantity      numeric NOT NULL CHECK (quantity > 0),
    posted_at     timestamptz NOT NULL
);
COMMENT ON TABLE reallocation IS
    'Allocated goods that a sales line gave to another, in base units; kept for ever: each moves them once.';
"""


def upgrade() -> None:
    op.execute(TABLE)


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead")
