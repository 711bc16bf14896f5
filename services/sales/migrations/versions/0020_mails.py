"""Posted documents are mailed to customers."""

from __future__ import annotations

from alembic import op

from mailkit.schema import MAIL_0001

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    op.execute(MAIL_0001)


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead")
