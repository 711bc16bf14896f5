"""What a till or a payment service does on cards."""

from __future__ import annotations

from alembic import op

revision = "0016"
down_revision = "0015"

INSTRUCTIONS = """
CREATE TABLE payment_instruction (
    id              uuid PRIMARY KEY,
    confirmation_no text NOT NULL,
    store_no        text NOT NULL,
    kind            text NOT NULL,
    number          int NOT NULL,
    attempt         int NOT NULL,
    method          text NOT NULL,
    amount          numeric NOT NULL,
    card_token      text NOT NULL,
    status          text NOT NULL,
    reference       text NOT NULL DEFAULT '',
    requested_at    timestamptz NOT NULL,
    confirmed_at    timestamptz,
    CONSTRAINT payment_instruction_once UNIQUE (confirmation_no, kind, number, attempt)
);
CREATE INDEX payment_instruction_requested ON payment_instruction (requested_at, id) WHERE status = 'requested';
CREATE INDEX payment_instruction_list ON payment_instruction (requested_at, id);
COMMENT ON TABLE payment_instruction IS
    'Captures and voids on cards. status: requested, executed, declined. number counts those of a kind on an order; '
    'attempt 2 is the same one again after the card was declined.';
"""


def upgrade() -> None:
    op.execute(INSTRUCTIONS)


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead")
