"""Purchase invoices that are not posted yet."""

from __future__ import annotations

from alembic import op

revision = "0011"
down_revision = "0010"

DDL = """
CREATE TABLE purchase_invoice (
    no                text NOT NULL PRIMARY KEY,
    version           bigint NOT NULL,
    status            text NOT NULL CHECK (status IN ('open', 'posted')),
    vendor_no         text NOT NULL,
    sales_document_no text NOT NULL,
    deleted           boolean NOT NULL,
    body              json COMPRESSION lz4 NOT NULL,
    created_at        timestamptz NOT NULL,
    updated_at        timestamptz NOT NULL
);
COMMENT ON TABLE purchase_invoice IS 'Invoices before they are posted; posted and deleted ones stay.';
COMMENT ON COLUMN purchase_invoice.sales_document_no IS 'What it was made for; empty: nothing.';
CREATE INDEX purchase_invoice_by_time ON purchase_invoice (updated_at, no);
CREATE INDEX purchase_invoice_of_sale ON purchase_invoice (sales_document_no) WHERE sales_document_no <> '';
INSERT INTO number_series (code, prefix, next_no) VALUES ('purchase-invoice', 'PIV-', 1001);
"""


def upgrade() -> None:
    op.execute(DDL)


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead")
