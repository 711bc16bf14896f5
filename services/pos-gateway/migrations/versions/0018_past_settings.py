"""Settings of tills as they were: what a till took offline is judged by the version that it knew."""

from __future__ import annotations

from alembic import op

revision = "0018"
down_revision = "0017"

PAST_SETTINGS = """
CREATE TABLE setting_version (
    kind     text NOT NULL,
    no       text NOT NULL,
    since    bigint NOT NULL,
    until    bigint,
    body     json NOT NULL,
    ended_at timestamptz,
    PRIMARY KEY (kind, no, since)
);
CREATE INDEX setting_version_ended ON setting_version (ended_at) WHERE ended_at IS NOT NULL;
COMMENT ON TABLE setting_version IS
    'Stores, functionality profiles and commerce parameters by configuration version: each holds from version since to '
    'the one before until (null: it still holds).';
INSERT INTO setting_version (kind, no, since, body)
SELECT m.kind, m.no, c.version, m.body FROM master m, configuration c
WHERE m.kind IN ('store', 'functionality-profile', 'commerce-parameters') AND NOT m.deleted;
"""

KEPT_SINCE = """
ALTER TABLE configuration ADD COLUMN kept_since bigint NOT NULL DEFAULT 1;
UPDATE configuration SET kept_since = version;
COMMENT ON TABLE configuration IS
    'One row. revision counts every change of what is set up; version those that tills see; sign_offs ended sessions; '
    'kept_since: the oldest version whose settings are all kept.';
"""


def upgrade() -> None:
    op.execute(PAST_SETTINGS)
    op.execute(KEPT_SINCE)


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead")
