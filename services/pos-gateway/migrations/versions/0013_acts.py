"""Acts of tills on orders, and what sales reports of lines, invoices and acts."""

from __future__ import annotations

from alembic import op

revision = "0013"
down_revision = "0012"

ACTS = """
CREATE TABLE till_act (
    act_id          uuid PRIMARY KEY,
    confirmation_no text NOT NULL,
    number          int NOT NULL,
    operation       text NOT NULL,
    store_no        text NOT NULL,
    terminal_no     text NOT NULL,
    business_date   date NOT NULL,
    sequence        bigint NOT NULL,
    receipt_no      text NOT NULL DEFAULT '',
    content         text NOT NULL,
    status          text NOT NULL,
    body            json NOT NULL,
    after           json,
    ends_as         text NOT NULL DEFAULT '',
    attempts        int NOT NULL DEFAULT 0,
    ask_at          timestamptz,
    received_at     timestamptz NOT NULL,
    CONSTRAINT act_identity UNIQUE (store_no, terminal_no, business_date, sequence)
);
CREATE UNIQUE INDEX till_act_number ON till_act (confirmation_no, number) WHERE confirmation_no <> '';
CREATE UNIQUE INDEX till_act_in_progress ON till_act (confirmation_no) WHERE status = 'submitting';
CREATE INDEX till_act_due ON till_act (ask_at) WHERE status = 'submitting';
CREATE INDEX till_act_receipt ON till_act (receipt_no) WHERE receipt_no <> '';
COMMENT ON TABLE till_act IS
    'Later transactions of tills. status: submitting (sales is asked), queued (it travels with the order), done, '
    'failed (sales could not carry it out yet). after, ends_as: the order and its status once sales has answered; '
    'content: hash of the request. confirmation_no is empty for a return without an order.';
"""

# `acted`: the order has acts, so its status follows from more than what sales says of the transaction.
STAGES = """
ALTER TABLE order_stage
    ADD COLUMN sales_quote_no text NOT NULL DEFAULT '',
    ADD COLUMN progress json,
    ADD COLUMN acted boolean NOT NULL DEFAULT false;
"""


def upgrade() -> None:
    op.execute(ACTS)
    op.execute(STAGES)


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead")
