"""What happened to sales and purchase orders, so that order tracking shows times and actors; from now on."""

from __future__ import annotations

from alembic import op

revision = "0009"
down_revision = "0008"

TIMELINE = """
CREATE TABLE timeline (
    kind text NOT NULL,
    no text NOT NULL,
    entry text NOT NULL,
    happened text NOT NULL,
    place int NOT NULL,
    at timestamptz NOT NULL,
    service text NOT NULL,
    document text NOT NULL,
    by text NOT NULL,
    detail text NOT NULL,
    PRIMARY KEY (kind, no, entry, happened)
);
COMMENT ON TABLE timeline IS 'What happened to a document (kind, no) in all services; each entry once.';
"""


def upgrade() -> None:
    op.execute(TIMELINE)


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead")
