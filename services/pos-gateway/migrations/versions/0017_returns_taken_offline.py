"""Returns that tills took while they were offline wait until sales can be asked for them."""

from __future__ import annotations

from alembic import op

revision = "0017"
down_revision = "0016"

WAITING = """
CREATE INDEX till_act_waiting ON till_act (ask_at) WHERE status = 'waiting';
COMMENT ON TABLE till_act IS
    'Later transactions of tills. status: waiting (taken offline, not decided yet), submitting (sales is asked), '
    'queued (it travels with the order), done, failed (sales could not carry it out yet; of one that was taken '
    'offline: it breaks rules). after, ends_as: the order and its status once sales has answered; '
    'content: hash of the request. confirmation_no is empty for a return without an order.';
"""


def upgrade() -> None:
    op.execute(WAITING)


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead")
