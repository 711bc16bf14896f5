"""What was asked for by requests to change lines that are being bought."""

from __future__ import annotations

from alembic import op

revision = "0017"
down_revision = "0016"

REQUESTS = """
CREATE TABLE change_request (
    id             uuid PRIMARY KEY,
    sales_order_no text NOT NULL,
    line_no        integer NOT NULL,
    body           json NOT NULL
);
CREATE INDEX change_request_line ON change_request (sales_order_no, line_no);
COMMENT ON TABLE change_request IS 'Requests to change lines that are being bought; their ends stand in operation.';
"""


def upgrade() -> None:
    op.execute(REQUESTS)


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead")
