"""What is set up is master data as in all services: the table `master`, whose bodies carry their version."""

from __future__ import annotations

from alembic import op

revision = "0004"
down_revision = "0003"

MASTER = """
ALTER TABLE setting RENAME TO master;
ALTER INDEX setting_pkey RENAME TO master_pkey;
ALTER TABLE master ADD COLUMN deleted boolean NOT NULL DEFAULT false;
UPDATE master SET body = body || jsonb_build_object('version', version);
UPDATE master SET no = 'SETUP' WHERE kind = 'commerce-parameters' AND no = 'DEFAULT';
ALTER TABLE master ALTER COLUMN body TYPE json;
COMMENT ON TABLE master IS
    'Stores, functionality profiles, commerce parameters and workers: what an administrator has set up.';
"""


def upgrade() -> None:
    op.execute(MASTER)


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead")
