"""The tables of dynamic queries; all else is SQL beside its use."""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Date,
    DateTime,
    Integer,
    Numeric,
    String,
    Text,
    Uuid,
    column,
    table,
)

REQUISITION_LINES: Final = table(
    "requisition_line",
    column("id", Uuid),
    column("worksheet", String),
    column("status", String),
    column("item_no", String),
    column("vendor_no", String),
    column("sales_order_no", String),
    column("body", Text),
    column("created_at", DateTime(timezone=True)),
    column("updated_at", DateTime(timezone=True)),
)
ENTRIES: Final = table(
    "item_ledger_entry",
    column("entry_no", BigInteger),
    column("posting_id", Uuid),
    column("reversal", Boolean),
    column("entry_type", String),
    column("item_no", String),
    column("location_code", String),
    column("quantity", Numeric),
    column("posting_date", Date),
    column("document_no", String),
    column("sales_order_no", String),
    column("sales_order_line_no", Integer),
    column("purchase_order_no", String),
    column("purchase_order_line_no", Integer),
    column("reason", String),
    column("posted_at", DateTime(timezone=True)),
)
STOCK: Final = table(
    "stock",
    column("item_no", String),
    column("location_code", String),
    column("stock", Numeric),
    column("allocated", Numeric),
    column("reserved", Numeric),
    column("version", Integer),
    column("updated_at", DateTime(timezone=True)),
)
RESERVATIONS: Final = table(
    "reservation",
    column("id", Uuid),
    column("status", String),
    column("sales_order_no", String),
    column("purchase_order_no", String),
    column("item_no", String),
    column("location_code", String),
    column("body", Text),
    column("created_at", DateTime(timezone=True)),
    column("updated_at", DateTime(timezone=True)),
)
