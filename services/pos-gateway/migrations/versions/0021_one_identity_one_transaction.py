"""An identity belongs to one order or one act; a return under a taken one is kept beside its transaction."""

from __future__ import annotations

from alembic import op

revision = "0021"
down_revision = "0020"

IDENTITIES = """
CREATE TABLE till_identity (
    store_no      text NOT NULL,
    terminal_no   text NOT NULL,
    business_date date NOT NULL,
    sequence      bigint NOT NULL,
    PRIMARY KEY (store_no, terminal_no, business_date, sequence)
);
INSERT INTO till_identity
SELECT store_no, terminal_no, business_date, sequence FROM customer_order WHERE sequence IS NOT NULL
UNION
SELECT store_no, terminal_no, business_date, sequence FROM till_act;
COMMENT ON TABLE till_identity IS
    'The identities of all orders and acts: each is claimed once, also by an order and an act at the same moment.';
"""

BESIDE = """
ALTER TABLE till_act ALTER COLUMN sequence DROP NOT NULL;
CREATE UNIQUE INDEX till_act_beside ON till_act (store_no, terminal_no, business_date, content)
    WHERE sequence IS NULL;
COMMENT ON TABLE till_act IS
    'Later transactions of tills. status: waiting (taken offline, not decided yet), submitting (sales is asked), '
    'queued (it travels with the order), done, failed (sales could not carry it out yet; of one that was taken '
    'offline: it breaks rules). after, ends_as: the order and its status once sales has answered; '
    'content: hash of the request. confirmation_no is empty for a return without an order; sequence is null beside a '
    'transaction that has the identity.';
"""


def upgrade() -> None:
    op.execute(IDENTITIES)
    op.execute(BESIDE)


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead")
