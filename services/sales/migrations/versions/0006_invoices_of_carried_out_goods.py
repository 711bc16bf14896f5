"""What a till's customer carried out is invoiced with the order: the transaction names the invoice."""

from __future__ import annotations

from alembic import op

revision = "0006"
down_revision = "0005"

INVOICE_NO = "ALTER TABLE channel_transaction ADD COLUMN invoice_no text NOT NULL DEFAULT ''"


def upgrade() -> None:
    op.execute(INVOICE_NO)


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead")
