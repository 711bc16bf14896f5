"""Returns that were taken offline are listed and repaired by persons."""

from __future__ import annotations

from alembic import op

revision = "0022"
down_revision = "0021"

REPAIRS = """
CREATE INDEX till_act_offline ON till_act (received_at, act_id) WHERE body ->> 'taken_offline' IS NOT NULL;
COMMENT ON TABLE till_act IS
    'Later transactions of tills. status: waiting (taken offline, not decided yet), submitting (sales is asked), '
    'queued (it travels with the order), done, failed (sales could not carry it out yet; of one that was taken '
    'offline: it breaks rules), editing (a person repairs it), void (given up). after, ends_as: the order and its '
    'status once sales has answered; content: hash of the request. confirmation_no is empty for a return without an '
    'order; sequence is null beside a transaction that has the identity.';
"""


def upgrade() -> None:
    op.execute(REPAIRS)


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead")
