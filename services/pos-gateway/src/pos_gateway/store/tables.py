"""The tables of dynamic queries; all else is SQL beside its use."""

from __future__ import annotations

from sqlalchemy import ARRAY, BigInteger, Boolean, Date, DateTime, Numeric, Text, Uuid, column, table

ORDER = table(
    "customer_order",
    column("confirmation_no", Text),
    column("version", BigInteger),
    column("store_no", Text),
    column("receipt_no", Text),
    column("content", Text),
    column("customer_no", Text),
    column("wanted_date", Date),
    column("body", Text),
    column("received_at", DateTime(timezone=True)),
)
STAGE = table(
    "order_stage",
    column("confirmation_no", Text),
    column("status", Text),
    column("attempts"),
    column("sales_order_no", Text),
    column("sales_quote_no", Text),
    column("customer_no", Text),
    column("till_customer", Uuid),
    column("carried_out", Boolean),
    column("ship_modes", ARRAY(Text)),
    column("invoice_no", Text),
    column("errors"),
    column("progress"),
    column("updated_at", DateTime(timezone=True)),
)
PICKUP = table("order_pickup", column("store_no", Text), column("confirmation_no", Text))
ACT = table("till_act", column("confirmation_no", Text), column("receipt_no", Text))
OFFLINE_ACT = table(
    "till_act",
    column("act_id", Uuid),
    column("confirmation_no", Text),
    column("store_no", Text),
    column("status", Text),
    column("body", Text),
    column("received_at", DateTime(timezone=True)),
)
INSTRUCTION = table(
    "payment_instruction",
    column("id", Uuid),
    column("confirmation_no", Text),
    column("store_no", Text),
    column("kind", Text),
    column("number"),
    column("attempt"),
    column("method", Text),
    column("amount", Numeric),
    column("card_token", Text),
    column("status", Text),
    column("reference", Text),
    column("requested_at", DateTime(timezone=True)),
    column("confirmed_at", DateTime(timezone=True)),
)
READY = table("ready_order", column("confirmation_no", Text))
COPY = table(
    "copy",
    column("kind", Text),
    column("no", Text),
    column("body"),
    column("received_at", DateTime(timezone=True)),
)
