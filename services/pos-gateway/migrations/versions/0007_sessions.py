"""Sessions can be ended and terminals blocked; a new PIN has a version; wrong PINs bring pauses that grow."""

from __future__ import annotations

from alembic import op

revision = "0007"
down_revision = "0006"

SESSIONS = """
CREATE TABLE session (
    id uuid PRIMARY KEY,
    store_no text NOT NULL,
    terminal_no text NOT NULL,
    worker_id text NOT NULL,
    opened_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    ended_at timestamptz
);
COMMENT ON TABLE session IS
    'Workers signed on at terminals, until their tokens expire. ended_at: signed off before that.';
CREATE INDEX session_expiry ON session (expires_at);
CREATE INDEX session_ended ON session (expires_at) WHERE ended_at IS NOT NULL;
ALTER TABLE configuration ADD COLUMN sign_offs bigint NOT NULL DEFAULT 0;
COMMENT ON TABLE configuration IS
    'One row. revision counts every change of what is set up; version those that tills see; sign_offs ended sessions.';
ALTER TABLE terminal ADD COLUMN blocked boolean NOT NULL DEFAULT false;
COMMENT ON TABLE terminal IS
    'A till''s terminal belongs to one store. secret_hash: SHA-256 of a random secret. Its tokens name its version.';
ALTER TABLE worker_pin ADD COLUMN version bigint NOT NULL DEFAULT 1;
COMMENT ON TABLE worker_pin IS
    'argon2 hashes; kept apart so that reading a worker cannot show one. Sessions name the version that opened them.';
"""

TRIES = """
DELETE FROM sign_on_failure;
ALTER TABLE sign_on_failure ADD COLUMN paused_until timestamptz;
CREATE INDEX sign_on_failure_since ON sign_on_failure (since);
COMMENT ON TABLE sign_on_failure IS
    'Wrong PINs since the count began, of a terminal, of a worker, and of a worker at a terminal; kept for a day.';
"""


def upgrade() -> None:
    op.execute(SESSIONS)
    op.execute(TRIES)


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead")
