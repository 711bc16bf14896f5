"""What tills have sold and sales has not made a sales order of."""

from __future__ import annotations

from alembic import op

revision = "0020"
down_revision = "0019"

PLANNING = """
CREATE TABLE channel_demand (
    confirmation_no text PRIMARY KEY,
    line_ids        uuid[] NOT NULL,
    ended           boolean NOT NULL,
    updated_at      timestamptz NOT NULL
) WITH (fillfactor = 70);
COMMENT ON TABLE channel_demand IS
    'Orders of tills, whose lines are demand until the sales order comes; ended ones stay, so that none counts twice.';
ALTER TABLE open_line DROP CONSTRAINT open_line_source_check;
ALTER TABLE open_line ADD CONSTRAINT open_line_source_check CHECK (source IN ('sale', 'purchase', 'channel'));
CREATE INDEX channel_demand_age ON channel_demand (updated_at) WHERE ended;
"""


def upgrade() -> None:
    op.execute(PLANNING)


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead")
