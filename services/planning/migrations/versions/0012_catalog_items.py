"""Catalog items: a vendor's number of an item is there once, and so is the number that the item will have."""

from __future__ import annotations

from alembic import op

revision = "0012"
down_revision = "0011"

CATALOG_ITEMS = """
CREATE UNIQUE INDEX master_catalog_item_of_vendor ON master ((body ->> 'vendor_no'), (body ->> 'vendor_item_no'))
    WHERE kind = 'catalog-item' AND NOT deleted;
CREATE UNIQUE INDEX master_catalog_item_no ON master ((body ->> 'item_no')) WHERE kind = 'catalog-item' AND NOT deleted;
INSERT INTO number_series (code, prefix, next_no) VALUES ('item', 'I-', 1001);
"""


def upgrade() -> None:
    op.execute(CATALOG_ITEMS)


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead")
