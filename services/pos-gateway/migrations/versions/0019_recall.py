"""Finding and opening orders needs a permission: workers keep what they could do until now."""

from __future__ import annotations

from alembic import op

revision = "0019"
down_revision = "0018"

PERMISSION = """
UPDATE master SET version = version + 1, updated_at = now(), body = CAST(
    CAST(body AS jsonb) || jsonb_build_object('version', version + 1, 'permissions',
        coalesce(CAST(body AS jsonb) -> 'permissions', '[]') || '["recall"]') AS json)
WHERE kind = 'worker' AND NOT coalesce(CAST(body AS jsonb) -> 'permissions' ? 'recall', false);
UPDATE configuration SET revision = revision + 1;
"""


def upgrade() -> None:
    op.execute(PERMISSION)


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead")
