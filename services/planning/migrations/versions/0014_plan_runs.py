"""Planning runs that were asked for."""

from __future__ import annotations

from alembic import op

revision = "0014"
down_revision = "0013"

PLANNING = """
CREATE TABLE plan_run (
    id         uuid PRIMARY KEY,
    worksheet  text NOT NULL UNIQUE,
    body       json NOT NULL,
    created_at timestamptz NOT NULL
);
COMMENT ON TABLE plan_run IS 'Planning runs that have not ended, one per worksheet; their operations tell the outcome.';

CREATE INDEX requisition_line_of_plan ON requisition_line (worksheet)
    WHERE status = 'open' AND body ->> 'plan_id' IS NOT NULL;
"""


def upgrade() -> None:
    op.execute(PLANNING)


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead")
