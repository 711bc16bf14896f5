"""A vendor's invoice number is posted once, in whatever case it is written, unless the setup allows it again."""

from __future__ import annotations

from alembic import op

revision = "0004"
down_revision = "0003"

# Numbers that differ by case alone were accepted before: the later ones stay, outside of the index.
REPEATABLE = """
ALTER TABLE posted_purchase_invoice ADD COLUMN repeatable boolean NOT NULL DEFAULT false;
UPDATE posted_purchase_invoice i SET repeatable = true
WHERE i.vendor_invoice_no <> '' AND EXISTS (
    SELECT FROM posted_purchase_invoice e
    WHERE e.vendor_no = i.vendor_no AND upper(e.vendor_invoice_no) = upper(i.vendor_invoice_no)
      AND (e.posted_at, e.no) < (i.posted_at, i.no));
DROP INDEX posted_purchase_invoice_once;
CREATE UNIQUE INDEX posted_purchase_invoice_once ON posted_purchase_invoice (vendor_no, upper(vendor_invoice_no))
    WHERE vendor_invoice_no <> '' AND NOT repeatable;
CREATE INDEX posted_purchase_invoice_vendors_no ON posted_purchase_invoice (vendor_no, upper(vendor_invoice_no))
    WHERE vendor_invoice_no <> '';
COMMENT ON COLUMN posted_purchase_invoice.repeatable IS 'The setup allowed the same vendor invoice number again.';
"""


def upgrade() -> None:
    op.execute(REPEATABLE)


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead")
