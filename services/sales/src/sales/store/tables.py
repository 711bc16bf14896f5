"""The tables as lists query them; statements of acts are written out beside their repositories."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, Date, DateTime, Integer, MetaData, Numeric, Table, Text
from sqlalchemy.dialects.postgresql import ARRAY, UUID

METADATA = MetaData()

SALES_ORDER = Table(
    "sales_order",
    METADATA,
    Column("no", Text, primary_key=True),
    Column("version", BigInteger),
    Column("status", Text),
    Column("deleted", Boolean),
    Column("customer_no", Text),
    Column("external_document_no", Text),
    Column("confirmation_no", Text),
    Column("order_date", Date),
    Column("body", Text),
    Column("created_at", DateTime(timezone=True)),
    Column("updated_at", DateTime(timezone=True)),
)

SALES_DOCUMENT = Table(
    "sales_document",
    METADATA,
    Column("type", Text, primary_key=True),
    Column("no", Text, primary_key=True),
    Column("version", BigInteger),
    Column("status", Text),
    Column("deleted", Boolean),
    Column("customer_no", Text),
    Column("external_document_no", Text),
    Column("order_date", Date),
    Column("sales_order_no", Text),
    Column("body", Text),
    Column("created_at", DateTime(timezone=True)),
    Column("updated_at", DateTime(timezone=True)),
)

LINE_SOURCING = Table(
    "line_sourcing",
    METADATA,
    Column("sales_line_id", UUID(as_uuid=True), primary_key=True),
    Column("sales_order_no", Text),
    Column("state", Text),
    Column("vendor_no", Text),
    Column("granted", Numeric),
    Column("shipped", Numeric),
    Column("body", Text),
    Column("updated_at", DateTime(timezone=True)),
)


def _posted(name: str, *more: Column[Any]) -> Table:
    return Table(
        name,
        METADATA,
        Column("no", Text, primary_key=True),
        Column("sales_order_no", Text),
        Column("customer_no", Text),
        Column("posting_date", Date),
        Column("body", Text),
        Column("created_at", DateTime(timezone=True)),
        Column("updated_at", DateTime(timezone=True)),
        *more,
    )


POSTED_SALES_SHIPMENT = _posted("posted_sales_shipment")
POSTED_SALES_INVOICE = _posted("posted_sales_invoice", Column("sales_order_nos", ARRAY(Text)))
POSTED_SALES_CREDIT_MEMO = _posted("posted_sales_credit_memo", Column("sales_order_nos", ARRAY(Text)))

CHANNEL_TRANSACTION = Table(
    "channel_transaction",
    METADATA,
    Column("transaction_id", UUID(as_uuid=True), primary_key=True),
    Column("confirmation_no", Text),
    Column("store_no", Text),
    Column("status", Text),
    Column("version", BigInteger),
    Column("payload", Text),
    Column("sales_order_no", Text),
    Column("sales_quote_no", Text),
    Column("customer_no", Text),
    Column("invoice_no", Text),
    Column("acts", Text),
    Column("progress", Text),
    Column("hold_code", Text),
    Column("repaired", Boolean),
    Column("audit", Text),
    Column("fault_class", Text),
    Column("errors", Text),
    Column("attempts", Integer),
    Column("next_attempt_at", DateTime(timezone=True)),
    Column("received_at", DateTime(timezone=True)),
    Column("synchronized_at", DateTime(timezone=True)),
    Column("updated_at", DateTime(timezone=True)),
)


OPEN_SALES_LINE = Table(
    "open_sales_line",
    METADATA,
    Column("no", Text, primary_key=True),
    Column("line_no", Integer, primary_key=True),
    Column("status", Text),
    Column("customer_no", Text),
    Column("customer_name", Text),
    Column("location_code", Text),
    Column("line_body", Text),
    Column("sourcing_body", Text),
    Column("vendor_no", Text),
    Column("sourcing_state", Text),
    Column("shipment_date", Date),
    Column("outstanding", Numeric),
    Column("released_at", DateTime(timezone=True)),
    Column("ready_to_ship", Boolean),
    Column("date_at_risk", Boolean),
    Column("change_pending", Boolean),
)

COPY = Table(
    "copy",
    METADATA,
    Column("kind", Text, primary_key=True),
    Column("no", Text, primary_key=True),
    Column("body", Text),
)
