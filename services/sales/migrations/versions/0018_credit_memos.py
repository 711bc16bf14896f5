"""Posted credit memos: what is given back of posted invoices."""

from __future__ import annotations

from alembic import op

revision = "0018"
down_revision = "0017"

CREDIT_MEMOS = """
CREATE TABLE posted_sales_credit_memo (
    no             text PRIMARY KEY,
    version        bigint NOT NULL,
    sales_order_no text NOT NULL,
    customer_no    text NOT NULL,
    posting_date   date NOT NULL,
    body           json COMPRESSION lz4 NOT NULL,
    created_at     timestamptz NOT NULL,
    updated_at     timestamptz NOT NULL
);
CREATE INDEX posted_sales_credit_memo_customer ON posted_sales_credit_memo (customer_no);
CREATE INDEX posted_sales_credit_memo_date ON posted_sales_credit_memo (posting_date);
CREATE INDEX posted_sales_credit_memo_order ON posted_sales_credit_memo (sales_order_no);
CREATE INDEX posted_sales_credit_memo_updated ON posted_sales_credit_memo (updated_at, no);
COMMENT ON TABLE posted_sales_credit_memo IS 'Credit memos: what is given back of posted invoices.';
"""


def upgrade() -> None:
    op.execute(CREDIT_MEMOS)


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead")
