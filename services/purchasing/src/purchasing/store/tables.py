"""The tables of dynamic queries; all else is SQL beside its use."""

from __future__ import annotations

from typing import Final

from sqlalchemy import BigInteger, Boolean, Date, DateTime, Integer, String, Text, Uuid, column, table
from sqlalchemy.dialects.postgresql import ARRAY

ORDERS: Final = table(
    "purchase_order",
    column("no", String),
    column("version", BigInteger),
    column("status", String),
    column("vendor_no", String),
    column("sell_to_customer_no", String),
    column("next_receipt_date", Date),
    column("received_not_invoiced", Boolean),
    column("deleted", Boolean),
    column("body", Text),
    column("created_at", DateTime(timezone=True)),
    column("updated_at", DateTime(timezone=True)),
)
LINKS: Final = table(
    "purchase_link",
    column("sales_order_no", String),
    column("purchase_order_no", String),
    column("line_id", Uuid),
    column("active", Boolean),
    column("problem_code", String),
    column("problem_detail", String),
)
LINES: Final = table(
    "purchase_line",
    column("purchase_order_no", String),
    column("line_no", Integer),
    column("id", Uuid),
    column("status", String),
    column("vendor_no", String),
    column("sell_to_customer_no", String),
    column("next_receipt_date", Date),
    column("currency_code", String),
    column("expected", Date),
    column("outstanding", Integer),
    column("sent", Boolean),
    column("confirmed", Boolean),
    column("refused", Boolean),
    column("body", Text),
    column("item_no", String),
    column("received_not_invoiced", Boolean),
    column("not_invoiced", Integer),
    column("problem", Text),
)
EXCEPTIONS: Final = table(
    "purchase_exception",
    column("since", DateTime(timezone=True)),
    column("id", Uuid),
    column("code", String),
    column("detail", String),
    column("errors", Text),
    column("purchase_order_no", String),
    column("line_no", Integer),
    column("sales_order_no", String),
    column("purchase_request_id", Uuid),
)
RECEIPTS: Final = table(
    "posted_purchase_receipt",
    column("no", String),
    column("purchase_order_no", String),
    column("sales_order_nos", ARRAY(Text)),
    column("vendor_no", String),
    column("posting_date", Date),
    column("body", Text),
    column("posted_at", DateTime(timezone=True)),
    column("updated_at", DateTime(timezone=True)),
)
UNPOSTED_INVOICES: Final = table(
    "purchase_invoice",
    column("no", String),
    column("version", BigInteger),
    column("created_at", DateTime(timezone=True)),
    column("status", String),
    column("vendor_no", String),
    column("sales_document_no", String),
    column("deleted", Boolean),
    column("body", Text),
    column("updated_at", DateTime(timezone=True)),
)
INVOICES: Final = table(
    "posted_purchase_invoice",
    column("no", String),
    column("purchase_order_no", String),
    column("purchase_order_nos", ARRAY(Text)),
    column("vendor_no", String),
    column("vendor_invoice_no", String),
    column("posting_date", Date),
    column("body", Text),
    column("posted_at", DateTime(timezone=True)),
)
