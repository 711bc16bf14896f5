"""A till's quote is made by sales, or was overtaken by the order that was made of it: one row says which (POS-57)."""

from __future__ import annotations

from alembic import op

revision = "0026"
down_revision = "0025"


def upgrade() -> None:
    op.execute("""
    CREATE TABLE till_quote_claim (
        confirmation_no text PRIMARY KEY,
        transaction_id uuid NOT NULL
    );
    COMMENT ON TABLE till_quote_claim IS
        'Which transaction came first: the quote itself, or the order that the till made of it';
    """)


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead")
