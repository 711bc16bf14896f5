"""Sales documents beside the order: quotes have a table that further kinds of documents share."""

from __future__ import annotations

from alembic import op

revision = "0012"
down_revision = "0011"

DOCUMENTS = """
CREATE TABLE sales_document (
    type                 text NOT NULL,
    no                   text NOT NULL,
    version              bigint NOT NULL,
    status               text NOT NULL,
    deleted              boolean NOT NULL DEFAULT false,
    customer_no          text NOT NULL,
    external_document_no text NOT NULL DEFAULT '',
    order_date           date NOT NULL,
    sales_order_no       text NOT NULL DEFAULT '',
    body                 json COMPRESSION lz4 NOT NULL,
    created_at           timestamptz NOT NULL,
    updated_at           timestamptz NOT NULL,
    PRIMARY KEY (type, no),
    CHECK (type IN ('sales-quote'))
);
CREATE INDEX sales_document_customer ON sales_document (type, customer_no);
CREATE INDEX sales_document_updated ON sales_document (type, updated_at, no);
COMMENT ON TABLE sales_document IS 'Sales documents that are not orders; no physical deletes.';
INSERT INTO number_series (code, prefix, next_no) VALUES ('sales-quote', 'SQ-', 1001);
"""


def upgrade() -> None:
    op.execute(DOCUMENTS)


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead")
