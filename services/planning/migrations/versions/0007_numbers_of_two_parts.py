"""Numbers of two parts are unambiguous: a slash or percent sign in the first part is written as %2F or %25."""

from __future__ import annotations

from alembic import op

revision = "0007"
down_revision = "0006"

RENAME = """
UPDATE {table} SET no = replace(replace(body ->> '{first}', '%', '%25'), '/', '%2F') || '/' || (body ->> '{second}')
WHERE kind = '{kind}' AND body IS NOT NULL AND body ->> '{first}' ~ '[/%]'
"""


def upgrade() -> None:
    op.execute(
        RENAME.format(table="master", kind="stockkeeping-unit", first="location_code", second="item_no")
    )
    op.execute(RENAME.format(table="copy", kind="item-vendor", first="vendor_no", second="item_no"))


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead")
